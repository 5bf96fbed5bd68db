/** What sockets of an earlier run left behind goes at the next start, and nothing else does. */
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { startClearing } from '../../local/leftovers.ts'
import { forgetLeftovers } from '../../shared/store/leftovers.ts'
import type { User } from '../../shared/store/user-items.ts'
import { type Peer, type Sockets, startSockets } from '../kit/peer.ts'
import { newTenant, type Rig, startRig } from '../kit/service.ts'
import { readItem, scan } from '../kit/table.ts'

let rig: Rig
let sockets: Sockets
let admin: User
beforeAll(async () => {
  rig = await startRig()
  sockets = startSockets(rig.service)
  admin = await newTenant(rig.service)
})
afterAll(() => rig.close())

let keys = 0

/** A socket with all that one can have: session, copies of it, subscription, and the token that it came by. */
const busySocket = async (): Promise<Peer> => {
  const address = '192.0.2.1'
  const first = await sockets.openAs(admin, { address })
  const token = await first.call('auth.generate_token')
  const peer = await sockets.open({ address })
  expect(await peer.call('auth.login_with_token', token)).toBe(true)
  await peer.call('core.subscribe', 'api_key.query')
  await peer.call('api_key.create', { name: `made ${++keys}`, username: admin.username })
  await first.disconnect()
  return peer
}

const names = async (): Promise<string[]> =>
  (await scan(rig.table)).map(({ pk, sk }) => `${pk} ${sk}`).sort()

const forget = (before: number) =>
  forgetLeftovers(rig.client, {
    table: rig.table,
    before,
    onForgotten: () => {},
    stopping: () => false,
  })

it('sockets of before go with all that was theirs, and those of now stay', async () => {
  const others = await names()
  const old = await busySocket()
  const torn = await busySocket()
  // Its $disconnect ended in the middle.
  const Key = { pk: { S: `C#${torn.id}` }, sk: { S: 'CONN' } }
  await rig.client.send(new DeleteItemCommand({ TableName: rig.table, Key }))
  rig.clock.now += 1000
  const live = await busySocket()
  const of = async (peer: Peer) =>
    (await names()).filter((name) => name.split(/[# ]/).includes(peer.id))
  const before = await of(live)
  expect(before.length).toBeGreaterThan(3)

  expect(await forget(rig.clock.now)).toBe(1)
  expect(await of(old)).toEqual([])
  expect(await of(torn)).toEqual([])
  expect(await of(live)).toEqual(before)
  expect((await names()).filter((name) => name.includes('TOKEN#'))).toHaveLength(1)
  expect(await live.call('core.ping')).toBe('pong')
  await live.disconnect()
  // Keys, their names, counts and audit are as they were, but for what the calls above have made.
  expect(await names()).toEqual(expect.arrayContaining(others))
  expect(await forget(rig.clock.now)).toBe(0)
})

it('a start goes on meanwhile, and says what it couldn’t do', async () => {
  const peer = await busySocket()
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  await startClearing(rig.client, rig.table, rig.clock.now + 1).done
  expect(await readItem(rig.table, { pk: `C#${peer.id}`, sk: 'CONN' })).toBeNull()
  expect(said).not.toHaveBeenCalled()
  await startClearing(rig.client, 'none', rig.clock.now + 1).done
  expect(said.mock.calls.map(([line]) => JSON.parse(String(line)).message)).toEqual([
    'sockets of the run before were not forgotten',
  ])
  said.mockRestore()
  const left = await busySocket()
  await startClearing(rig.client, rig.table, rig.clock.now + 1).close()
  await left.disconnect()
})
