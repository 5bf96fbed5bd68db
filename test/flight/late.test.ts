/** Requests whose sender gave them up, and that are done later all the same. */
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import type { Connection } from '../../shared/store/connection-items.ts'
import { heldByKey, itemKey, principalOf } from '../../shared/store/item-keys.ts'
import type { Window } from '../../shared/store/tries-items.ts'
import type { User } from '../../shared/store/user-items.ts'
import { type Faulty, startFaulty } from '../kit/faulty.ts'
import { entry, holdWrites } from '../kit/held.ts'
import { refusalOf, type Sockets, startSockets } from '../kit/peer.ts'
import { addKey, newTenant, type Rig, startRig } from '../kit/service.ts'
import { readItem } from '../kit/table.ts'
import { EXPIRED } from './kit.ts'

let rig: Rig
let wire: Faulty
/** Every request of it goes over the wire. */
let here: Sockets
let admin: User
beforeAll(async () => {
  rig = await startRig()
  admin = await newTenant(rig.service)
  wire = await startFaulty()
  here = startSockets(rig.make())
})
afterAll(async () => {
  await wire?.close()
  await rig?.close()
})
afterEach(() => vi.restoreAllMocks())

it('a copy that is put once more, after its session has ended, is nobody’s', async () => {
  const peer = await here.openAs(admin)
  const make = (name: string) => peer.call('api_key.create', { name, username: admin.username })
  wire.plan('PutItem', 'late')
  await make('one')
  const held = holdWrites(entry('key.create'))
  const told = refusalOf(make('two'))
  await held.until(1)
  const connection = await rig.service.connections.get(peer.id)
  await rig.service.connections.logout(connection as never)
  await wire.release()
  held.release()
  expect(await told).toBe(EXPIRED)
  expect(await rig.service.keys.nameTaken(admin.tenant, 'two')).toBeNull()
})

it('a copy is not made for ever where every put of one may come late', async () => {
  const peer = await here.openAs(admin)
  wire.plan('PutItem', ...Array(20).fill(['late', 'fine']).flat())
  const call = peer.call('api_key.create', { name: 'none', username: admin.username })
  expect(await refusalOf(call)).toMatch('[EAGAIN]')
  wire.plan('PutItem')
  await wire.release()
})

it('a handshake that is written once more doesn’t log out who logged in since', async () => {
  wire.plan('PutItem', 'late')
  const peer = await here.openAs(admin)
  await wire.release()
  expect(await peer.call('auth.me')).toMatchObject({ pw_name: admin.username })
})

it('a login that was given up logs nobody in who has logged out since', async () => {
  const key = (await addKey(rig.service, admin)).raw.reveal()
  const peer = await here.open()
  wire.plan('UpdateItem', 'late', 'late', 'late')
  expect(await refusalOf(peer.call('auth.login_with_api_key', key))).toMatch('[EAGAIN]')
  expect(await peer.call('auth.login_with_api_key', key)).toBe(true)
  expect(await peer.call('auth.logout')).toBe(true)
  await wire.release()
  expect(await refusalOf(peer.call('auth.me'))).toMatch('Not authenticated')
})

it('nor does one in place of another session', async () => {
  const key = (await addKey(rig.service, admin)).raw.reveal()
  const peer = await here.openAs(admin)
  wire.plan('TransactWriteItems', 'late', 'late', 'late')
  expect(await refusalOf(peer.call('auth.login_with_api_key', key))).toMatch('[EAGAIN]')
  expect(await peer.call('auth.logout')).toBe(true)
  await wire.release()
  expect(await refusalOf(peer.call('auth.me'))).toMatch('Not authenticated')
})

it('a login of which the list may hear once more is listed once, as it is', async () => {
  const key = (await addKey(rig.service, admin)).raw.reveal()
  const peer = await here.open()
  wire.plan('PutItem', 'late')
  expect(await peer.call('auth.login_with_api_key', key)).toBe(true)
  expect(await peer.call('auth.login_with_api_key', key)).toBe(true)
  await wire.release()
  const connection = await rig.service.connections.get(peer.id)
  const listed = await rig.service.sessions.all(admin.tenant)
  expect(listed.filter((one) => one.connection === peer.id)).toMatchObject([
    { session: { id: connection?.session?.id } },
  ])
})

it('a delete that comes late takes no later session off the list', async () => {
  const { key, raw } = await addKey(rig.service, admin)
  const of = { principal: principalOf(admin), holder: heldByKey(key.n) }
  const peer = await here.open()
  await peer.call('auth.login_with_api_key', raw.reveal())
  const { session } = (await rig.service.connections.get(peer.id)) as Connection
  wire.plan('DeleteItem', 'late')
  await here.service.connections.unlist(session as never, peer.id)
  await peer.call('auth.login_with_api_key', raw.reveal())
  await wire.release()
  const listed = []
  for await (const one of rig.service.sessions.of(admin.tenant, of)) listed.push(one.connection)
  expect(listed).toEqual([peer.id])
})

const onList = async (peer: { id: string }): Promise<number> =>
  (await rig.service.sessions.all(admin.tenant)).filter((one) => one.connection === peer.id).length

it.each([
  ['its transaction failed', 'TransactWriteItems', ['throttled', 'throttled', 'throttled']],
  ['a delete came late', 'DeleteItem', ['late']],
] as const)(
  'a login of which the answer was lost is on the list, though %s',
  async (_, of, faults) => {
    const key = (await addKey(rig.service, admin)).raw.reveal()
    const peer = await here.open()
    wire.plan(of, ...faults)
    wire.plan('UpdateItem', 'done, reset')
    await refusalOf(peer.call('auth.login_with_api_key', key))
    wire.plan(of)
    await wire.release()
    expect(await refusalOf(peer.call('auth.me'))).toBe('not refused')
    expect(await onList(peer)).toBe(1)
  },
)

it('a login that is listed once more doesn’t undo that it was ended', async () => {
  const { raw, key } = await addKey(rig.service, admin)
  const of = { principal: principalOf(admin), holder: heldByKey(key.n) }
  const peer = await here.open()
  wire.plan('PutItem', 'late')
  expect(await peer.call('auth.login_with_api_key', raw.reveal())).toBe(true)
  await here.service.sessions.end(admin.tenant, of, () => true)
  await wire.release()
  const made = peer.call('api_key.create', { name: 'ended', username: admin.username })
  expect(await refusalOf(made)).toBe(EXPIRED)
})

it('a socket that goes leaves nothing on the list, whatever else of it can’t be deleted', async () => {
  const peer = await here.openAs(admin)
  await peer.call('api_key.create', { name: 'copy', username: admin.username })
  const connection = (await here.service.connections.get(peer.id)) as Connection
  wire.plan('TransactWriteItems', 'failed', 'failed', 'failed')
  await expect(here.service.connections.forget(connection)).rejects.toThrow()
  wire.plan('TransactWriteItems')
  expect(await onList(peer)).toBe(0)
})

it('a password that waits for its code doesn’t wait once more', async () => {
  const { connections } = here.service
  const peer = await here.open()
  const connection = async () => (await connections.get(peer.id)) as Connection
  const { tenant, username, uid, passwordVersion } = admin
  const until = rig.clock.now + 300_000
  const pending = { tenant, username, uid, passwordVersion, wrong: 0, until }
  wire.plan('UpdateItem', 'late', 'late', 'late')
  await expect(connections.setPending(await connection(), pending)).rejects.toThrow()
  await connections.setPending(await connection(), pending)
  expect((await connection()).pending).toEqual(pending)
  expect(await connections.usePending(peer.id, pending, { ...pending, wrong: 1 })).toBe(true)
  await connections.setPending(await connection(), null)
  await wire.release()
  expect((await connection()).pending).toBeNull()
})

it('the end of a session is not one of who logs in behind it in the same place', async () => {
  const { sessions } = here.service
  const { raw, key } = await addKey(rig.service, admin)
  const peer = await here.open()
  await peer.call('auth.login_with_api_key', raw.reveal())
  wire.plan('UpdateItem', 'late')
  await sessions.end(
    admin.tenant,
    { principal: principalOf(admin), holder: heldByKey(key.n) },
    () => true,
  )
  await peer.call('auth.login_with_api_key', raw.reveal())
  await wire.release()
  const made = peer.call('api_key.create', { name: 'behind', username: admin.username })
  expect(await refusalOf(made)).toBe('not refused')
})

it('a try is given back once', async () => {
  const { tries } = here.service
  const account = { tenant: admin.tenant, username: 'late' }
  const taking = { account, budget: 'known', now: rig.clock.now, from: '', exists: true } as const
  const spent = async () => (await tries.read(account)).tries.known
  for (let n = 0; n < 3; n++) await tries.take(taking, await spent())
  const window = (await spent()) as Window
  for (const operation of ['UpdateItem', 'TransactWriteItems']) wire.plan(operation, 'late')
  await tries.giveBack(account, 'known', window, false)
  await wire.release()
  expect(await spent()).toMatchObject({ spent: 2, row: 2 })
})

it('a mark that ends logins and is written once more takes nothing from a later one', async () => {
  const peer = await here.openAs(admin)
  const end = () => refusalOf(peer.call('auth.terminate_other_sessions'))
  rig.clock.now += 1000
  wire.plan('TransactWriteItems', 'late', 'late', 'late')
  expect(await end()).toMatch('[EAGAIN]')
  wire.plan('TransactWriteItems')
  rig.clock.now += 1000
  expect(await end()).toBe('not refused')
  await wire.release()
  const gate = await readItem(rig.table, itemKey.gate(admin.tenant, 0))
  expect(gate?.logins.before).toBe(rig.clock.now)
  // Nor does one of a process whose clock is behind.
  rig.clock.now -= 500
  expect(await end()).toMatch('[EAGAIN]')
  rig.clock.now += 500
  expect(await readItem(rig.table, itemKey.gate(admin.tenant, 0))).toEqual(gate)
})
