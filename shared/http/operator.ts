/** The operator's API: tenants. Its callers carry an access token of the operator's own issuer
 * (`operator-token.ts`), with the scope that the route wants. */

import { type Context, Hono } from 'hono'
import * as z from 'zod'
import { LAST_TENANT } from '../domain/key.ts'
import { SLUG } from '../domain/names.ts'
import { NewUsername } from '../domain/schema.ts'
import { Secret } from '../domain/secret.ts'
import { byProof } from '../store/audit.ts'
import { type Done, doOnce, type Once } from '../store/once.ts'
import type { Tenant } from '../store/tenants.ts'
import { createTenant, suspendTenant } from '../tenants/commands.ts'
import { readJson } from './body.ts'
import { type Checks, type Http, issuerOf } from './context.ts'
import type { Tenant as ShownTenant } from './openapi/answers.ts'
import { createOperatorTokens } from './operator-token.ts'
import { BEARER, badRequest, forbidden, refusal, unauthorized } from './refusals.ts'

export const NewAdmin = z.strictObject({
  username: NewUsername.default('admin'),
  full_name: z.string().min(1).max(255).default('Administrator'),
  password: z.string().min(8).max(1024).optional(),
})

export const NewTenant = z.strictObject({
  /** First label of the tenant's host, and what a password login has behind the `@`. */
  slug: z.string().regex(SLUG, {
    message: 'takes a-z, 0-9 and "-" inside, 63 at the most, and begins with a letter',
  }),
  name: z.string().min(1).max(200).optional(),
  admin: NewAdmin.prefault({}),
})

/** Which tenant is meant. */
export const TenantId = z.strictObject({ id: z.int().min(1).max(LAST_TENANT) })

export const operator = (service: Checks) => {
  const { env, now } = service
  const app = new Hono<Http>()
  const url = env.KEYHARBOR_OPERATOR_JWKS_URL
  if (url === undefined) return app
  const check = createOperatorTokens({ env, now, jwksUrl: url })

  /** @returns the operator's name, or the refusal. */
  const authorize = async (c: Context<Http>, scope: string): Promise<string | Response> => {
    if (!c.env.secure && !env.KEYHARBOR_ALLOW_INSECURE)
      return badRequest(c, 'This API takes https only.')
    const [, token] = /^Bearer ([^ ]+)$/i.exec(c.req.header('authorization') ?? '') ?? []
    if (token === undefined) {
      // RFC 6750 §3.1: without credentials no error code is given.
      c.header('WWW-Authenticate', BEARER)
      return c.json(refusal('invalid_token', 'Send an operator token as Bearer token.'), 401)
    }
    const operator = await check(token, issuerOf(c, env))
    if (typeof operator === 'string') return unauthorized(c, operator)
    if (operator.scopes.includes(scope)) return operator.name
    return forbidden(c, `The token lacks the scope ${scope}.`)
  }

  app.get('/', async (c) => {
    const who = await authorize(c, 'tenants:read')
    if (typeof who !== 'string') return who
    const tenants: object[] = []
    for await (const tenant of service.tenants.all()) tenants.push(shown(tenant))
    return c.json({ tenants })
  })

  app.post('/', async (c) => {
    const who = await authorize(c, 'tenants:write')
    if (typeof who !== 'string') return who
    const body = await readJson(c, NewTenant)
    if (typeof body === 'string') return badRequest(c, body)
    const { slug, name, admin } = body
    const { username, full_name: fullName, password } = admin
    const idempotencyKey = idempotencyKeyOf(c)
    if (idempotencyKey === undefined) return badRequest(c, BAD_KEY)
    const actor = byProof({ username: who, keyId: null, address: c.env.address })
    const chosen = password ? new Secret(password) : null
    const facts = { slug, name: name ?? slug }
    const call = {
      idempotencyKey,
      tenant: null,
      credential: `operator ${who}`,
      method: 'tenants.create',
      params: { ...facts, username, fullName, isRandom: chosen === null },
      password: chosen,
    }
    const make = async (once?: Once): Promise<Response | null> => {
      const admin = { username, fullName, password: chosen }
      const made = await createTenant(service, { ...facts, admin }, actor, once)
      if (made === null) return null
      // The operator knows a password of their own choice; a random one is shown this once.
      const shownAdmin = { username, ...(!password && { password: made.password.reveal() }) }
      return c.json({ ...shown(made.tenant), admin: shownAdmin }, 201)
    }
    const repeat = ({ subject, at: createdAt }: Done): Response => {
      const tenant = Number(subject)
      if (chosen !== null)
        return c.json(
          { ...shown({ ...facts, tenant, createdAt, suspended: false }), admin: { username } },
          201,
        )
      return c.json(refusal('already_done', `Tenant ${tenant} ${SHOWN_BEFORE}`), 409)
    }
    return (
      (await doOnce(service, call, make, repeat)) ??
      c.json(refusal('conflict', `The slug ${slug} is taken.`), 409)
    )
  })

  const suspending = (suspended: boolean) => async (c: Context<Http>) => {
    const who = await authorize(c, 'tenants:write')
    if (typeof who !== 'string') return who
    const body = await readJson(c, TenantId)
    if (typeof body === 'string') return badRequest(c, body)
    const actor = byProof({ username: who, keyId: null, address: c.env.address })
    const tenant = await suspendTenant(service, body.id, suspended, actor)
    if (tenant === null) return c.json(refusal('not_found', `There is no tenant ${body.id}.`), 404)
    return c.json(shown(tenant))
  }
  app.post('/suspend', suspending(true))
  app.post('/resume', suspending(false))
  return app
}

// ---------------------------------------------------------------------------------------------

const BAD_KEY = 'The header Idempotency-Key takes 1 to 64 characters of ASCII.'
const SHOWN_BEFORE =
  'was made by an earlier request with this Idempotency-Key. The random password of its administrator was shown then, and is kept nowhere; send admin.password to be able to repeat a request.'

/** With or without the quotes that the header has in draft-ietf-httpapi-idempotency-key-header. @returns null where it
 * is missing, undefined where it is none. */
const idempotencyKeyOf = (c: Context<Http>): string | null | undefined => {
  const header = c.req.header('idempotency-key')
  if (header === undefined) return null
  return /^(?:"([ !#-[\]-~]{1,64})"|([!#-~][ -~]{0,63}))$/.exec(header)?.slice(1).find(Boolean)
}

const shown = ({
  tenant,
  slug,
  name,
  createdAt,
  suspended,
}: Tenant): z.infer<typeof ShownTenant> => ({
  id: tenant,
  slug,
  name,
  created_at: new Date(createdAt).toISOString(),
  suspended,
})
