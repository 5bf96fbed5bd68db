import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import {
  BatchGetItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createTrust } from '../../local/credentials.ts'
import { startDynamo } from '../../local/dynamo.ts'
import { createVerifier } from '../../local/signature.mjs'
import { useQuickReads } from '../../shared/store/quick-reads.ts'

const TABLE = 'quick'
const credentials = { accessKeyId: 'AKID', secretAccessKey: 'hidden', sessionToken: 'session' }
const read = (...names: string[]) =>
  new BatchGetItemCommand({
    RequestItems: {
      [TABLE]: { Keys: names.map((pk) => ({ pk: { S: pk } })), ConsistentRead: true },
    },
  })

const list = (pk: string) =>
  new QueryCommand({
    TableName: TABLE,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: pk } },
    ConsistentRead: true,
    Limit: 1,
  })

const clientOf = (endpoint: string, quick = true, requestHandler = {}): DynamoDBClient => {
  const settings = { endpoint, region: 'eu-west-1', credentials, requestHandler, maxAttempts: 2 }
  const client = new DynamoDBClient(settings)
  if (quick) useQuickReads(client)
  onTestFinished(() => client.destroy())
  return client
}

/** A server that answers the first request, which tells where DynamoDB is, and all others as it is told. */
const startServer = async (then: RequestListener) => {
  const seen: { headers: IncomingHttpHeaders; body: string }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part) => {
      body += part
    })
    request.on('end', () => {
      seen.push({ headers: request.headers, body })
      if (seen.length > 1) return then(request, response)
      response.end('{"Responses":{},"UnprocessedKeys":{}}')
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => void server.close())
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return { endpoint: `http://127.0.0.1:${address.port}`, seen }
}
const startTable = async (): Promise<string> => {
  const own = { id: credentials.accessKeyId, secret: credentials.secretAccessKey }
  const { endpoint, close } = await startDynamo({ trust: { ...createTrust(), own } })
  onTestFinished(close)
  await clientOf(endpoint, false).send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  )
  return endpoint
}

/** A Buffer is a Uint8Array, but not to `toEqual`. */
const plainBytes = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, one) =>
      one instanceof Uint8Array
        ? Buffer.from(one).toString('hex')
        : one?.type === 'Buffer'
          ? Buffer.from(one.data).toString('hex')
          : one,
    ),
  )

/** The SDK's general way counts its attempts; the short one doesn't. */
const isQuick = ({ headers }: { headers: IncomingHttpHeaders }): boolean =>
  headers['amz-sdk-request'] === undefined

describe('an item read the short way', () => {
  it('is what the SDK would have given, whatever is in it', async () => {
    const endpoint = await startTable()
    const plain = clientOf(endpoint, false)
    const item = {
      pk: { S: 'é "quoted"\n' },
      bytes: { B: Buffer.from([0, 255, 7]) },
      empty: { B: Buffer.alloc(0) },
      number: { N: '9007199254740991' },
      yes: { BOOL: true },
      none: { NULL: true },
      list: { L: [{ S: 'a' }, { B: Buffer.from('b') }, { M: { deep: { B: Buffer.from('c') } } }] },
      sets: { BS: [Buffer.from('d')] },
    }
    await plain.send(new PutItemCommand({ TableName: TABLE, Item: item }))
    const quick = clientOf(endpoint)
    await quick.send(read('nobody'))
    const bySdk = await plain.send(read('é "quoted"\n', 'nobody'))
    const found = await quick.send(read('é "quoted"\n', 'nobody'))
    expect(plainBytes(found.Responses)).toEqual(plainBytes(bySdk.Responses))
    expect(found.UnprocessedKeys).toEqual(bySdk.UnprocessedKeys)
    const page = await quick.send(list('é "quoted"\n'))
    const { $metadata: _, ...pageBySdk } = await plain.send(list('é "quoted"\n'))
    expect(plainBytes(page)).toMatchObject(plainBytes(pageBySdk) as object)
    expect(page.LastEvaluatedKey).toEqual({ pk: item.pk })
  })
})

describe('a request the short way', () => {
  it.each([
    ['BatchGetItem', () => read('a')],
    ['Query', () => list('a')],
  ])('is signed, and asks for the same: %s', async (_, command) => {
    const server = await startServer((_request, response) => response.end('{"Responses":{}}'))
    const plain = clientOf(server.endpoint, false)
    await plain.send(command() as never)
    const client = clientOf(server.endpoint)
    await client.send(read('first'))
    await client.send(command() as never)
    const [general, , quick] = server.seen
    if (general === undefined || quick === undefined) throw new Error('three were sent')
    expect([isQuick(general), isQuick(quick)]).toEqual([false, true])
    expect(JSON.parse(quick.body)).toEqual(JSON.parse(general.body))
    const alike = ['host', 'content-type', 'x-amz-target', 'x-amz-security-token', 'user-agent']
    for (const name of alike) expect(quick.headers[name], name).toBe(general.headers[name])
    const own = { id: credentials.accessKeyId, secret: credentials.secretAccessKey }
    const verify = createVerifier({ ...createTrust(), own })
    const asked = { method: 'POST', url: '/', headers: quick.headers }
    expect(verify(asked, Buffer.from(quick.body), Date.now())).toEqual({ id: own.id, path: '/' })
    const signed = /SignedHeaders=([^,]*)/.exec(quick.headers.authorization ?? '')?.[1]
    expect(signed?.split(';')).toEqual(
      expect.arrayContaining(['host', 'x-amz-date', 'x-amz-security-token', 'x-amz-target']),
    )
  })

  it('leaves other commands alone', async () => {
    const server = await startServer((_request, response) => response.end('{}'))
    const client = clientOf(server.endpoint)
    await client.send(read('a'))
    await client.send(new PutItemCommand({ TableName: TABLE, Item: { pk: { S: 'a' } } }))
    expect(server.seen.map(isQuick)).toEqual([false, false])
  })
})

describe('a request that fails the short way', () => {
  const failing: [string, RequestListener][] = [
    [
      'refused for a while',
      (_request, response) =>
        response.writeHead(400).end('{"__type":"ProvisionedThroughputExceededException"}'),
    ],
    ['no JSON', (_request, response) => response.end('<html>')],
    ['cut off', (request) => request.socket.destroy()],
    [
      'cut off in the middle',
      (request, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('{"Resp')
        setImmediate(() => request.socket.destroy())
      },
    ],
  ]
  it.each(failing)('(%s) goes the SDK’s own way', async (_name, fail) => {
    const server = await startServer((request, response) =>
      isQuick(request)
        ? fail(request, response)
        : response.end('{"Responses":{"quick":[{"pk":{"S":"a"}}]}}'),
    )
    const client = clientOf(server.endpoint)
    await client.send(read('a'))
    const { Responses } = await client.send(read('a'))
    expect(Responses).toEqual({ quick: [{ pk: { S: 'a' } }] })
    expect(server.seen.map(isQuick)).toEqual([false, true, false])
  })

  it('goes the SDK’s own way when the answer stops in the middle', async () => {
    const server = await startServer((request, response) =>
      isQuick(request)
        ? response.writeHead(200, { 'content-length': '100' }).write('{"Resp')
        : response.end('{"Responses":{"quick":[]}}'),
    )
    const client = clientOf(server.endpoint, true, { socketTimeout: 50 })
    await client.send(read('a'))
    expect((await client.send(read('a'))).Responses).toEqual({ quick: [] })
    expect(server.seen.map(isQuick)).toEqual([false, true, false])
  })

  it('sends those after it the SDK’s own way, for a second longer after each failure', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    let fails = true
    const server = await startServer((request, response) =>
      response.writeHead(fails && isQuick(request) ? 500 : 200).end('{"Responses":{}}'),
    )
    const client = clientOf(server.endpoint)
    const isNextQuick = async (): Promise<boolean> => {
      const before = server.seen.length
      await client.send(read('a'))
      return server.seen.slice(before).some(isQuick)
    }
    expect(await isNextQuick()).toBe(false)
    expect(await isNextQuick()).toBe(true)
    expect(await isNextQuick()).toBe(false)
    vi.advanceTimersByTime(1000)
    expect(await isNextQuick()).toBe(true)
    vi.advanceTimersByTime(1999)
    expect(await isNextQuick()).toBe(false)
    fails = false
    vi.advanceTimersByTime(1)
    expect(await isNextQuick()).toBe(true)
    expect(await isNextQuick()).toBe(true)
  })

  it('has the SDK’s error in the end', async () => {
    const server = await startServer((_request, response) =>
      response.writeHead(400).end('{"__type":"ResourceNotFoundException","message":"no table"}'),
    )
    const client = clientOf(server.endpoint)
    await client.send(read('a'))
    await expect(client.send(read('a'))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    })
  })
})
