/** Calls of a tenant's sessions, over its limit: what is refused, and who isn't held up. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { User } from '../../shared/store/user-items.ts'
import { type Peer, refusalOf, type Sockets, startSockets } from '../kit/peer.ts'
import { addKey, newTenant, type Rig, startRig } from '../kit/service.ts'

const LIMIT = 100
/** What each key and user has left in each process, once the tenant's budget is used up. */
const BEYOND = 60

let rig: Rig
let sockets: Sockets
let admin: User
beforeAll(async () => {
  rig = await startRig({ KEYHARBOR_TENANT_CALLS_PER_MINUTE: String(LIMIT) })
  sockets = startSockets(rig.service)
})
beforeAll(async () => {
  admin = await newTenant(rig.service)
})
afterAll(() => rig.close())

const OVER = '-32001 [EBUSY] Rate Limit Exceeded'
/** Calls until one is refused. @returns how many weren't. */
const useUp = async (peer: Peer): Promise<number> => {
  for (let calls = 0; calls <= 2 * (LIMIT + BEYOND); calls++)
    if ((await refusalOf(peer.call('core.ping'))) === OVER) return calls
  throw new Error('no call was refused')
}

it('are refused, say when to come again, and come again in the next minute', async () => {
  const peer = await sockets.openAs(admin)
  // The share of a process comes on top.
  expect(await useUp(peer)).toBe(LIMIT + 1 + BEYOND)
  const { error } = await peer.exchange('core.ping')
  expect(error).toMatchObject({ data: { retry_after: expect.any(Number) } })
  expect(rig.counted()).toMatchObject({ CallsLimited: 2 })
  rig.clock.now += 60_000
  expect(await refusalOf(peer.call('core.ping'))).toBe('not refused')
})

it('are one budget over all processes, and another tenant’s are its own', async () => {
  const tenant = await newTenant(rig.service)
  const [one, other] = [startSockets(rig.make()), startSockets(rig.make())]
  const calls = await useUp(await one.openAs(tenant))
  expect(calls).toBe(LIMIT + 1 + BEYOND)
  expect(await useUp(await other.openAs(tenant))).toBe(1 + BEYOND)
  const stranger = await other.openAs(await newTenant(rig.service))
  expect(await refusalOf(stranger.call('core.ping'))).toBe('not refused')
})

it('of who has used them up don’t keep an administrator from revoking their key', async () => {
  const tenant = await newTenant(rig.service)
  const { key, raw } = await addKey(rig.service, tenant)
  const thief = await sockets.open()
  await thief.call('auth.login_with_api_key', raw.reveal())
  await useUp(thief)
  const boss = await sockets.openAs(tenant)
  expect(await refusalOf(boss.call('api_key.revoke', key.id))).toBe('not refused')
  expect(await refusalOf(thief.call('auth.me'))).toMatch('expired')
})

it('count nobody who isn’t logged in, and no handshake or login', async () => {
  const tenant = await newTenant(rig.service)
  await useUp(await sockets.openAs(tenant))
  const { raw } = await addKey(rig.service, tenant)
  const peer = await sockets.open()
  expect(await refusalOf(peer.call('core.ping'))).toBe('not refused')
  expect(await peer.call('auth.login_with_api_key', raw.reveal())).toBe(true)
})
