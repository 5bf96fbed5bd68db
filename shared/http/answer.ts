/**
 * What is said of a key (RFC 7662 §2.2): everything of a good one, and nothing of any other. As plain JSON, or as a signed
 * JWT (RFC 9701), for callers that must prove later what they were told.
 */
import type { Context } from 'hono'
import { accepts } from 'hono/accepts'
import { keyEnd } from '../keys/rules.ts'
import type { ActiveKey } from './authenticate-and-check.ts'
import { type Checks, type Http, inTime, issuerOf } from './context.ts'

export type Answer =
  | { readonly active: false }
  | {
      readonly active: true
      /** The key's id. */
      readonly client_id: string
      /** Number of the key's user. */
      readonly sub: string
      readonly username: string | null
      readonly scope: string
      readonly token_type: 'Bearer'
      /** Seconds since the epoch: when the secret or the token was made, and when it ends. */
      readonly iat: number
      readonly exp?: number
    }

export const answerOf = (good: ActiveKey | null): Answer =>
  good === null ? INACTIVE : active(good)

export const SIGNED_TYPE = 'application/token-introspection+jwt'

/**
 * The answer in the form that the caller prefers: signed where `Accept` says so by name, else plain JSON.
 * @param body the introspection response (RFC 7662 §2.2).
 * @param aud client id of the caller, whom the answer is for.
 */
export const answerAs = async (
  c: Context<Http>,
  service: Checks,
  body: Readonly<Record<string, unknown>>,
  aud: string,
): Promise<Response> => {
  if (accepts(c, CHOICE) !== SIGNED_TYPE) {
    const text = JSON.stringify(body)
    return c.env.respond?.(text, { ...PLAIN, ...c.var.limits }) ?? c.body(text, 200, PLAIN)
  }
  // No `sub` and `exp` of its own: it must not pass for an access token (RFC 9701 §5).
  const iat = Math.floor(service.now() / 1000)
  const claims = { iss: issuerOf(c, service.env), aud, iat, token_introspection: body }
  const token = await inTime(service, c, ({ signing }) =>
    signing.sign(claims, 'token-introspection+jwt'),
  )
  return c.body(token, 200, { 'Content-Type': SIGNED_TYPE })
}

// ---------------------------------------------------------------------------------------------

const INACTIVE: Answer = { active: false }

const active = (good: ActiveKey): Answer => {
  const { key, generation, token } = good
  // Which secret was presented: the former one of a reset ends with its grace.
  const former = key.former?.generation === generation ? key.former : null
  const { issuedAt } = token ?? former ?? key.secret
  const ends = Math.min(keyEnd(key, generation), token?.expires ?? Infinity)
  return {
    active: true,
    client_id: String(key.id),
    sub: String(key.uid),
    username: key.username,
    scope: key.roles.join(' '),
    token_type: 'Bearer',
    iat: seconds(issuedAt),
    ...(ends !== Infinity && { exp: seconds(ends) }),
  }
}

const seconds = (ms: number): number => Math.floor(ms / 1000)

/** Headers of a plain answer, by names in lower case. */
const PLAIN = { 'cache-control': 'no-store', 'content-type': 'application/json' }

/** JSON first: it is what any wildcard means. */
const CHOICE = {
  header: 'Accept' as const,
  supports: ['application/json', SIGNED_TYPE],
  default: 'application/json',
}
