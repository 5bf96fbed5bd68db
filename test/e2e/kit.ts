/** What e2e tests share: tenants of their own, sockets, introspection; all from outside. Each
 * secret that passes here is noted for the canary (setup.ts). */
import { appendFileSync, readFileSync } from 'node:fs'
import { inject } from 'vitest'
import { connect, http, type Reply, type Rpc } from '../../local/client.ts'
import { needing } from './needs.ts'

const { bootstrap, secrets, lacks } = inject('cloud')

export { bootstrap, lacks }
/** Skips a test where the system that is driven lacks what it needs. */
export const need = needing(lacks)
export const ca = readFileSync(bootstrap.ca, 'utf8')

/** Notes a secret for the canary. */
export const note = (secret: string): string => {
  appendFileSync(secrets, `${secret}\n`)
  return secret
}

export type Entry = Record<string, unknown> & { id: number; name: string; key: string }

export const openSocket = (path = 'current'): Promise<Rpc> =>
  connect(bootstrap.wss.replace(/current$/, path), { ca })
export const openInsecureSocket = (): Promise<Rpc> => connect(bootstrap.ws)

let slugs = 0

/** A tenant with a socket on which its administrator is logged in. */
export const newTenant = async () => {
  const slug = `e${process.pid}-${++slugs}`
  const reply = await http(`${bootstrap.https}/v1/tenants`, {
    ca,
    method: 'POST',
    bearer: bootstrap.operatorToken,
    body: { slug },
    headers: { 'idempotency-key': slug },
  })
  const { admin } = reply.json() as { admin: { password: string } }
  const password = note(admin.password)
  const rpc = await openSocket()
  await rpc.call('auth.login_ex', {
    mechanism: 'PASSWORD_PLAIN',
    username: `admin@${slug}`,
    password,
  })
  let names = 0
  const create = async (more: object = {}): Promise<Entry> => {
    const made = await rpc.call<Entry>('api_key.create', {
      name: `key ${++names}`,
      username: 'admin',
      ...more,
    })
    note(made.key)
    return made
  }
  const reset = async (id: number, more: object = {}): Promise<Entry> => {
    const made = await rpc.call<Entry>('api_key.update', id, { reset: true, ...more })
    note(made.key)
    return made
  }
  await rpc.call('user.create', {
    username: 'device',
    full_name: 'Device',
    roles: ['KEY_VALIDATE'],
  })
  const device = (await create({ name: 'device', username: 'device' })).key
  return { slug, password, rpc, create, reset, device }
}

export type Tenant = Awaited<ReturnType<typeof newTenant>>

export const introspect = (
  bearer: string,
  token: string,
  more: Record<string, string> = {},
): Promise<Reply> =>
  http(`${bootstrap.https}/oauth2/introspect`, {
    ca,
    method: 'POST',
    bearer,
    form: { token, ...more },
  })

export const isActive = async (bearer: string, token: string): Promise<boolean> =>
  ((await introspect(bearer, token)).json() as { active: boolean }).active

/** Ends what never comes to hold, and not what has to wait for a busy machine, or for a sweep: in AWS one comes each minute. */
const WITHIN_MS = 300_000

/** Waits until something holds. Polls. */
export const until = async (holds: () => Promise<boolean> | boolean) => {
  const deadline = Date.now() + WITHIN_MS
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`it did not come to hold within ${WITHIN_MS} ms`)
    await new Promise((done) => setTimeout(done, 20))
  }
}
