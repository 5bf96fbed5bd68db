/**
 * How an OAuth client says who it is (RFC 6749 §2.3.1): by `Authorization: Basic`, or by parameters of the
 * form. A client is a key: `client_id` is its id, `client_secret` the 64 characters of its secret, or the
 * whole key. Nothing is proven here: what comes out is the text of a key, to be checked like any other.
 */
import type { Form } from './form.ts'

export type ClientCredentials =
  | { readonly by: 'none' }
  /** `raw`: the key's text; null where what was sent can't be one's. */
  | { readonly by: 'basic' | 'post'; readonly raw: string | null }
  /** A bad request: `why` says what contradicts what. */
  | { readonly by: 'both'; readonly why: string }

/** @param authorization the header. Other schemes than Basic aren't read, but with a secret in the form beside them a
 * request has two proofs, and may have one (RFC 6749 §2.3). */
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

// ---------------------------------------------------------------------------------------------

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
