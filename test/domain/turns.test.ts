/** Long work in turns. Counted are rounds of the event loop: in each of them, all that came in is dealt with. */
import { Readable } from 'node:stream'
import { BatchGetItemCommand, DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { QueryFilters } from '../../shared/domain/query/filters.ts'
import { turn } from '../../shared/domain/turns.ts'
import { checkPresented } from '../../shared/keys/check.ts'
import { METHODS } from '../../shared/methods/index.ts'
import { createDispatch, type Peer } from '../../shared/rpc/dispatch.ts'
import { method } from '../../shared/rpc/method.ts'
import type { Service } from '../../shared/service.ts'
import { parseInTurns } from '../../shared/store/long-answers.ts'
import { useQuickReads } from '../../shared/store/quick-reads.ts'

/** In which round each of some promises was settled; 0: in the one in which they were made. */
const roundsOf = async (act: () => readonly Promise<unknown>[]): Promise<number[]> => {
  let round = 0
  const rounds: number[] = []
  const count = (): void => {
    round += 1
    next = setImmediate(count)
  }
  let next = setImmediate(count)
  await Promise.all(act().map((one) => one.then(() => rounds.push(round))))
  clearImmediate(next)
  return rounds.sort((a, b) => a - b)
}

const isOnePerRound = (rounds: readonly number[]): boolean =>
  rounds.every((round, at) => at === 0 || round > (rounds[at - 1] ?? 0))

test('there is one in each round, no matter who asked', async () => {
  const rounds = await roundsOf(() => Array.from({ length: 8 }, turn))
  expect(isOnePerRound(rounds)).toBe(true)
  expect(await roundsOf(() => [turn()])).toHaveLength(1)
})

/** Takes filters, and lists nothing. */
const count = method({
  name: 'x.count',
  summary: 'Counts.',
  access: 'session',
  devices: true,
  params: { filters: QueryFilters },
  result: z.int(),
  run: async () => 0,
})

const dispatch = createDispatch(
  {
    env: { KEYHARBOR_ANONYMOUS_CALLS_PER_MINUTE: 20 },
    now: () => 0,
    metrics: { add: () => {} },
    sessionCalls: { take: async () => ({ ok: true }) },
  } as unknown as Service,
  new Map([...METHODS, [count.name, count]]),
)
const peer = {
  connection: { id: 'c', version: 'v26.0.0', address: '192.0.2.1', session: null },
  session: { roles: ['KEY_VALIDATE'] },
} as unknown as Peer
const frame = (method: string, params: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
const answers = (text: string) => () => Array.from({ length: 8 }, () => dispatch(text, peer))

test('large frames are read one in a round, and small ones all at once', async () => {
  expect(isOnePerRound(await roundsOf(answers(frame('x', ['y'.repeat(5000)]))))).toBe(true)
  expect(new Set(await roundsOf(answers(frame('x', ['y']))))).toEqual(new Set([0]))
})

test.each(['core.get_jobs', count.name])('filters of %s are read one in a round', async (name) => {
  const short = frame(name, [[['a', '~', '(?i)\\pL']]])
  expect(isOnePerRound(await roundsOf(answers(short)))).toBe(true)
})

test('many keys are judged in a turn of their own, and one with its asker at once', async () => {
  const deps = {
    keys: { forCheck: async (refs: readonly unknown[]) => refs.map(() => null) },
    now: () => 0,
  } as unknown as Parameters<typeof checkPresented>[0]
  const token = {
    id: 1,
    tenant: 1,
    n: 1,
    uid: 1,
    roles: [],
    generation: 1,
    issuedAt: 0,
    expires: 1,
  }
  const check = (many: number) => () =>
    Array.from({ length: 4 }, () =>
      checkPresented(
        deps,
        Array.from({ length: many }, () => token),
      ),
    )
  expect(isOnePerRound(await roundsOf(check(100)))).toBe(true)
  expect(new Set(await roundsOf(check(2)))).toEqual(new Set([0]))
})

test('long answers of DynamoDB are parsed one in a round, and short ones as they come', async () => {
  const Keys = [{ pk: { S: 'a' }, sk: { S: 'a' } }]
  const query = new QueryCommand({ TableName: 't', KeyConditionExpression: 'pk = :pk' })
  const batch = new BatchGetItemCommand({ RequestItems: { t: { Keys } } })
  const items = (count: number) => Array.from({ length: count }, () => ({ pk: { S: 'a' } }))
  let count = 0
  const client = new DynamoDBClient({
    region: 'us-east-1',
    endpoint: 'http://127.0.0.1:1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    // Answers are there at once, all at the same moment.
    requestHandler: {
      handle: async () => {
        const text = JSON.stringify({ Items: items(count), Responses: { t: items(count) } })
        return { response: { statusCode: 200, headers: {}, body: Readable.from([text]) } as never }
      },
    },
  })
  useQuickReads(client)
  parseInTurns(client)
  // The first request shows quick reads the way.
  await client.send(query)
  for (const command of [query, batch]) {
    const four = () => Array.from({ length: 4 }, () => client.send(command as QueryCommand))
    count = 400
    expect(isOnePerRound(await roundsOf(four))).toBe(true)
    count = 1
    expect(isOnePerRound(await roundsOf(four))).toBe(false)
  }
})
