/**
 * What a request proves itself with: a key or an access token as Bearer (RFC 6750 §2.1), or a key's id and
 * secret as client id and client secret (RFC 6749 §2.3.1). Whether it is good, the check says.
 */
import { LONGEST, looksLikeToken } from '../keys/access-token.ts'
import type { Presented } from '../keys/check.ts'
import { parseKey } from '../keys/key.ts'
import type { Checks } from '../service.ts'
import { clientCredentials } from './client-credentials.ts'

/** The longest header that is looked at: an access token of many roles. */
const LONGEST_HEADER = 'Bearer '.length + LONGEST

/** Reads what was presented in a header. @returns undefined without any that we know, null for what can't be good. */
export const readProof = async (
  service: Checks,
  issuer: string,
  header: string | undefined,
): Promise<Presented | null | undefined> => {
  if (header === undefined) return undefined
  if (header.length > LONGEST_HEADER) return null
  const [, token] = /^Bearer +([^ ]+)$/i.exec(header) ?? []
  if (token !== undefined) return readToken(service, issuer, token)
  const client = clientCredentials(header, NO_FORM)
  // A scheme alone, or with more behind it than one word, is tried all the same.
  if (client.by !== 'basic') return /^(Bearer|Basic)( |$)/i.test(header) ? null : undefined
  return client.raw === null ? null : parseKey(client.raw)
}

/**
 * Reads a key or an access token of ours, without reading the table. What has a wrong checksum, or a signature
 * that isn't ours, is null.
 */
export const readToken = async (
  service: Checks,
  issuer: string,
  text: string,
): Promise<Presented | null> => {
  if (!looksLikeToken(text)) return parseKey(text)
  const verdict = await service.accessTokens.verify(text, issuer)
  return verdict.state === 'active' ? verdict.claims : null
}

// ---------------------------------------------------------------------------------------------

const NO_FORM = new Map<string, string>()
