/**
 * What a request proves itself with: a key or an access token as Bearer (RFC 6750 §2.1), or a key's id and
 * secret as client id and client secret (RFC 6749 §2.3.1). Whether it is good, the check says.
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

/** What was shown as a key or a token. */
export type Shown = {
  /** Null for what can't be good. */
  readonly presented: Presented | null
  /** Of a token that we did sign: why it isn't good here. Only for who showed it. */
  readonly why?: string
}

/** Reads what a request proves itself with. @param form whose client_id and client_secret count, too. */
export const readProof = async (
  service: Checks,
  issuer: string,
  header: string | undefined,
  form: Form = NO_FORM,
): Promise<Proof> => {
  const client = clientCredentials(header, form)
  if (client.by === 'both') return client
  if (client.by !== 'none') {
    const tooLong = (header?.length ?? 0) > LONGEST_HEADER
    return { by: 'client', presented: tooLong || client.raw === null ? null : parseKey(client.raw) }
  }
  // A scheme alone, or with more behind it than one word, is tried all the same.
  if (isBasic(header)) return { by: 'client', presented: null }
  if (!/^Bearer( |$)/i.test(header ?? '')) return { by: 'none' }
  const [, token] = /^Bearer +([^ ]+)$/i.exec(header ?? '') ?? []
  if (token === undefined || (header?.length ?? 0) > LONGEST_HEADER)
    return { by: 'bearer', presented: null }
  return { by: 'bearer', ...(await readToken(service, issuer, token)) }
}

/**
 * Reads a key or an access token of ours, without reading the table. What has a wrong checksum, or a signature
 * that isn't ours, is nothing.
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
