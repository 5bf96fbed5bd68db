/** Refusals that the portal knows by their words, as the service says them. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { RpcError, type WireError } from '../../client/errors.ts'
import { byField, isRateLimited } from '../../portal/src/ui/refusals.ts'
import { Fault } from '../../shared/domain/fault.ts'
import { dataOf, faultAnswer } from '../../shared/rpc/frame.ts'
import { type Peer, startSockets } from '../kit/peer.ts'
import { addUser, newTenant, type Rig, startRig } from '../kit/service.ts'

const WHY = 'say in portal/src/ui/refusals.ts what the service says'

let rig: Rig
let root: Peer
let id: number
beforeAll(async () => {
  rig = await startRig()
  const admin = await newTenant(rig.service)
  root = await startSockets(rig.service).openAs(admin)
  await addUser(rig.service, admin.tenant, 'roleless', [])
  await root.call('api_key.create', { name: 'taken', username: 'admin' })
  const other = { name: 'other', username: 'admin' }
  id = (await root.call<{ id: number }>('api_key.create', other)).id
})
afterAll(() => rig.close())

const create = (other: object) => ['api_key.create', { name: 'x', username: 'admin', ...other }]
const update = (change: object) => ['api_key.update', id, change]
const PAST = new Date(0)

it.each<[string, string, () => unknown[]]>([
  ['a name that is taken', 'name', () => create({ name: 'taken' })],
  ['an expiry in the past', 'expires_at', () => create({ expires_at: PAST })],
  ['a user who is not there', 'username', () => create({ username: 'nobody' })],
  ['a user without roles', 'username', () => create({ username: 'roleless' })],
  ['a name that does not fit', 'name', () => create({ name: '' })],
  ['another name that is taken', 'name', () => update({ name: 'taken' })],
  ['another expiry in the past', 'expires_at', () => update({ expires_at: PAST })],
])('%s is said at the field %s', async (_, field, call) => {
  const [method, ...params] = call() as [string, ...unknown[]]
  const { error } = (await root.exchange(method, ...params)) as { error: WireError }
  expect(Object.keys(byField(new RpcError(error))), WHY).toEqual([field])
})

it('too many tries are told from other refusals', () => {
  const { error } = JSON.parse(faultAnswer(1, dataOf(new Fault('RATE_LIMITED'))))
  expect(isRateLimited(new RpcError(error)), WHY).toBe(true)
})
