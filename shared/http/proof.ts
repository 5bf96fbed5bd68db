/**
 * A request's credential: a key or an access token as Bearer (RFC 6750 §2.1), or a key's id and secret as client id
 * and client secret (RFC 6749 §2.3.1). The check says whether it is good.
 */

import { parseKey } from '../domain/key.ts'
import { LONGEST, looksLikeToken } from '../keys/access-token.ts'
import type { Presented } from '../keys/check.ts'
import { clientCredentials } from './client-credentials.ts'
import type { Checks } from './context.ts'
import type { Form } from './form.ts'
import { isBasic } from './refusals.ts'

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

// ---------------------------------------------------------------------------------------------

const NO_FORM: Form = new Map()
