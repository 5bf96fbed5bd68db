/**
 * `POST /oauth2/token`: the client credentials grant (RFC 6749 §4.4). A client is a key: it proves its secret and gets
 * an access token with its user's roles, or with those of them that it asks for. Unknown parameters are ignored, even
 * repeated (RFC 6749 §3.2; two `resource` are RFC 8707's).
 */

import type { Context } from 'hono'
import * as z from 'zod/mini'
import { parseKey } from '../domain/key.ts'
import { holds, ROLE_NAME } from '../domain/roles.ts'
import { LONGEST_SCOPE } from '../keys/access-token.ts'
import { checkKey, UNKNOWN } from '../keys/check.ts'
import { revokeIfExposed } from '../keys/revoke.ts'
import { noteSeen } from '../keys/seen.ts'
import { type Form, readForm } from './body.ts'
import { type Checks, type Http, inTime, issuerOf } from './context.ts'
import { clientCredentials } from './credential.ts'
import { countToken } from './rate-limit.ts'
import { EXPOSED, invalidClient, refusal, WRONG_CLIENT, whyBad } from './refusals.ts'

const ROLE = ROLE_NAME.source.slice(1, -1)

/** `clientCredentials` reads client_id and client_secret, or Basic instead. */
export const TokenForm = z.object({
  grant_type: z.literal('client_credentials'),
  scope: z.optional(z.string().check(z.regex(new RegExp(`^${ROLE}( ${ROLE})*$`)))),
  client_id: z.optional(z.string()),
  client_secret: z.optional(z.string()),
})

export const token =
  (service: Checks) =>
  async (c: Context<Http>): Promise<Response> => {
    const form = await readForm(c, TokenForm)
    if (typeof form === 'string') return refused(c, 'invalid_request', form)
    const client = clientCredentials(c.req.header('authorization'), form)
    if (client.by === 'both') return refused(c, 'invalid_request', client.why)
    if (client.by === 'none')
      return invalidClient(c, 'Send client_id and client_secret, in the form or by Basic.')
    // Garbage costs no read.
    const raw = client.raw !== null && parseKey(client.raw) !== null ? client.raw : null
    const verdict = raw === null ? UNKNOWN : await inTime(service, c, (by) => checkKey(by, raw))
    const here = { secure: c.env.secure, address: c.env.address }
    if (await revokeIfExposed(service, verdict, here)) return invalidClient(c, EXPOSED)
    if (verdict.state === 'unknown') return invalidClient(c, WRONG_CLIENT)
    const { key, generation, state } = verdict
    if (state !== 'active') return invalidClient(c, whyBad(state))
    await noteSeen(service, key, c.env.request)
    const limited = countToken(service, c, key)
    if (limited !== null) return limited

    // The parameters are judged last: an exposed key or a refused client matters more than a mistake in them.
    const { data } = TokenForm.safeParse(Object.fromEntries(form))
    if (data === undefined) return refused(c, ...mistakeIn(form))
    const roles = scopeOf(data.scope, key.roles)
    if (typeof roles === 'string') return refused(c, 'invalid_scope', roles)

    const issuer = issuerOf(c, service.env)
    const issued = await inTime(service, c, ({ accessTokens }) =>
      accessTokens.issue({ key, generation, roles, issuer }),
    )
    if (issued === null) return invalidClient(c, 'The key is expired.')
    c.header('Pragma', 'no-cache')
    return c.json({
      access_token: issued.token,
      token_type: 'Bearer',
      expires_in: issued.seconds,
      scope: roles.join(' '),
    })
  }

// ---------------------------------------------------------------------------------------------

/** The roles that the token is to carry. @returns what is wrong with them, as text, unless they are right. */
const scopeOf = (
  asked: string | undefined,
  held: readonly string[],
): readonly string[] | string => {
  const roles = asked === undefined ? held : [...new Set(asked.split(' '))]
  const lacking = roles.find((role) => !holds(held, role))
  if (lacking !== undefined) return `The key's user lacks the role ${lacking}.`
  if (roles.join(' ').length > LONGEST_SCOPE)
    return 'These are more roles than a token can carry: ask for some of them with `scope`.'
  return roles
}

/** RFC 6749 §5.2. */
type ErrorCode = 'invalid_request' | 'unsupported_grant_type' | 'invalid_scope'

const mistakeIn = (form: Form): [ErrorCode, string] => {
  const grant = form.get('grant_type')
  if (grant === undefined) return ['invalid_request', 'The parameter `grant_type` is missing.']
  return grant === 'client_credentials'
    ? ['invalid_scope', 'The parameter `scope` takes roles, separated by single spaces.']
    : ['unsupported_grant_type', 'The only grant here is client_credentials.']
}

const refused = (c: Context<Http>, error: ErrorCode, error_description: string): Response =>
  c.json(refusal(error, error_description), 400)
