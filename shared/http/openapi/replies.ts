/** Answers that several routes have in common. */
import { Refusal } from './answers.ts'
import type { HeaderName } from './headers.ts'
import type { Schema } from './schemas.ts'

export type Body = { readonly type: MediaType; readonly schema: Schema; readonly example: unknown }

export type Reply = {
  readonly description: string
  readonly headers?: readonly HeaderName[]
  /** Of those above, the ones that aren't always there. */
  readonly maybe?: readonly HeaderName[]
  readonly content?: readonly Body[]
  /** The only values of `error` in this reply. */
  readonly errors?: readonly string[]
}

export type MediaType =
  | 'application/json'
  | 'application/jwk-set+json'
  | 'application/token-introspection+jwt'
  | 'application/x-www-form-urlencoded'

type Options = { readonly headers?: readonly HeaderName[]; readonly maybe?: readonly HeaderName[] }

/** @param errors the codes that it has; the first is the example's. @param text the example's words. */
export const refused = (
  description: string,
  errors: readonly [string, ...string[]],
  text: string | null,
  options: Options = {},
): Reply => ({
  description,
  errors,
  ...options,
  content: [
    {
      type: 'application/json',
      schema: Refusal,
      example: { error: errors[0], ...(text !== null && { error_description: text }) },
    },
  ],
})

export const REPLIES = {
  BadRequest: refused(
    'The request is not as it must be; the text says what.',
    ['invalid_request'],
    'The parameter `token` is missing.',
  ),
  NotProven: refused(
    'The caller’s key or token is missing, wrong, expired or revoked, or it came over plain http. `invalid_client` is for who tried Basic, or nothing.',
    ['invalid_token', 'invalid_client'],
    'The key is not valid, or the access token has expired.',
    { headers: ['WWW-Authenticate'] },
  ),
  RoleMissing: refused(
    'The caller is proven, and may not ask: it lacks the role KEY_VALIDATE.',
    ['insufficient_scope'],
    "The key's user lacks the role KEY_VALIDATE.",
    { headers: ['WWW-Authenticate'] },
  ),
  TooLarge: refused(
    'The body is larger than any route takes.',
    ['invalid_request'],
    'The request is too large.',
  ),
  Limited: refused(
    'The device or its tenant has used up its checks. This says nothing of any key.',
    ['rate_limited'],
    'This device has used up its checks. Ask again in 2 seconds.',
    { headers: ['Retry-After', 'RateLimit', 'RateLimit-Policy'] },
  ),
  Broken: refused(
    'A defect of the service, whose operator finds the reference in the log; or, `outcome_unknown`, a key was to be ended and nobody can say whether it was.',
    ['server_error', 'outcome_unknown'],
    'Internal error, reference 00000000-0000-0000-0000-000000000000',
  ),
  Unavailable: refused(
    'The service could not reach what it needs in time. Ask again; this says nothing of any key.',
    ['temporarily_unavailable'],
    'Temporarily unavailable',
    { headers: ['Retry-After'] },
  ),
} satisfies Record<string, Reply>

export type ReplyName = keyof typeof REPLIES

/** What any route may answer that reads the table. */
export const FAILURES = { 500: 'Broken', 503: 'Unavailable' } as const
