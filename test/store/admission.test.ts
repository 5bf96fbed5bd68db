/** The one queue before the table: who goes, who waits and who is refused; and that quick reads and all others stand in it. */
import { createServer, type ServerResponse } from 'node:http'
import { BatchGetItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { deadlineIn, deadlineNow, workFor, workUntil } from '../../shared/domain/carried.ts'
import { Fault } from '../../shared/domain/fault.ts'
import type { MetricName } from '../../shared/metrics.ts'
import { createQueue, queueRequests } from '../../shared/store/admission.ts'
import { createDb } from '../../shared/store/db.ts'
import { mayBeDone, noteAttempts } from '../../shared/store/failures.ts'
import { useQuickReads } from '../../shared/store/quick-reads.ts'

const LIMITS = { running: 1, waiting: 2, patienceMs: 60_000 }
const OVER = -1

/** Metrics that nobody looks at. */
const uncounted = () => ({ add: () => {} })

/** A queue whose only place is taken, and who got in after that. */
const busy = () => {
  const { enter, leave } = createQueue(LIMITS, uncounted())
  expect(enter()).toBeNull()
  const told: string[] = []
  const come = (name: string, ms?: number): void => {
    const turn = () =>
      enter()?.then(
        () => told.push(name),
        (error: Fault) => told.push(`${name}: ${error.code}, ${error.retryAfterSeconds}`),
      )
    if (ms === undefined) turn()
    else workFor(ms, turn)
  }
  return { come, leave, enter, told }
}

/** Lets everything happen that waits for nothing but its turn. */
const turn = (): Promise<void> => new Promise((done) => setImmediate(done))

describe('the queue', () => {
  it('lets in whoever is waited for the shortest', async () => {
    const { come, leave, told } = busy()
    come('new', 30_000)
    come('old', 10_000)
    leave()
    leave()
    await turn()
    expect(told).toEqual(['old', 'new'])
  })

  it('counts who has no deadline as one who has its patience', async () => {
    const { come, leave, told } = busy()
    come('nobody')
    come('somebody', 30_000)
    leave()
    await turn()
    expect(told).toEqual(['somebody'])
  })

  it('refuses at once whoever is waited for the longest, when it is full', async () => {
    const { come, leave, told } = busy()
    for (const [name, ms] of [
      ['a', 10_000],
      ['c', 30_000],
      ['b', 20_000],
    ] as const)
      come(name, ms)
    await turn()
    expect(told).toEqual(['c: UNAVAILABLE, 2'])
    leave()
    leave()
    await turn()
    expect(told).toEqual(['c: UNAVAILABLE, 2', 'a', 'b'])
  })

  it('sends nothing for nobody, and passes the place on', async () => {
    const { enter, leave } = createQueue(LIMITS, uncounted())
    expect(enter()).toBeNull()
    // Its caller has gone when a place is free.
    const gone = workUntil(deadlineIn(0.001), () => {
      try {
        return enter()
      } catch (error) {
        return Promise.reject(error)
      }
    })
    const refused = expect(gone).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    const next = workFor(60_000, enter)
    await turn()
    leave()
    await refused
    await next
    expect(() => workFor(OVER, enter)).toThrow(Fault)
  })

  it('has as many places after all that as before', () => {
    const { enter, leave } = createQueue(LIMITS, uncounted())
    expect(enter()).toBeNull()
    leave()
    expect(enter()).toBeNull()
    expect(enter()).not.toBeNull()
  })
})

describe('what the queue counts', () => {
  const counting = () => {
    const counted: Record<string, number[]> = {}
    const metrics = {
      add: (name: MetricName, value = 1): void => {
        counted[name] = [...(counted[name] ?? []), value]
      },
    }
    return { ...createQueue(LIMITS, metrics), counted }
  }

  it('is nothing while there is a place for all', () => {
    const { enter, leave, counted } = counting()
    for (let times = 0; times < 3; times++) {
      expect(enter()).toBeNull()
      leave()
    }
    expect(counted).toEqual({})
  })

  it('is the longest wait once a second, and the last one when nobody waits any more', async () => {
    let now = 5_000
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now)
    onTestFinished(() => clock.mockRestore())
    const { enter, leave, counted } = counting()
    enter()
    const first = enter()
    now += 50
    const second = enter()
    now += 200
    leave()
    await first
    expect(counted).toEqual({ QueueWait: [0.25] })
    const third = enter()
    now += 500
    leave()
    await second
    expect(counted).toEqual({ QueueWait: [0.25] })
    leave()
    await third
    expect(counted).toEqual({ QueueWait: [0.25, 0.7] })
  })

  it('is each that was refused: since it was full, or nobody waited any more', async () => {
    let now = 5_000
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now)
    onTestFinished(() => clock.mockRestore())
    const { enter, leave, counted } = counting()
    enter()
    const all = [10, 20, 30_000].map((ms) => workFor(ms, enter))
    await expect(all[2]).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(counted).toEqual({ QueueRefused: [1] })
    now += 15
    leave()
    await expect(all[0]).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await all[1]
    expect(counted).toMatchObject({ QueueRefused: [1, 1] })
  })
})

/** A table whose answers are given by hand. */
const startTable = async () => {
  const asked: { readonly operation: string; readonly response: ServerResponse }[] = []
  const server = createServer((request, response) => {
    request.resume()
    const operation = String(request.headers['x-amz-target']).replace(/^.*\./, '')
    request.on('end', () => asked.push({ operation, response }))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${address.port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    maxAttempts: 3,
  })
  onTestFinished(() => {
    client.destroy()
    server.closeAllConnections()
    server.close()
  })
  queueRequests(client, { ...LIMITS, waiting: 3 }, uncounted())
  useQuickReads(client)
  noteAttempts(client)
  const answer = (): void =>
    void asked.shift()?.response.end('{"Responses":{},"UnprocessedKeys":{}}')
  return { client, asked, answer }
}

const READ = { RequestItems: { t: { Keys: [{ pk: { S: 'a' } }] } } }
const PUT = { TableName: 't', Item: { pk: { S: 'a' } } }

describe('a client', () => {
  it('has quick reads and other requests in one queue, a place for each until its answer is read', async () => {
    const { client, asked, answer } = await startTable()
    const first = client.send(new BatchGetItemCommand(READ))
    await expect.poll(() => asked.length).toBe(1)
    answer()
    await first
    const all = [
      client.send(new BatchGetItemCommand(READ)),
      client.send(new PutItemCommand(PUT)),
      client.send(new BatchGetItemCommand(READ)),
    ]
    for (const left of [2, 1, 0]) {
      await expect.poll(() => asked.length).toBe(1)
      for (let turns = 0; turns < 20; turns++) await turn()
      expect(asked, `${left} wait`).toHaveLength(1)
      answer()
    }
    await Promise.all(all)
  })

  it('sends nothing when nobody waits, says so at once, and knows that nothing was done', async () => {
    const { client, asked, answer } = await startTable()
    const first = client.send(new BatchGetItemCommand(READ))
    await expect.poll(() => asked.length).toBe(1)
    answer()
    await first
    for (const command of [new BatchGetItemCommand(READ), new PutItemCommand(PUT)]) {
      const late = workFor(OVER, () => client.send(command as PutItemCommand))
      await expect(late).rejects.toMatchObject({ code: 'UNAVAILABLE', retryAfterSeconds: 2 })
      expect(mayBeDone(command.input)).toBe(false)
    }
    expect(asked).toEqual([])
    // It was no failure of the table: the next read is quick again.
    const next = client.send(new BatchGetItemCommand(READ))
    await expect.poll(() => asked.length).toBe(1)
    expect(asked[0]?.response.req.headers['amz-sdk-request']).toBeUndefined()
    answer()
    await next
  })

  it('reads for all who share a request as long as one of them waits', async () => {
    const { client, asked, answer } = await startTable()
    const db = createDb(client, 't')
    const key = { pk: 'a', sk: 'b' }
    const first = db.batchedGet([key])
    await expect.poll(() => asked.length).toBe(1)
    const until: (number | undefined)[] = []
    const { send } = client
    client.send = ((...args: Parameters<typeof send>) => {
      until.push(deadlineNow())
      return send.apply(client, args)
    }) as typeof send
    const [soon, later] = [deadlineIn(30_000), deadlineIn(60_000)]
    const both = [soon, later, soon].map((at) => workUntil(at, () => db.batchedGet([key])))
    answer()
    await first
    await expect.poll(() => asked.length).toBe(1)
    answer()
    await Promise.all(both)
    expect(until).toEqual([later])
  })
})
