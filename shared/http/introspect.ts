/**
 * `POST /oauth2/introspect` (RFC 7662): is this key good, whose is it, what may it do? The caller is
 * a key too, of a user with role KEY_VALIDATE; both are read in one request. A key that isn't good,
 * or is another tenant's, is `{"active":false}` and nothing else.
 */
import type { Context } from 'hono'
import { holds } from '../auth/roles.ts'
import { checkKeys, UNKNOWN } from '../keys/check.ts'
import { punishExposure } from '../keys/exposure.ts'
import { parseKey } from '../keys/key.ts'
import { noteSeen } from '../keys/seen.ts'
import type { Checks } from '../service.ts'
import type { CheckedKey } from '../store/key-items.ts'
import { BODY_BYTES, type Http } from './app.ts'

/** On what the caller received the key; the unencrypted ones cost the key its life (DESIGN §4). */
const TRANSPORTS = new Set(['https', 'wss', 'http', 'ws'])

export const introspect =
  (service: Checks) =>
  async (c: Context<Http>): Promise<Response> => {
    const form = await readForm(c)
    if (typeof form === 'string') return badRequest(c, form)
    const [, presented] = /^Bearer ([^ ]+)$/i.exec(c.req.header('authorization') ?? '') ?? []
    if (presented === undefined) return unauthorized(c, null)
    const { secure } = c.var
    // Garbage costs no read. Over plain http the key that it asks about has been seen all the same.
    if (secure && parseKey(presented) === null) return unauthorized(c, NOT_VALID)
    const here = { secure, address: c.env.address }
    const [caller = UNKNOWN, asked = UNKNOWN] = await checkKeys(service, [presented, form.token])
    const callerExposed = await punishExposure(service, caller, here)
    // Over plain http both keys have been seen by whoever listens.
    const exposed = await punishExposure(service, asked, here)
    if (callerExposed)
      return unauthorized(
        c,
        'The request came over an unencrypted connection: the key in it, and the key it asked about if that was good, have been revoked. Reset them, and use https.',
      )
    if (caller.state !== 'active')
      return unauthorized(c, caller.state === 'unknown' ? NOT_VALID : `The key is ${caller.state}.`)
    await noteSeen(service, caller.key)
    if (!holds(caller.key.roles, 'KEY_VALIDATE')) return forbidden(c)
    if (asked.state === 'unknown' || asked.key.tenant !== caller.key.tenant) return inactive(c)
    const reported = { secure: form.transport === null || !/^(http|ws)$/.test(form.transport) }
    const punished = await punishExposure(service, asked, { ...here, ...reported })
    if (exposed || punished || asked.state !== 'active') return inactive(c)
    return c.json(active(asked.key, asked.generation))
  }

// ---------------------------------------------------------------------------------------------

const NOT_VALID = 'The key is not valid.'

type Form = { readonly token: string; readonly transport: string | null }

/** @returns what is wrong, as text, unless the form is right. */
const readForm = async (c: Context<Http>): Promise<Form | string> => {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded')
    return 'Send the parameters as application/x-www-form-urlencoded.'
  const body = await c.req.text()
  if (body.length > BODY_BYTES) return 'The request is too large.'
  const form = new URLSearchParams(body)
  if (new Set(form.keys()).size < form.size) return 'A parameter is given more than once.'
  const token = form.get('token')
  if (token === null || token === '') return 'The parameter `token` is missing.'
  const transport = form.get('transport')
  if (transport !== null && !TRANSPORTS.has(transport))
    return 'The parameter `transport` takes https, wss, http or ws.'
  return { token, transport }
}

/** @param generation which secret was presented: the former one of a reset ends with its grace. */
const active = (key: CheckedKey, generation: number) => {
  const former = key.former?.generation === generation ? key.former : null
  const ends = Math.min(key.expires ?? Infinity, former?.until ?? Infinity)
  return answer(key, (former ?? key.secret).issuedAt, ends)
}

const answer = (key: CheckedKey, issuedAt: number, ends: number) => ({
  active: true,
  client_id: String(key.id),
  sub: String(key.uid),
  username: key.username,
  scope: key.roles.join(' '),
  iat: Math.floor(issuedAt / 1000),
  ...(ends !== Infinity && { exp: Math.floor(ends / 1000) }),
})

const inactive = (c: Context<Http>): Response => c.json({ active: false })

const badRequest = (c: Context<Http>, error_description: string): Response =>
  c.json({ error: 'invalid_request', error_description }, 400)

/** RFC 6750 §3: without credentials no error code is given. */
const unauthorized = (c: Context<Http>, error_description: string | null): Response => {
  if (error_description === null) {
    c.header('WWW-Authenticate', 'Bearer realm="keyharbor"')
    return c.json({ error: 'invalid_token', error_description: 'Send a key as Bearer token.' }, 401)
  }
  c.header('WWW-Authenticate', 'Bearer realm="keyharbor", error="invalid_token"')
  return c.json({ error: 'invalid_token', error_description }, 401)
}

const forbidden = (c: Context<Http>): Response => {
  c.header('WWW-Authenticate', 'Bearer realm="keyharbor", error="insufficient_scope"')
  const error_description = "The key's user lacks the role KEY_VALIDATE."
  return c.json({ error: 'insufficient_scope', error_description }, 403)
}
