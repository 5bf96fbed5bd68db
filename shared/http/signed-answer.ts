/** Answers of introspection as a signed JWT (RFC 9701), for callers that must prove later what they were told. */
import type { Context } from 'hono'
import { accepts } from 'hono/accepts'
import type { Checks, Http } from './context.ts'
import { issuerOf } from './issuer.ts'

export const SIGNED_TYPE = 'application/token-introspection+jwt'

/**
 * The answer in the form that the caller prefers: signed where `Accept` says so by name, else plain JSON.
 * @param body the introspection response (RFC 7662 §2.2).
 * @param aud client id of the caller, whom the answer is for.
 */
export const answerAs = async (
  c: Context<Http>,
  { signing, env, now }: Pick<Checks, 'signing' | 'env' | 'now'>,
  body: Readonly<Record<string, unknown>>,
  aud: string,
): Promise<Response> => {
  if (accepts(c, CHOICE) !== SIGNED_TYPE) {
    const text = JSON.stringify(body)
    return c.env.respond?.(text, PLAIN) ?? c.body(text, 200, PLAIN)
  }
  // No `sub` and `exp` of its own: it must not pass for an access token (RFC 9701 §5).
  const iat = Math.floor(now() / 1000)
  const claims = { iss: issuerOf(c, env), aud, iat, token_introspection: body }
  const token = await signing.sign(claims, 'token-introspection+jwt')
  return c.body(token, 200, { 'Content-Type': SIGNED_TYPE })
}

// ---------------------------------------------------------------------------------------------

/** All headers of a plain answer, by names in lower case. */
const PLAIN = { 'cache-control': 'no-store', 'content-type': 'application/json' }

/** JSON first: it is what any wildcard means. */
const CHOICE = {
  header: 'Accept' as const,
  supports: ['application/json', SIGNED_TYPE],
  default: 'application/json',
}
