/**
 * `/v1/forward-auth`: the question that a gateway asks before it lets a request through (nginx
 * `auth_request`, Caddy `forward_auth`, Traefik ForwardAuth, Envoy `ext_authz`). The request's own
 * Authorization is the visitor's; the gateway proves itself in a header of its own.
 */
import type { Context } from 'hono'
import * as z from 'zod/mini'
import { holds, ROLE_NAME } from '../domain/roles.ts'
import { type ActiveKey, authenticateAndCheck, Transport } from './authenticate-and-check.ts'
import { type Checks, type Http, inTime, issuerOf } from './context.ts'
import { isBasic, readToken, splitBasic } from './credential.ts'
import { readQuery } from './query.ts'
import {
  BASIC,
  BEARER,
  badRequest,
  forbidden,
  refusal,
  tokenFromElsewhere,
  unauthorized,
} from './refusals.ts'

export const ForwardAuthQuery = z.object({
  /** A role that the visitor must have. */
  scope: z.optional(z.string().check(z.regex(ROLE_NAME, 'takes the name of a role'))),
  /** On what the visitor came to the gateway. */
  transport: z.optional(Transport),
})

/** The header that authenticates the gateway: a Bearer key or access token of a user with role KEY_VALIDATE. */
export const GATEWAY_HEADER = 'Keyharbor-Authorization'

export const forwardAuth =
  (service: Checks) =>
  async (c: Context<Http>): Promise<Response> => {
    const query = readQuery(c, ForwardAuthQuery)
    if (typeof query === 'string') return badRequest(c, query)
    const { scope, transport = null } = query
    const header = c.req.header('authorization')
    const visitor = visitorOf(header)
    if (visitor === null) return unauthorized(c, null)
    const proof = c.req.header(GATEWAY_HEADER)
    const answers = await authenticateAndCheck(service, c, { proof, tokens: [visitor], transport })
    if (answers instanceof Response)
      return answers.status === 429 ? answers : gatewayRefused(c, answers)
    const [good = null] = answers.good
    if (good === null) return refuse(service, c, header, visitor)
    if (scope !== undefined && !holds(good.key.roles, scope))
      return forbidden(c, `The key's user lacks the role ${scope}.`)
    return letThrough(c, good)
  }

// ---------------------------------------------------------------------------------------------

/** The key or access token in a visitor's header: as Bearer, or, for browsers, as the password: whole, or
 * its secret with the id as name. */
const visitorOf = (header: string | undefined): string | null => {
  const [, scheme, value = ''] = /^(Bearer|Basic) +([^ ]+)$/i.exec(header ?? '') ?? []
  if (scheme === undefined) return null
  if (scheme.toLowerCase() === 'bearer') return value
  const { name = '', password = '' } = splitBasic(value) ?? {}
  return password.includes('-') ? password : `${name}-${password}`
}

/** Refuses a visitor. One whose token was signed for another address is told so, since they can mend that. */
const refuse = async (
  service: Checks,
  c: Context<Http>,
  header: string | undefined,
  visitor: string,
): Promise<Response> => {
  const issuer = issuerOf(c, service.env)
  const { why } = await inTime(service, c, (by) => readToken(by, issuer, visitor))
  return why === undefined || isBasic(header)
    ? unauthorized(c, 'The key is not valid.', challengeOf(header))
    : tokenFromElsewhere(c, why)
}

/**
 * Basic makes a browser ask for a password in a dialog of its own, for each page and script that is behind the
 * gateway, and send that password along from then on, whatever site the request comes from. So only visitors who sent
 * one are asked for it; a gateway that wants the first dialog asks by a header of its own.
 */
const challengeOf = (header: string | undefined): string => (isBasic(header) ? BASIC : BEARER)

/** For the upstream. A gateway must drop what the visitor sent under these names. */
const letThrough = (c: Context<Http>, good: ActiveKey): Response => {
  const { id, uid, username, roles } = good.key
  c.header('Keyharbor-Client', String(id))
  c.header('Keyharbor-Subject', String(uid))
  if (username !== null) c.header('Keyharbor-Username', username)
  c.header('Keyharbor-Scope', roles.join(' '))
  return c.body(null, 200)
}

/** Refuses the gateway. Not by 401, which gateways hand to the visitor, whose key it isn't about. */
const gatewayRefused = async (c: Context<Http>, why: Response): Promise<Response> => {
  const { error_description } = (await why.json()) as { error_description: string }
  c.header('WWW-Authenticate', undefined)
  c.header('Keyharbor-Error', 'gateway_unauthorized')
  const text = `The gateway's own key, in the header ${GATEWAY_HEADER}: ${error_description}`
  return c.json(refusal('gateway_unauthorized', text), 403)
}
