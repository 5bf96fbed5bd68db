/** What the embedded DynamoDB never does: conflicts between transactions, and throttles. Answered
 * here by a server that speaks DynamoDB's wire. */
import { createServer, type Server } from 'node:http'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createDb, type Db } from '../../shared/store/db.ts'
import { refusal } from '../kit/service.ts'

type Answer = { status: number; body: object }
const conflict: Answer = { status: 400, body: { __type: 'TransactionConflictException' } }
const canceled = (...codes: string[]): Answer => ({
  status: 400,
  body: {
    __type: 'TransactionCanceledException',
    CancellationReasons: codes.map((Code) => ({ Code })),
  },
})
const ok: Answer = { status: 200, body: { Attributes: { n: { N: '7' } } } }

let server: Server
let db: Db
/** What is answered, one after the other; the last again and again. */
let answers: Answer[]
let asked: number
beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume().on('end', () => {
      const { status, body } = answers[Math.min(asked++, answers.length - 1)] as Answer
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
      response.end(JSON.stringify(body))
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const credentials = { accessKeyId: 'x', secretAccessKey: 'x' }
  const endpoint = `http://127.0.0.1:${port}`
  db = createDb(
    new DynamoDBClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 }),
    'keyharbor',
  )
})
afterAll(() => server.close())
beforeEach(() => {
  asked = 0
})

const key = { pk: 'T#1', sk: 'META' }
const put = { put: { ...key }, lost: 'TAKEN' as const }

describe('a conflict with another transaction', () => {
  it('is tried again, by an update', async () => {
    answers = [conflict, conflict, ok]
    expect(await db.update({ update: key, add: { n: 1 } })).toEqual({ n: 7 })
    expect(asked).toBe(3)
  })

  it('is tried again, by a transaction', async () => {
    answers = [canceled('None', 'TransactionConflict'), { status: 200, body: {} }]
    expect(await db.transact([put, { delete: { ...key, sk: 'X' } }])).toBeNull()
    expect(asked).toBe(2)
  })

  it('that does not end is "try again", not a success', async () => {
    answers = [canceled('TransactionConflict')]
    expect(await refusal(db.transact([put]))).toBe('UNAVAILABLE')
    answers = [conflict]
    expect(await refusal(db.update({ update: key, add: { n: 1 } }))).toBe('UNAVAILABLE')
  })

  it('beside a condition that failed is the condition’s answer', async () => {
    answers = [canceled('ConditionalCheckFailed', 'TransactionConflict')]
    const lost = await db.transact([put, { delete: { ...key, sk: 'X' } }])
    expect(lost).toEqual({ lost: 'TAKEN', old: null })
  })
})

describe('a throttle', () => {
  it('is "try again" for reads and writes', async () => {
    answers = [{ status: 400, body: { __type: 'ThrottlingException' } }]
    expect(await refusal(db.get(key))).toBe('UNAVAILABLE')
    expect(await refusal(db.transact([put]))).toBe('UNAVAILABLE')
  })

  it('of a part of a batch makes that part be asked again', async () => {
    const item = (sk: string) => ({ pk: { S: 'T#1' }, sk: { S: sk } })
    answers = [
      {
        status: 200,
        body: {
          Responses: { keyharbor: [item('A')] },
          UnprocessedKeys: { keyharbor: { Keys: [item('B')] } },
        },
      },
      { status: 200, body: { Responses: { keyharbor: [item('B')] }, UnprocessedKeys: {} } },
    ]
    const read = await db.read(['B', 'A', 'C'].map((sk) => ({ pk: 'T#1', sk })))
    expect(read).toEqual([{ pk: 'T#1', sk: 'B' }, { pk: 'T#1', sk: 'A' }, null])
  })
})
