import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createCheckApp } from '../../shared/http/app.ts'
import { sweep } from '../../shared/jobs/sweep.ts'
import type { Service } from '../../shared/service.ts'
import { itemKey } from '../../shared/store/item-keys.ts'
import type { User } from '../../shared/store/user-items.ts'
import { type Peer, startSockets } from '../kit/peer.ts'
import { addKey, newTenant, type Rig, START, startRig } from '../kit/service.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

let rig: Rig
let admin: User
let root: Peer
let visitor: string
beforeAll(async () => {
  rig = await startRig()
  admin = await newTenant(rig.service)
  // Makes the keys that sign access tokens.
  await sweep(rig.service)
  root = await startSockets(rig.service).openAs(admin)
  visitor = (await addKey(rig.service, admin)).raw.reveal()
})
afterAll(() => rig.close())
beforeEach(() => {
  rig.clock.now = START
})

type Device = { id: number; key: string }
let names = 0
const newDevice = async (): Promise<Device> => {
  const { token } = await root.call<{ token: string }>('device.invite')
  const peer = await startSockets(rig.service).open({ address: `a${++names}` })
  return peer.call<Device>('device.enroll', { token, name: `nas ${names}` })
}
/** A process of its own, that counts what it writes. */
const startProcess = (seen?: Service['keys']['seen']) => {
  const service = rig.make()
  const writes: number[] = []
  const errors: string[] = []
  const counting: Service['keys']['seen'] = (ref, at) => {
    writes.push(ref.n)
    return (seen ?? service.keys.seen)(ref, at)
  }
  const counted: Service = {
    ...service,
    keys: { ...service.keys, seen: counting },
    log: { ...service.log, error: (message) => errors.push(message) },
  }
  const app = createCheckApp(counted)
  const check = async (caller: string, token = visitor): Promise<number> => {
    const reply = await app.fetch(
      new Request('https://keys.example/oauth2/introspect', {
        method: 'POST',
        headers: { authorization: `Bearer ${caller}` },
        body: new URLSearchParams({ token }),
      }),
      { address: '192.0.2.1', secure: true },
    )
    return reply.status
  }
  const fetchToken = async (key: string): Promise<{ access_token: string; scope: string }> => {
    const [client_id = '', client_secret = ''] = key.split('-')
    const reply = await app.fetch(
      new Request('https://keys.example/oauth2/token', {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret }),
      }),
      { address: '192.0.2.1', secure: true },
    )
    return (await reply.json()) as { access_token: string; scope: string }
  }
  return { check, fetchToken, writes, errors, sockets: startSockets(counted) }
}
const seenAt = async ({ id }: Device): Promise<number | null> => {
  const { last_seen_at } = await root.call<{ last_seen_at: Date | null }>('device.get_instance', id)
  return last_seen_at?.getTime() ?? null
}
/** Minutes after the start at which an hour of the device begins: each has its own. */
const hourOf = ({ id }: Device): number => START + ((((id % 1e9) % 3600) * 1000) % HOUR)

describe('when a device was last seen', () => {
  it('is when its key asks about another one, and not when it is asked about', async () => {
    const { check } = startProcess()
    const [asking, asked] = [await newDevice(), await newDevice()]
    rig.clock.now += 5000
    expect(await check(asking.key, asked.key)).toBe(200)
    expect(await seenAt(asking)).toBe(START + 5000)
    expect(await seenAt(asked)).toBeNull()
  })

  it('is when its key logs in', async () => {
    const { sockets } = startProcess()
    const device = await newDevice()
    const peer = await sockets.open()
    expect(await peer.call('auth.login_with_api_key', device.key)).toBe(true)
    expect(await seenAt(device)).toBe(START)
  })

  it('is when its key fetches an access token, which carries no more than the key does', async () => {
    const { check, fetchToken, writes } = startProcess()
    const device = await newDevice()
    const { access_token, scope } = await fetchToken(device.key)
    expect(scope).toBe('KEY_VALIDATE')
    expect(await seenAt(device)).toBe(START)
    expect(await check(access_token)).toBe(200)
    expect(writes).toHaveLength(1)
  })

  it('is written once in each of its hours, however often it asks', async () => {
    const { check, writes } = startProcess()
    const device = await newDevice()
    const began = hourOf(device) + HOUR
    rig.clock.now = began
    await Promise.all([1, 2, 3, 4].map(() => check(device.key)))
    rig.clock.now = began + HOUR - 1
    await check(device.key)
    expect([writes.length, await seenAt(device)]).toEqual([1, began])
    rig.clock.now = began + HOUR
    await check(device.key)
    await check(device.key)
    expect([writes.length, await seenAt(device)]).toEqual([2, began + HOUR])
  })

  it('is written by one process of many', async () => {
    const [one, two] = [startProcess(), startProcess()]
    const device = await newDevice()
    rig.clock.now = hourOf(device) + HOUR + MINUTE
    await one.check(device.key)
    rig.clock.now += MINUTE
    await two.check(device.key)
    await two.check(device.key)
    expect(two.writes).toHaveLength(1)
    expect(await seenAt(device)).toBe(hourOf(device) + HOUR + MINUTE)
  })

  it('is nothing that a key of no device leaves behind', async () => {
    const { check, writes } = startProcess()
    await check(visitor)
    expect(writes).toEqual([])
  })

  it('goes with the device', async () => {
    const { check } = startProcess()
    const device = await newDevice()
    await check(device.key)
    expect(await root.call('device.delete', device.id)).toBe(true)
    const { Item } = await new DynamoDBClient({}).send(
      new GetItemCommand({
        TableName: rig.table,
        Key: marshall(itemKey.seen({ tenant: admin.tenant, n: device.id % 1e9 })),
        ConsistentRead: true,
      }),
    )
    expect(Item).toBeUndefined()
  })
})

describe('a check', () => {
  it('stands when the device can not be noted, which is tried again in a minute', async () => {
    const { check, writes, errors } = startProcess(() => Promise.reject(new Error('no table')))
    const device = await newDevice()
    expect(await check(device.key)).toBe(200)
    expect(await check(device.key)).toBe(200)
    expect(writes).toHaveLength(1)
    expect(errors).toEqual(['a device could not be noted as seen'])
    rig.clock.now += MINUTE
    expect(await check(device.key)).toBe(200)
    expect(writes).toHaveLength(2)
  })

  it('does not wait for a table that never answers', async () => {
    const { check } = startProcess(() => new Promise(() => {}))
    expect(await check((await newDevice()).key)).toBe(200)
  })
})
