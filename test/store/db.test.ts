/** What the embedded DynamoDB never does: conflicts between transactions, and throttles. Answered
 * here by a server that speaks DynamoDB's wire. */
import { createServer, type Server } from 'node:http'
import { json } from 'node:stream/consumers'
import { DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { SERVICE } from '../../shared/store/audit.ts'
import { createDb, type Db, type Pages } from '../../shared/store/db.ts'
import { itemKey } from '../../shared/store/item-keys.ts'
import { PRESENT, unaudited } from '../../shared/store/write.ts'
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
/** What was asked last. */
let lastAsked: unknown
let endpoint: string
beforeAll(async () => {
  server = createServer(async (request, response) => {
    lastAsked = await json(request)
    const { status, body } = answers[Math.min(asked++, answers.length - 1)] as Answer
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
    response.end(JSON.stringify(body))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  endpoint = `http://127.0.0.1:${port}`
  db = createDb(clientOf(1), 'keyharbor')
})
afterAll(() => server.close())
beforeEach(() => {
  asked = 0
})

const clientOf = (maxAttempts: number) => {
  const credentials = { accessKeyId: 'x', secretAccessKey: 'x' }
  return new DynamoDBClient({ endpoint, region: 'us-east-1', credentials, maxAttempts })
}
const key = { pk: 'T#1', sk: 'META' }
const put = { put: { ...key }, conflict: 'TAKEN' as const }

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
    expect(lastAsked).toMatchObject({ TransactItems: [{ Put: {} }, { Delete: {} }] })
  })

  it('that does not end is "try again", not a success', async () => {
    answers = [canceled('TransactionConflict')]
    expect(await refusal(db.transact([put]))).toBe('UNAVAILABLE')
    answers = [conflict]
    expect(await refusal(db.update({ update: key, add: { n: 1 } }))).toBe('UNAVAILABLE')
  })

  it('beside a condition that failed is the condition’s answer', async () => {
    const CancellationReasons = [
      { Code: 'ConditionalCheckFailed', Item: { n: { N: '7' } } },
      { Code: 'TransactionConflict' },
    ]
    answers = [{ status: 400, body: { ...canceled().body, CancellationReasons } }]
    const conflict = await db.transact([put, { delete: { ...key, sk: 'X' } }])
    expect(conflict).toEqual({ reason: 'TAKEN', old: { n: 7 } })
  })
})

describe('a transaction whose first answer was lost', () => {
  const marked = [put, { put: { pk: 'T#1', sk: 'X' }, mark: 9 }]
  const lost: Answer = { status: 500, body: { __type: 'InternalServerError' } }
  const met = (item: object): Answer => ({
    status: 400,
    body: { __type: 'ConditionalCheckFailedException', Item: item },
  })
  const transact = () => createDb(clientOf(3), 'keyharbor').transact(marked)

  it('and whose next attempt met it is done', async () => {
    answers = [lost, canceled('ConditionalCheckFailed'), met({ event: { S: 'key.create' } })]
    expect(await transact()).toBeNull()
  })

  it('and whose next attempt met another call’s has lost to that', async () => {
    answers = [lost, canceled('ConditionalCheckFailed'), { status: 200, body: {} }]
    expect(await transact()).toEqual({ reason: 'TAKEN', old: null })
    const withdrawn = met({ withdrawn: { BOOL: true } })
    answers = [lost, canceled('ConditionalCheckFailed'), lost, lost, lost, withdrawn]
    asked = 0
    expect(await transact()).toEqual({ reason: 'TAKEN', old: null })
    expect(lastAsked).toMatchObject({
      Item: { pk: { S: 'T#1' }, sk: { S: 'X' }, withdrawn: { BOOL: true }, ttl: { N: '9' } },
      ConditionExpression: 'attribute_not_exists(#pk)',
    })
  })

  it('is not known while nothing says whose mark is there', async () => {
    const unsaid = { status: 400, body: { __type: 'ConditionalCheckFailedException' } }
    answers = [lost, canceled('ConditionalCheckFailed'), unsaid]
    await expect(transact()).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      cause: { name: 'TransactionCanceledException' },
    })
  })

  it('is not asked about where the answer to the first attempt says that nothing was done', async () => {
    const throttled = { status: 400, body: { __type: 'ThrottlingException' } }
    answers = [throttled, canceled('ConditionalCheckFailed'), met({ event: { S: 'key.create' } })]
    expect(await transact()).toEqual({ reason: 'TAKEN', old: null })
    expect(asked).toBe(2)
  })

  it('and that was withdrawn is not done when it is sent again', async () => {
    answers = [canceled('None', 'ConditionalCheckFailed')]
    await expect(transact()).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      cause: { name: 'TransactionCanceledException' },
    })
  })

  it('is tried again while another transaction is in the way', async () => {
    answers = [lost, canceled('None', 'TransactionConflict'), { status: 200, body: {} }]
    expect(await transact()).toBeNull()
    expect(asked).toBe(3)
  })
})

it('a transaction that is a mistake of ours fails as that, at once', async () => {
  answers = [canceled('None', 'ValidationError')]
  await expect(db.transact([put])).rejects.toThrow(TransactionCanceledException)
  answers = [{ status: 400, body: { __type: 'ValidationException' } }]
  await expect(db.transact([put])).rejects.toMatchObject({ name: 'ValidationException' })
  expect(asked).toBe(2)
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

describe('a list', () => {
  const item = (sk: string) => ({ pk: { S: 'T#1' }, sk: { S: sk } })
  const pages: Answer[] = [
    { status: 200, body: { Items: [item('A'), item('B')], LastEvaluatedKey: item('B') } },
    { status: 200, body: { Items: [item('C')] } },
  ]
  const listed = async (how: Pages) => {
    answers = pages
    const found: unknown[] = []
    for await (const { sk } of db.range('T#1', { from: 'A', to: 'C', ...how })) found.push(sk)
    expect(found).toEqual(['A', 'B', 'C'])
    expect(asked).toBe(2)
    return lastAsked
  }

  it('is read consistently to its end, in pages as large as can be', async () => {
    const last = await listed({})
    expect(last).toMatchObject({ ConsistentRead: true })
    expect(last).not.toHaveProperty('Limit')
  })

  it('is read so up to an item, where it may be a long one, and beyond it at half the price', async () => {
    expect(await listed({ most: 2, strong: 3 })).toMatchObject({ ConsistentRead: true, Limit: 2 })
    asked = 0
    expect(await listed({ most: 2, strong: 2 })).toMatchObject({ ConsistentRead: false, Limit: 2 })
  })
})

it('an item of which the audit speaks compiles in a change alone', () => {
  const at = itemKey.user(1, 'bob')
  const gate = itemKey.gate(1, 0)
  const data = { event: 'user.use_recovery_code', subject: { user: 'bob' } } as const
  const entry = { tenant: 1, at: 0, actor: SERVICE, ...data }
  const never = () => [
    db.change(entry, [{ delete: at }, { delete: gate }]),
    db.transact([{ delete: gate }, { check: at, when: PRESENT }]),
    db.update({ update: unaudited(at) }),
    // @ts-expect-error: no entry
    db.transact([{ delete: at }]),
    // @ts-expect-error: no entry
    db.transact([{ put: { ...at, roles: [] } }]),
    // @ts-expect-error: no entry
    db.update({ update: at }),
    // @ts-expect-error: no entry
    db.updateBlind({ update: at }),
    // @ts-expect-error: no entry
    db.put({ ...at, roles: [] }),
  ]
  expect(never).toBeTypeOf('function')
})
