/** The recording as functions cause it: real clients, a real DynamoDB behind, and a file. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DynamoDBClient, PutItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb'
import { GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { expect, it, onTestFinished } from 'vitest'
import { createTrust } from '../../../local/credentials.ts'
import { startDynamo } from '../../../local/dynamo.ts'
import { startInternal } from '../../../local/internal.ts'
import { createKms } from '../../../local/kms.ts'
import { openKmsKey } from '../../../local/kms-key.ts'
import { readCounts, readRecord } from '../../../local/record/record.ts'
import { startRecording } from '../../../local/record/recording.ts'
import { ensureTable } from '../../../local/table.ts'
import { folder, signing } from '../kit.ts'

const trust = createTrust()
const [own, a1, a2] = [signing(trust), signing(trust), signing(trust)]

const start = async () => {
  const data = await folder()
  const dynamo = await startDynamo({ trust })
  onTestFinished(() => dynamo.close())
  const client = new DynamoDBClient({ ...own, endpoint: dynamo.endpoint })
  await ensureTable(client, 'keyharbor')
  client.destroy()
  const file = join(data, 'record')
  const recording = startRecording(file, dynamo.endpoint, trust)
  const internal = await startInternal({
    trust,
    callers: new Map([
      [a1.credentials.accessKeyId, 'Socket'],
      [a2.credentials.accessKeyId, 'Http'],
    ]),
    kms: createKms(await openKmsKey(join(data, 'kms.key'), true), own.region),
    issuer: { jwks: { keys: [] } },
    recording,
  })
  onTestFinished(() => internal.close())
  onTestFinished(() => recording.close())
  const { url: endpoint } = internal
  const clientOf = (who: typeof own) => {
    const client = new DynamoDBClient({ ...who, endpoint, maxAttempts: 1 })
    onTestFinished(() => client.destroy())
    return client
  }
  return { file, recording, endpoint, clientOf }
}

const item = (n: number) => ({ pk: { S: `T#${n}` }, sk: { S: 'META' }, secret: { S: 'q7Zx' } })
const put = (n: number) => ({ TableName: 'keyharbor', Item: item(n) })

it('has each distinct call once, by function, with no value; and how often', async () => {
  const { file, recording, endpoint, clientOf } = await start()
  const socket = clientOf(a1)
  for (const n of [1, 2, 3]) await socket.send(new PutItemCommand(put(n)))
  await clientOf(a2).send(
    new TransactWriteItemsCommand({ TransactItems: [{ Put: put(4) }, { Put: put(5) }] }),
  )
  const kms = new KMSClient({ ...a2, endpoint })
  const context = { service: 'keyharbor', tenant: '7' }
  await kms.send(
    new GenerateDataKeyCommand({
      KeyId: 'alias/keyharbor',
      KeySpec: 'AES_256',
      EncryptionContext: context,
    }),
  )
  kms.destroy()
  recording.invoked('Http', 'returned', 12)
  recording.close()

  const shape = {
    action: 'dynamodb:PutItem',
    resource: 'table',
    leadingKeys: ['T#<n>'],
    sortKeys: ['META'],
    attributes: ['pk', 'secret', 'sk'],
  }
  expect(await readRecord(file)).toEqual([
    { function: 'Socket', operation: 'PutItem', ...shape },
    { function: 'Http', operation: 'TransactWriteItems', ...shape },
    {
      function: 'Http',
      action: 'kms:GenerateDataKey',
      operation: 'GenerateDataKey',
      resource: 'key',
      encryptionContext: { service: 'keyharbor', tenant: '<n>' },
    },
  ])
  expect(await readFile(file, 'utf8')).not.toContain('q7Zx')
  expect(await readCounts(file)).toMatchObject({
    Socket: {
      requests: { 'dynamodb:PutItem': { calls: 3, units: 3 } },
      actions: { 'dynamodb:PutItem': 3 },
    },
    Http: {
      invocations: { returned: 1, threw: 0, timedOut: 0, ms: 12 },
      // A write in a transaction costs twice.
      requests: { 'dynamodb:TransactWriteItems': { calls: 1, units: 4 } },
      actions: { 'dynamodb:PutItem': 2, 'kms:GenerateDataKey': 1 },
    },
  })
})

it('hands errors on as they are', async () => {
  const { clientOf } = await start()
  const failing = put(1)
  await expect(
    clientOf(a1).send(
      new PutItemCommand({ ...failing, ConditionExpression: 'attribute_exists(pk)' }),
    ),
  ).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' })
})

it('has nothing of ourselves, and lets no stranger in', async () => {
  const { file, clientOf } = await start()
  await clientOf(own).send(new PutItemCommand(put(1)))
  await expect(
    clientOf(signing(createTrust())).send(new PutItemCommand(put(1))),
  ).rejects.toMatchObject({
    name: 'UnrecognizedClientException',
  })
  expect(await readRecord(file)).toEqual([])
})

it('says when its file cannot be written', async () => {
  expect(() => startRecording(join('/nowhere', 'record'), 'http://127.0.0.1:9', trust)).toThrow(
    /^KEYHARBOR_RECORD can't be written .*: name another file$/,
  )
})
