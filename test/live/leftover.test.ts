/** A subscription that was left behind is nobody's: who logged in on its socket since doesn't hear by it. */
import { DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { itemKey } from '../../shared/store/item-keys.ts'
import type { User } from '../../shared/store/user-items.ts'
import { type Sockets, startSockets } from '../kit/peer.ts'
import { addKey, addUser, newTenant, type Rig, startRig } from '../kit/service.ts'
import { streamed } from '../kit/streamed.ts'

let rig: Rig
let sockets: Sockets
let admin: User
beforeAll(async () => {
  rig = await startRig()
  sockets = startSockets(rig.service)
  admin = await newTenant(rig.service)
})
afterAll(() => rig.close())

it.each([
  ['of another user', () => addUser(rig.service, admin.tenant, 'probe', ['KEY_VALIDATE'])],
  ['of the same user', async () => admin],
])('a subscription of the session before is not heard by the next one, %s', async (_, next) => {
  sockets.pushed.length = 0
  const client = new DynamoDBClient({})
  const peer = await sockets.openAs(admin)
  const listener = await sockets.openAs(admin)
  for (const one of [peer, listener]) await one.call('core.subscribe', 'api_key.query')
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: rig.table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: `T#${admin.tenant}#SUB#api_key.query` } },
    }),
  )
  const left = Items.find(({ sk }) => sk?.S?.startsWith(peer.id))
  expect(left).toBeDefined()
  await peer.call('auth.logout')
  const { raw } = await addKey(rig.service, await next())
  expect(await peer.call('auth.login_with_api_key', raw.reveal())).toBe(true)
  // What a logout and a subscription at the same moment could leave; the key behind it is as good as ever.
  await client.send(new PutItemCommand({ TableName: rig.table, Item: left }))

  const { key } = await addKey(rig.service, admin)
  await streamed(sockets.service, { key: itemKey.key(key), before: null, after: { ...key } })
  const heard = sockets.pushed.map(({ connection }) => connection)
  expect(heard).toContain(listener.id)
  expect(heard).not.toContain(peer.id)
  client.destroy()
})
