/** The pump against a stream as AWS's can be and dynoxide's never is: split, expired and trimmed. */
import { createServer } from 'node:http'
import { join } from 'node:path'
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams'
import { expect, it, onTestFinished } from 'vitest'
import { lambda } from '../../local/lambda.ts'
import { closeServer, listen } from '../../local/listen.ts'
import { startPump } from '../../local/streams.ts'
import { type Event, folder, until } from './kit.ts'

type Answer = { readonly error?: string; readonly [field: string]: unknown }
type Asked = {
  readonly ShardId: string
  readonly ShardIterator: string
  readonly [k: string]: unknown
}

/** A DynamoDB Streams endpoint with answers of the test's own. */
const endpoint = async (answers: Record<string, (asked: Asked) => Answer>) => {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const name = String(request.headers['x-amz-target']).split('.')[1] ?? ''
    const { error, ...body } = answers[name]?.(JSON.parse(Buffer.concat(parts).toString())) ?? {}
    response.writeHead(error === undefined ? 200 : 400, {
      'content-type': 'application/x-amz-json-1.0',
    })
    response.end(JSON.stringify(error === undefined ? body : { __type: error }))
  })
  const port = await listen(server, 0, '127.0.0.1')
  onTestFinished(() => closeServer(server))
  return `http://127.0.0.1:${port}`
}

const record = (n: string) => ({
  eventID: n,
  eventName: 'INSERT',
  dynamodb: { Keys: { pk: { S: n } }, SequenceNumber: n },
})

const pump = async (url: string, checkpoint: string) => {
  const client = new DynamoDBStreamsClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  })
  const got: string[] = []
  const started = startPump({
    client,
    findStream: async () => 'arn:aws:dynamodb:us-east-1:0:table/t/stream/1',
    name: 'tell',
    invoke: lambda(
      'tell',
      async (event) => {
        for (const one of (event as Event).Records) got.push(one.dynamodb.SequenceNumber)
      },
      5,
    ),
    checkpoint,
    idle: 5,
  })
  onTestFinished(async () => {
    await started.close()
    client.destroy()
  })
  return { got, ...started }
}

it('reads a parent to its end before its children, and none of it twice', async () => {
  const shards: Record<string, { parent?: string; records: string[]; open: boolean }> = {
    a: { records: ['1', '2'], open: false },
    b: { parent: 'a', records: ['3'], open: true },
    c: { parent: 'a', records: ['4'], open: true },
  }
  const url = await endpoint({
    DescribeStream: () => ({
      StreamDescription: {
        // Children first: the order in a list means nothing.
        Shards: Object.entries(shards)
          .reverse()
          .map(([ShardId, { parent }]) => ({ ShardId, ...(parent && { ParentShardId: parent }) })),
      },
    }),
    GetShardIterator: ({ ShardId, SequenceNumber }) => {
      const at = shards[ShardId]?.records.indexOf(String(SequenceNumber)) ?? -1
      return { ShardIterator: `${ShardId}/${at + 1}` }
    },
    GetRecords: ({ ShardIterator }) => {
      const [id = '', at] = ShardIterator.split('/')
      const { records = [], open = false } = shards[id] ?? {}
      return {
        Records: records.slice(Number(at)).map(record),
        ...(open && { NextShardIterator: `${id}/${records.length}` }),
      }
    },
  })
  const checkpoint = join(await folder(), 'streams.json')
  const first = await pump(url, checkpoint)
  await until(() => first.got.length === 4)
  expect(first.got.slice(0, 2)).toEqual(['1', '2'])
  await first.close()
  shards.b?.records.push('5')
  const second = await pump(url, checkpoint)
  await until(() => second.got.length > 0)
  expect(second.got).toEqual(['5'])
})

it('takes a new iterator when one expired, and the oldest record when its place is trimmed', async () => {
  let iterators = 0
  let trimmed = false
  const url = await endpoint({
    DescribeStream: () => ({ StreamDescription: { Shards: [{ ShardId: 'a' }] } }),
    GetShardIterator: ({ ShardIteratorType }) => {
      if (trimmed && ShardIteratorType !== 'TRIM_HORIZON')
        return { error: 'TrimmedDataAccessException' }
      return { ShardIterator: `${++iterators}/${ShardIteratorType}` }
    },
    GetRecords: ({ ShardIterator }) => {
      switch (ShardIterator) {
        case '1/TRIM_HORIZON':
          return { error: 'ExpiredIteratorException' }
        case '2/TRIM_HORIZON':
          return { Records: [record('1')], NextShardIterator: 'old' }
        case 'old':
          trimmed = true
          return { error: 'ExpiredIteratorException' }
        case '3/TRIM_HORIZON':
          return { error: 'TrimmedDataAccessException' }
        case '4/TRIM_HORIZON':
          return { Records: [record('9')], NextShardIterator: 'end' }
        default:
          return { Records: [], NextShardIterator: 'end' }
      }
    },
  })
  const { got } = await pump(url, join(await folder(), 'streams.json'))
  await until(() => got.length === 2)
  expect(got).toEqual(['1', '9'])
})
