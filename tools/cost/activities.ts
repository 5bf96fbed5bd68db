/** What is counted: things that clients do, each by itself and several times. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Client, Driver } from './drive.ts'

/** Runs an activity so often; everything that it sets off is counted as its own. Alone: nothing begins
 * before all that the last one set off has ended. Rehearsed: once before, alone and uncounted. */
export type Measure = (
  name: ActivityName,
  how: { readonly times: number; readonly alone?: boolean; readonly rehearsed?: boolean },
  act: (at: number) => Promise<unknown>,
) => Promise<void>

/** In the order of docs/cost.md. */
export const ACTIVITIES = {
  check: 'A device checks a key',
  checkByToken: '… by an access token',
  batch: '… 100 keys in one call, by its own key',
  firstSeen: '… for the first time in an hour, having enrolled',
  unknown: 'A device checks what is no key',
  stranger: 'Somebody without a good key asks',
  firstCheck: "A process checks its first key of a tenant, or has forgotten the tenant's data key",
  accessToken: 'A device fetches an access token',
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
  invite: '`device.invite`',
  enroll: '`device.enroll`, before login',
  user: '`user.create`',
  lock: '`user.update`, locked, of a user without keys',
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
  await tokens(driver, one, measure)
  await batches(driver, measure)
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
  // The process that is used, the last one that was, has the tenant's data key from then on. While
  // nothing happens at the same time, no other one is used.
  await measure('login', { ...CHANGE, rehearsed: true }, logIn)
  await measure('ping', { times: 20 }, async () => is(await admin.call('core.ping'), 'pong'))
  await life(driver, admin, measure)
  await devices(driver, one, measure)
  const users: number[] = []
  await measure('user', CHANGE, async (at) => {
    const facts = { username: `user${at}`, full_name: 'User', roles: ['API_KEY_READ'] }
    users.push((await admin.call<{ id: number }>('user.create', facts)).id)
  })
  // Keys have it in writes of their own, whose records come alone or with the user's.
  await measure('lock', CHANGE, (at) => admin.call('user.update', users[at], { locked: true }))
  await admin.close()
  await measure('tenant', CHANGE, () => driver.addTenant(nextSlug()))
}

// ---------------------------------------------------------------------------------------------

/** Access tokens of a device's key, and checks by one. */
const tokens = async (driver: Driver, { device, key }: Keys, measure: Measure): Promise<void> => {
  // The signing key comes with the next sweep after the first tenant.
  let token = await driver.accessToken(device)
  for (const end = Date.now() + SIGNING_MS; token === null && Date.now() < end; ) {
    await pause(500)
    token = await driver.accessToken(device)
  }
  if (token === null) throw new Error('no sweep has made a signing key')
  // A key id that nobody knows makes the process read the signing keys anew: so it doesn't while it is counted.
  const [, ...rest] = token.split('.')
  const header = Buffer.from(JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: 'nobody' }))
  is(await driver.check([header.toString('base64url'), ...rest].join('.'), key), null)
  const good = token
  await measure('accessToken', { times: 10 }, async () =>
    is(typeof (await driver.accessToken(device)), 'string'),
  )
  is(await driver.check(good, key), true)
  await measure('checkByToken', { times: 20 }, async () => is(await driver.check(good, key), true))
}

/** Of a tenant who has that many. */
const batches = async (driver: Driver, measure: Measure): Promise<void> => {
  const { admin, device, key } = await newTenant(driver)
  const keys = [key]
  while (keys.length < 100) keys.push(await keyOf(admin, `key ${keys.length}`))
  await admin.close()
  is(await driver.check(device, key), true)
  // No more: a process checks 300 keys a minute for a tenant before it leases from the tenant's budget.
  await measure('batch', { times: 2 }, async () => is(await driver.checkMany(device, keys), 100))
}

/** Devices, from the invitation to the first check. */
const devices = async (
  driver: Driver,
  { admin, key }: Keys & { readonly admin: Client },
  measure: Measure,
): Promise<void> => {
  const invite = async (name: string): Promise<string> =>
    (await admin.call<{ token: string }>('device.invite', { name })).token
  // The first one makes the user whom devices' keys belong to.
  await invite('unused')
  const invitations: string[] = []
  await measure('invite', CHANGE, async (at) => invitations.push(await invite(`nas ${at}`)))
  const stranger = await driver.open()
  const enrolled: string[] = []
  await measure('enroll', CHANGE, async (at) => {
    const facts = { token: invitations[at], model: 'M40', serial: `A${at}`, version: '26.0.0' }
    enrolled.push((await stranger.call<{ key: string }>('device.enroll', facts)).key)
  })
  await stranger.close()
  await measure('firstSeen', CHANGE, async (at) =>
    is(await driver.check(enrolled[at] ?? '', key), true),
  )
}

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
  // The process's first key of all opens the service's data key.
  await measure('create', { ...CHANGE, rehearsed: true }, (at) => make(`plain ${ids.length} ${at}`))
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

/** How long it takes at the most until a sweep has come. */
const SIGNING_MS = 70_000
const YEAR_MS = 365 * 86_400_000
const KEYS_TO_LIST = 25
/** Those that {@link newTenant} makes. */
const KEYS_BEFORE = 2

let tenants = 0
const nextSlug = (): string => `cost-${process.pid}-${++tenants}`

type Keys = { readonly device: string; readonly key: string }

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
