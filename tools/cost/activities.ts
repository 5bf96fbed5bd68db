/** What is counted: things that clients do, each by itself and several times. */
import type { Client, Driver } from './drive.ts'

/** Runs an activity so often; everything that it sets off is counted as its own. Alone: nothing begins
 * before all that the last one set off has ended. */
export type Measure = (
  name: ActivityName,
  how: { readonly times: number; readonly alone?: boolean },
  act: (at: number) => Promise<unknown>,
) => Promise<void>

/** In the order of docs/cost.md. */
export const ACTIVITIES = {
  check: 'A device checks a key',
  unknown: 'A device checks what is no key',
  stranger: 'Somebody without a good key asks',
  firstCheck: "A process checks its first key of a tenant, or has forgotten the tenant's data key",
  login: 'A socket opens, logs in by key, closes',
  ping: '`core.ping`, logged in',
  list: '`api_key.query` in a tenant with 25 keys',
  create: '`api_key.create`',
  createExpiring: '`api_key.create` with an expiry',
  rename: '`api_key.update`, another name',
  heard: '… while one socket is subscribed',
  reset: '`api_key.update`, reset',
  revoke: '`api_key.revoke`',
  delete: '`api_key.delete`',
  user: '`user.create`',
  tenant: 'The operator makes a tenant',
  sweep: 'A sweep that finds nothing due',
} as const

export type ActivityName = keyof typeof ACTIVITIES

/** Does everything but the sweep, which comes by itself. */
export const run = async (driver: Driver, measure: Measure): Promise<void> => {
  const one = await newTenant(driver)
  const { admin, device } = one
  await driver.check(device, device)

  await measure('check', { times: 20 }, async () => is(await driver.check(device, one.key), true))
  const noKey = `${one.key.slice(0, -1)}${one.key.endsWith('A') ? 'B' : 'A'}`
  await measure('unknown', { times: 10 }, async () => is(await driver.check(device, noKey), false))
  await measure('stranger', { times: 10 }, async () => is(await driver.check(noKey, one.key), null))

  const others = [await newTenant(driver), await newTenant(driver), await newTenant(driver)]
  await measure('firstCheck', { times: others.length }, async (at) => {
    const other = others[at]
    if (other) is(await driver.check(other.device, other.key), true)
  })
  for (const other of others) await other.admin.close()

  const logIn = async (): Promise<void> => {
    const client = await driver.open()
    is(await client.call('auth.login_with_api_key', one.key), true)
    await client.close()
  }
  // The processes that are used have the tenant's data key from then on.
  for (let at = 0; at < 5; at++) await logIn()
  await measure('login', CHANGE, logIn)
  await measure('ping', { times: 20 }, async () => is(await admin.call('core.ping'), 'pong'))
  await life(driver, admin, measure)
  await measure('user', CHANGE, (at) =>
    admin.call('user.create', { username: `user${at}`, full_name: 'User' }),
  )
  await admin.close()
  await measure('tenant', CHANGE, () => driver.addTenant(nextSlug()))
}

// ---------------------------------------------------------------------------------------------

/** Keys from the first to the last. */
const life = async (driver: Driver, admin: Client, measure: Measure): Promise<void> => {
  const ids: number[] = []
  const make = async (name: string, more = {}): Promise<void> => {
    const made = await admin.call<{ id: number }>('api_key.create', {
      name,
      username: 'admin',
      ...more,
    })
    ids.push(made.id)
  }
  const each = (change: (id: number, at: number) => Promise<unknown>) => (at: number) =>
    change(ids[at] ?? 0, at)
  await measure('create', CHANGE, (at) => make(`plain ${at}`))
  const expires_at = { $date: Date.now() + YEAR_MS }
  await measure('createExpiring', CHANGE, (at) => make(`expiring ${at}`, { expires_at }))
  while (ids.length < KEYS_TO_LIST - KEYS_BEFORE) await make(`more ${ids.length}`)
  await measure('list', { times: 5 }, () => admin.call('api_key.query'))

  const rename = (to: string) =>
    each((id, at) => admin.call('api_key.update', id, { name: `${to} ${at}` }))
  await measure('rename', CHANGE, rename('renamed'))
  const subscriber = await driver.open()
  is(await subscriber.call('auth.login_with_api_key', await keyOf(admin, 'listener')), true)
  await subscriber.call('core.subscribe', 'api_key.query')
  await measure('heard', CHANGE, rename('heard'))
  await subscriber.close()

  await measure(
    'reset',
    CHANGE,
    each((id) => admin.call('api_key.update', id, { reset: true })),
  )
  await measure(
    'revoke',
    CHANGE,
    each((id) => admin.call('api_key.revoke', id, { reason: 'counted' })),
  )
  await measure(
    'delete',
    CHANGE,
    each((id) => admin.call('api_key.delete', id)),
  )
}

/** Changes come back through the stream. */
const CHANGE = { times: 2, alone: true }

const YEAR_MS = 365 * 86_400_000
const KEYS_TO_LIST = 25
/** Those that {@link newTenant} makes. */
const KEYS_BEFORE = 2

let tenants = 0
const nextSlug = (): string => `cost-${process.pid}-${++tenants}`

/** A tenant with a key of its administrator, who is logged in, and a device's. */
const newTenant = async (driver: Driver) => {
  const slug = nextSlug()
  const password = await driver.addTenant(slug)
  const admin = await driver.open()
  const login = { mechanism: 'PASSWORD_PLAIN', username: `admin@${slug}`, password }
  await admin.call('auth.login_ex', login)
  const user = { username: 'device', full_name: 'Device', roles: ['KEY_VALIDATE'] }
  await admin.call('user.create', user)
  const key = await keyOf(admin, 'key')
  const device = await keyOf(admin, 'device', 'device')
  return { admin, key, device }
}

const keyOf = async (admin: Client, name: string, username = 'admin'): Promise<string> =>
  (await admin.call<{ key: string }>('api_key.create', { name, username })).key

/** What is counted must also be what is meant. */
const is = (found: unknown, expected: unknown): void => {
  if (found !== expected) throw new Error(`${found} instead of ${expected}`)
}
