/** How long a plain data key stays in memory: by the service's clock, which also a frozen process goes by. */
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
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
