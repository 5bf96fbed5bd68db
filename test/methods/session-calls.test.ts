/** Calls of a tenant's sessions, over its limit: what is refused, and who isn't held up. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { METHODS } from '../../shared/methods/index.ts'
import type { User } from '../../shared/store/user-items.ts'
import { type Peer, refusalOf, type Sockets, startSockets } from '../kit/peer.ts'
import { addKey, newTenant, type Rig, startRig } from '../kit/service.ts'

const LIMIT = 100
/** What one key or user has at once, in each process; and the same beyond the limit, for what stops others. */
const OWN = 60

let rig: Rig
let sockets: Sockets
beforeAll(async () => {
  rig = await startRig({ KEYHARBOR_TENANT_CALLS_PER_MINUTE: String(LIMIT) })
  sockets = startSockets(rig.service)
})
afterAll(() => rig.close())

const OVER = '-32001 [EBUSY] Rate Limit Exceeded'
const isOver = async (peer: Peer, method = 'core.ping'): Promise<boolean> =>
  (await refusalOf(peer.call(method))) === OVER
/** Calls until one is refused. @returns how many weren't. */
const useUp = async (peer: Peer, method?: string): Promise<number> => {
  for (let calls = 0; calls <= 2 * LIMIT; calls++) if (await isOver(peer, method)) return calls
  throw new Error('no call was refused')
}
/** Uses up all calls of a tenant, by two of its keys. */
const useUpAll = async (tenant: User, there = sockets): Promise<Peer[]> => {
  const peers = [await there.openAs(tenant), await there.openAs(tenant)]
  for (const peer of peers) await useUp(peer)
  return peers
}

it('are those of each key first, so that one doesn’t take all of its tenant’s', async () => {
  const admin = await newTenant(rig.service)
  const peer = await sockets.openAs(admin)
  expect(await useUp(peer)).toBe(OWN)
  const { error } = await peer.exchange('core.ping')
  expect(error).toMatchObject({ data: { retry_after: expect.any(Number) } })
  expect(rig.counted()).toMatchObject({ CallsLimited: 2 })
  expect(await isOver(await sockets.openAs(admin))).toBe(false)
  // Nor by others' methods, or those that there aren't: all calls count.
  const reader = await sockets.openAs(admin)
  expect(await useUp(reader, 'no.such_method')).toBe(LIMIT + 1 - OWN - 1)
})

it('are one budget over all processes that comes again in the next minute', async () => {
  const tenant = await newTenant(rig.service)
  await useUpAll(tenant)
  const other = startSockets(rig.make())
  const peer = await other.openAs(tenant)
  // Its process's share comes on top.
  expect(await useUp(peer)).toBe(1)
  const stranger = await other.openAs(await newTenant(rig.service))
  expect(await isOver(stranger)).toBe(false)
  rig.clock.now += 60_000
  expect(await isOver(peer)).toBe(false)
})

it('of who has used them up don’t keep an administrator from stopping them', async () => {
  const tenant = await newTenant(rig.service)
  const { key, raw } = await addKey(rig.service, tenant)
  const thief = await sockets.open()
  await thief.call('auth.login_with_api_key', raw.reveal())
  await useUp(thief)
  await useUpAll(tenant)
  // Not even one who has the administrator's own password, elsewhere.
  const same = await sockets.signIn(tenant)
  await useUp(same, 'auth.sessions')
  const boss = await sockets.signIn(tenant)
  for (const method of ['api_key.query', 'user.query', 'auth.sessions'])
    expect(await isOver(boss, method)).toBe(false)
  expect(await refusalOf(boss.call('api_key.revoke', key.id))).toBe('not refused')
  expect(await refusalOf(thief.call('auth.me'))).toMatch('expired')
  expect(await boss.call('auth.terminate_other_sessions')).toBe(true)
  expect(await useUp(boss, 'api_key.query')).toBeLessThan(OWN)
})

it('that are beyond the limit are those that stop others, or find what to stop', () => {
  const stopping = [...METHODS.values()].filter(({ stops }) => stops).map(({ name }) => name)
  expect(stopping.sort()).toEqual([
    'api_key.delete',
    'api_key.query',
    'api_key.revoke',
    'auth.logout',
    'auth.sessions',
    'auth.terminate_other_sessions',
    'auth.terminate_session',
    'device.delete',
    'device.query',
    'user.delete',
    'user.query',
    'user.set_password',
    'user.update',
  ])
})

it('count nobody who isn’t logged in, and no login', async () => {
  const tenant = await newTenant(rig.service)
  await useUpAll(tenant)
  const { raw } = await addKey(rig.service, tenant)
  const peer = await sockets.open()
  expect(await isOver(peer)).toBe(false)
  expect(await peer.call('auth.login_with_api_key', raw.reveal())).toBe(true)
})
