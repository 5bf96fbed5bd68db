/**
 * A request's credential: a key or an access token as Bearer (RFC 6750 §2.1), or a key's id and secret as client id
 * and client secret (RFC 6749 §2.3.1). The check says whether it is good.
 */
import { parseKey } from '../domain/key.ts'
import { LONGEST, looksLikeToken } from '../keys/access-token.ts'
import type { Presented } from '../keys/check.ts'
import type { Form } from './body.ts'
import type { Checks } from './context.ts'

/** The longest header that is looked at: an access token of many roles. */
const LONGEST_HEADER = 'Bearer '.length + LONGEST

export type Proof =
  | { readonly by: 'none' }
  /** A bad request: `why` says what contradicts what. */
  | { readonly by: 'both'; readonly why: string }
  | (Shown & { readonly by: 'bearer' | 'client' })

/** A text that was presented as a key or a token. */
export type Shown = {
  /** Null for a text that can't be good. */
  readonly presented: Presented | null
  /** Why a token that we signed isn't good here. Only for its holder. */
  readonly why?: string
}

/** Reads a request's credential. @param form may have client_id and client_secret. */
export const readProof = async (
  service: Checks,
  issuer: string,
  header = '',
  form: Form = NO_FORM,
): Promise<Proof> => {
  const client = clientCredentials(header, form)
  if (client.by === 'both') return client
  if (client.by !== 'none') {
    const tooLong = header.length > LONGEST_HEADER
    return { by: 'client', presented: tooLong ? null : parseKey(client.raw ?? '') }
  }
  // A malformed header of a known scheme is a failed proof, not a missing one.
  if (isBasic(header)) return { by: 'client', presented: null }
  if (!/^Bearer( |$)/i.test(header)) return { by: 'none' }
  const [, token] = /^Bearer +([^ ]+)$/i.exec(header) ?? []
  if (token === undefined || header.length > LONGEST_HEADER)
    return { by: 'bearer', presented: null }
  return { by: 'bearer', ...(await readToken(service, issuer, token)) }
}

/**
 * Parses a key, or verifies an access token of ours, without reading the table. Gives null for a wrong checksum or
 * signature.
 */
export const readToken = async (service: Checks, issuer: string, text: string): Promise<Shown> => {
  if (!looksLikeToken(text)) return { presented: parseKey(text) }
  const verdict = await service.accessTokens.verify(text, issuer)
  if (verdict.state === 'active') return { presented: verdict.claims }
  if (verdict.state !== 'elsewhere') return { presented: null }
  return {
    presented: null,
    why: `The access token is from ${verdict.issuer}, and this is ${issuer}: use the address that issued it.`,
  }
}

export type ClientCredentials =
  | { readonly by: 'none' }
  /** `raw`: the key's text; null where what was sent can't be one's. */
  | { readonly by: 'basic' | 'post'; readonly raw: string | null }
  /** A bad request: `why` says what contradicts what. */
  | { readonly by: 'both'; readonly why: string }

/**
 * How an OAuth client says who it is: by `Authorization: Basic`, or by parameters of the form. A client is a key: its id
 * and the 64 characters of its secret, or the whole key. Nothing is proven here.
 * @param authorization the header. Other schemes than Basic aren't read, but with a secret in the form beside them a
 * request has two proofs, and may have one (RFC 6749 §2.3).
 */
export const clientCredentials = (
  authorization: string | undefined,
  form: Form,
): ClientCredentials => {
  const [, basic] = /^Basic +(.*)$/i.exec(authorization ?? '') ?? []
  const id = form.get('client_id')
  const secret = form.get('client_secret')
  if (basic === undefined) {
    if (secret === undefined) return { by: 'none' }
    if (authorization) return { by: 'both', why: TWICE }
    return { by: 'post', raw: id === undefined ? null : rawOf(id, secret) }
  }
  if (secret !== undefined) return { by: 'both', why: TWICE }
  const client = parseBasic(basic)
  // Some libraries repeat the id; a different one is a mistake.
  if (id !== undefined && id !== client?.id)
    return { by: 'both', why: 'client_id is another one than in the header Authorization.' }
  return { by: 'basic', raw: client && rawOf(client.id, client.secret) }
}

/** Name and password of the Basic scheme as a visitor's browser sends them (RFC 7617), or null. */
export const splitBasic = (credentials: string): { name: string; password: string } | null => {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(credentials)) return null
  const text = Buffer.from(credentials, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? null : { name: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** Whether a header tries Basic, however badly. */
export const isBasic = (header = ''): boolean => /^Basic( |$)/i.test(header)

// ---------------------------------------------------------------------------------------------

const NO_FORM: Form = new Map()

const TWICE =
  'Prove yourself once: by the header Authorization, or by client_id and client_secret in the form.'

/** The secret may be the whole key, for clients that have it in one setting. */
const rawOf = (id: string, secret: string): string =>
  secret.startsWith(`${id}-`) ? secret : `${id}-${secret}`

/** Both parts are form-encoded before they go into Basic: that is OAuth's own (RFC 6749 §2.3.1). */
const parseBasic = (credentials: string): { id: string; secret: string } | null => {
  try {
    const pair = splitBasic(credentials)
    return pair && { id: decode(pair.name), secret: decode(pair.password) }
  } catch {
    return null
  }
}

const decode = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '))
