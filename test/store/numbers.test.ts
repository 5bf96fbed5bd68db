/** Numbers of keys and users: never the same twice, and not a write for each. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDb } from '../../shared/store/db.ts'
import { itemKey } from '../../shared/store/item-keys.ts'
import type { User } from '../../shared/store/user-items.ts'
import { unaudited } from '../../shared/store/write.ts'
import { type Faulty, startFaulty } from '../kit/faulty.ts'
import { type Sockets, startSockets } from '../kit/peer.ts'
import { addKey, newTenant, type Rig, startRig } from '../kit/service.ts'

let rig: Rig
let wire: Faulty
beforeAll(async () => {
  rig = await startRig()
  wire = await startFaulty()
})
afterAll(async () => {
  await wire?.close()
  await rig?.close()
})

const times = <T>(count: number, one: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, one))

describe('numbers', () => {
  it('of a new tenant begin at 1 with keys, behind the administrator with users, without gaps', async () => {
    const { tenants } = rig.make()
    const { tenant } = await newTenant(rig.service)
    const keys = []
    const users = []
    for (let i = 0; i < 10; i++) {
      keys.push(await tenants.next(tenant, 'keys'))
      users.push(await tenants.next(tenant, 'users'))
    }
    expect(keys).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(users).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  })

  it('are never given twice, also at the same time, and by processes that end before all are used', async () => {
    const { tenant } = await newTenant(rig.service)
    const given: number[] = []
    for (let life = 0; life < 4; life++) {
      const processes = Array.from({ length: 5 }, () => rig.make().tenants)
      const taken = await Promise.all(
        processes.map(({ next }, i) => times(1 + 7 * i, () => next(tenant, 'keys'))),
      )
      given.push(...taken.flat())
    }
    expect(new Set(given).size).toBe(given.length)
  })

  it('are not given twice where the answer to a lease is lost', async () => {
    const { tenant } = await newTenant(rig.service)
    const { next } = rig.make().tenants
    wire.plan('UpdateItem', 'done, 500', 'fine', 'done, reset')
    const given = await times(30, () => next(tenant, 'keys'))
    expect(new Set(given).size).toBe(30)
  })

  it('go on beside an older process, which takes them one by one', async () => {
    const { tenant } = await newTenant(rig.service)
    const { next } = rig.make().tenants
    const older = oneByOne(tenant)
    const given: number[] = []
    for (let i = 0; i < 20; i++) given.push(await next(tenant, 'keys'), await older())
    expect(new Set(given).size).toBe(40)
  })

  it('leave no more unused than a process used', async () => {
    for (const used of [1, 2, 3, 10, 100]) {
      const { tenant } = await newTenant(rig.service)
      const { next } = rig.make().tenants
      await times(used, () => next(tenant, 'keys'))
      expect(await rig.make().tenants.next(tenant, 'keys')).toBeLessThanOrEqual(2 * used + 1)
    }
  })

  it('are of tenants that are there', async () => {
    await expect(rig.service.tenants.next(4711, 'keys')).rejects.toThrow('does not exist')
  })
})

describe('of forty changes of different keys', () => {
  const MANY = 40
  let admin: User
  let peers: Awaited<ReturnType<Sockets['openAs']>>[]
  beforeAll(async () => {
    admin = await newTenant(rig.service)
    const sockets = startSockets(rig.make())
    // A socket carries twenty calls at a time.
    peers = await Promise.all([1, 2, 3].map(() => sockets.openAs(admin)))
  })

  /** How often each item was written by forty calls, but for their audit entries. */
  const writesOf = async (call: (i: number) => Promise<unknown>): Promise<Map<string, number>> => {
    wire.written.length = 0
    await Promise.all(Array.from({ length: MANY }, (_, i) => call(i)))
    const counts = new Map<string, number>()
    for (const item of wire.written)
      if (!item.includes('#AUDIT#')) counts.set(item, (counts.get(item) ?? 0) + 1)
    return counts
  }
  const call = <T>(i: number, method: string, ...params: unknown[]): Promise<T> =>
    (peers[i % peers.length] as (typeof peers)[number]).call<T>(method, ...params)

  it('none writes what another writes, but for leases of numbers', async () => {
    const ids: number[] = []
    const made = await writesOf(async (i) => {
      const key = { name: `many ${i}`, username: 'admin' }
      ids[i] = (await call<{ id: number }>(i, 'api_key.create', key)).id
    })
    const tenant = `T#${admin.tenant} META`
    expect(made.get(tenant)).toBeLessThan(7)
    made.delete(tenant)
    expect(Math.max(...made.values())).toBe(1)

    const steps: ((i: number) => Promise<unknown>)[] = [
      (i) => call(i, 'api_key.update', ids[i], { name: `other ${i}` }),
      (i) => call(i, 'api_key.update', ids[i], { reset: true }),
      (i) => call(i, 'api_key.revoke', ids[i]),
      (i) => call(i, 'api_key.delete', ids[i]),
    ]
    for (const step of steps) expect(Math.max(...(await writesOf(step)).values())).toBe(1)
  })
})

it('keys are counted beside an older process, which counts on the tenant', async () => {
  const owner = await newTenant(rig.service)
  await addKey(rig.service, owner)
  await countAsBefore(owner.tenant)
  expect(await rig.service.keys.count(owner.tenant)).toBe(2)
})

// ---------------------------------------------------------------------------------------------

/** As versions before took the next number. */
const oneByOne = (tenant: number) => {
  const db = createDb(new DynamoDBClient({}), rig.table)
  return async (): Promise<number> => {
    const after = await db.update({ update: unaudited(itemKey.tenant(tenant)), add: { keys: 1 } })
    return after?.keys
  }
}

/** As versions before counted a key. */
const countAsBefore = async (tenant: number): Promise<void> => {
  const db = createDb(new DynamoDBClient({}), rig.table)
  const update = unaudited(itemKey.tenant(tenant))
  await db.update({ update, add: { changes: 1, keyCount: 1 } })
}
