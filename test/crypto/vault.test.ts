/** How long a plain data key stays in memory: by the service's clock, which also a frozen process goes by. */
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createVault } from '../../shared/crypto/vault.ts'
import { checkKey } from '../../shared/keys/check.ts'
import { addKey, newTenant, type Rig, START, startRig } from '../kit/service.ts'

let rig: Rig
beforeAll(async () => {
  rig = await startRig()
})
afterAll(() => rig.close())
beforeEach(() => {
  rig.clock.now = START
})

const MINUTE = 60_000

/** A key in a process that has just unwrapped its tenant's data key, and what KMS was asked since. */
const begin = async () => {
  const service = rig.make()
  const user = await newTenant(service)
  const { raw } = await addKey(service, user)
  const state = async (): Promise<string> => (await checkKey(service, raw.reveal())).state
  expect(await state()).toBe('active')
  const asked = rig.kmsCalls.length
  return { state, tenant: user.tenant, unwrapped: () => rig.kmsCalls.length - asked }
}

it('a data key is used for a quarter of an hour, and unwrapped anew after that', async () => {
  const { state, unwrapped } = await begin()
  rig.clock.now += 14 * MINUTE
  expect(await state()).toBe('active')
  expect(unwrapped()).toBe(0)
  rig.clock.now += MINUTE + 1
  expect(await state()).toBe('active')
  expect(unwrapped()).toBe(1)
})

it('a data key that was shredded opens nothing any more, a quarter of an hour later', async () => {
  const { state, tenant } = await begin()
  await new DynamoDBClient({}).send(
    new UpdateItemCommand({
      TableName: rig.table,
      Key: { pk: { S: `T#${tenant}` }, sk: { S: 'META' } },
      UpdateExpression: 'REMOVE dataKeys',
    }),
  )
  expect(await state()).toBe('active')
  rig.clock.now += 15 * MINUTE + 1
  expect(await state()).toBe('unknown')
})

it('a clock that was set back does not keep a data key for longer', async () => {
  const { state, unwrapped } = await begin()
  rig.clock.now -= 60 * MINUTE
  expect(await state()).toBe('active')
  expect(unwrapped()).toBe(1)
})

it('calls at the same moment share one unwrapping, also where another data key’s time is over too', async () => {
  let now = START
  const answers: (() => void)[] = []
  const kms = {
    send: async () => {
      await new Promise<void>((resolve) => answers.push(resolve))
      return { Plaintext: new Uint8Array(32) }
    },
  }
  const read = async () => new Uint8Array(1)
  const vault = createVault({ kms: kms as never, keyId: 'key', read, now: () => now })
  const ask = (...tenants: number[]) => Promise.all(tenants.map((tenant) => vault.keys(tenant, 1)))
  /** One after the other, as they were asked for. */
  const answer = async (): Promise<number> => {
    let asked = 0
    for (; ; asked++) {
      await new Promise(setImmediate)
      const next = answers.shift()
      if (next === undefined) return asked
      next()
    }
  }
  const first = ask(1, 2)
  expect(await answer()).toBe(2)
  await first
  now += 15 * MINUTE + 1
  const again = ask(1, 1, 2, 2)
  again.catch(() => {})
  expect(await answer()).toBe(2)
  const [one, other, another] = await again
  expect(one).toBe(other)
  expect(one).not.toBe(another)
})
