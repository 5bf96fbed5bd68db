/** The recording as functions cause it: real clients, a real DynamoDB behind, and a file. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DynamoDBClient, PutItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb'
import { GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { expect, it, onTestFinished } from 'vitest'
import { startDynamo } from '../../../local/dynamo.ts'
import { startInternal } from '../../../local/internal.ts'
import { createKms } from '../../../local/kms.ts'
import { openKmsKey } from '../../../local/kms-key.ts'
import { readCounts, readRecord } from '../../../local/record/record.ts'
import { startRecording } from '../../../local/record/recording.ts'
import { ensureTable } from '../../../local/table.ts'
import { folder } from '../kit.ts'

const region = 'us-east-1'
const signed = (accessKeyId: string) => ({
  region,
  credentials: { accessKeyId, secretAccessKey: 'x' },
})

const start = async () => {
  const data = await folder()
  const dynamo = await startDynamo({})
  onTestFinished(() => dynamo.close())
  const own = new DynamoDBClient({ ...signed('OWN'), endpoint: dynamo.endpoint })
  await ensureTable(own, 'keyharbor')
  own.destroy()
  const file = join(data, 'record')
  const recording = startRecording(file, dynamo.endpoint)
  const internal = await startInternal({
    accessKeyId: 'OWN',
    callers: new Map([
      ['A1', 'Socket'],
      ['A2', 'Http'],
    ]),
    kms: createKms(await openKmsKey(join(data, 'kms.key'), true), region),
    issuer: { jwks: { keys: [] } },
    recording,
  })
  onTestFinished(() => internal.close())
  const { origin: endpoint } = internal
  const clientOf = (id: string) => {
    const client = new DynamoDBClient({ ...signed(id), endpoint, maxAttempts: 1 })
    onTestFinished(() => client.destroy())
    return client
  }
  return { file, recording, endpoint, clientOf }
}

const item = (n: number) => ({ pk: { S: `T#${n}` }, sk: { S: 'META' }, secret: { S: 'q7Zx' } })
const put = (n: number) => ({ TableName: 'keyharbor', Item: item(n) })

it('has each distinct call once, by function, with no value; and how often', async () => {
  const { file, recording, endpoint, clientOf } = await start()
  const socket = clientOf('A1')
  for (const n of [1, 2, 3]) await socket.send(new PutItemCommand(put(n)))
  await clientOf('A2').send(
    new TransactWriteItemsCommand({ TransactItems: [{ Put: put(4) }, { Put: put(5) }] }),
  )
  const kms = new KMSClient({ ...signed('A2'), endpoint })
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
    clientOf('A1').send(
      new PutItemCommand({ ...failing, ConditionExpression: 'attribute_exists(pk)' }),
    ),
  ).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' })
})

it('has nothing of ourselves, and lets no stranger in', async () => {
  const { file, clientOf } = await start()
  await clientOf('OWN').send(new PutItemCommand(put(1)))
  await expect(clientOf('A3').send(new PutItemCommand(put(1)))).rejects.toMatchObject({
    name: 'UnrecognizedClientException',
  })
  expect(await readRecord(file)).toEqual([])
})

it('says when its file cannot be written', async () => {
  expect(() => startRecording(join('/nowhere', 'record'), 'http://127.0.0.1:9')).toThrow(
    /^KEYHARBOR_RECORD can't be written .*: name another file$/,
  )
})
