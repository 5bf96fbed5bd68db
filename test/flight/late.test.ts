/** Requests whose sender gave them up, and that are done later all the same. */
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { place } from '../../shared/store/places.ts'
import type { User } from '../../shared/store/users.ts'
import { type Faulty, startFaulty } from '../kit/faulty.ts'
import { entry, holdTransactions } from '../kit/held.ts'
import { refusalOf, type Sockets, startSockets } from '../kit/peer.ts'
import { newTenant, type Rig, startRig } from '../kit/service.ts'
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
  wire = await startFaulty(process.env.AWS_ENDPOINT_URL_DYNAMODB ?? '')
  process.env.AWS_ENDPOINT_URL_DYNAMODB = wire.url
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
  const held = holdTransactions(entry('key.create'))
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
  const gate = await readItem(rig.table, place.gate(admin.tenant, 0))
  expect(gate?.logins.before).toBe(rig.clock.now)
})
