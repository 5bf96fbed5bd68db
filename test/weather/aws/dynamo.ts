/**
 * DynamoDB under contention, in front of the embedded one: a transaction holds its items for a while and refuses
 * what overlaps, partitions give so much and no more, a batch is no snapshot, and a repeated transaction is
 * known by its token (developer guide, "Amazon DynamoDB Transactions: How it works").
 */
import type { Clock } from '../time/clock.ts'
import { cancelled, failure, success } from './answers.ts'
import type { Answer } from './engine.ts'
import type { Meter } from './meter.ts'
import { bytesOf, type ItemKey, readRequest, type Touched, textOf } from './read-request.ts'
import type { Weather } from './sky.ts'
import { type Attributes, type BatchGet, createTable, keyIn } from './table.ts'

/** Something that was done to the table: at one instant. */
export type Effect = { readonly at: number; readonly touched: Touched }

type Deps = {
  readonly clock: Clock
  readonly weather: Weather
  readonly meter: Meter
  readonly ask: (target: string, body: string) => Promise<Answer>
  /** Hears of each conflict: its items. */
  readonly onConflict: (items: readonly ItemKey[]) => void
}

export const createDynamo = ({ clock, weather, meter, ask, onConflict }: Deps) => {
  /** Items that transactions hold. */
  const held = new Set<string>()
  /** Transactions by token: how they ended, or null while they are under way. */
  const tokens = new Map<string, Answer | null>()
  const table = createTable(ask)

  const countRead = (key: ItemKey, times = 1): void =>
    meter.take('read', key, Math.max(1, Math.ceil(table.sizeOf(key) / 4096)) * times)

  const countWrites = ({ writes, isTransaction }: Touched): void => {
    for (const write of writes) {
      const bytes = Math.max(table.sizeOf(write), write.kind === 'put' ? write.bytes : 1)
      meter.take('write', write, Math.ceil(bytes / 1024) * (isTransaction ? 2 : 1))
    }
  }

  const batchGet = async (target: string, body: BatchGet): Promise<Answer> => {
    const [[name, asked] = ['', { Keys: [] }]] = Object.entries(body.RequestItems)
    const [ready, left]: [Attributes[], Attributes[]] = [[], []]
    for (const key of asked.Keys) (meter.hasLeft('read', keyIn(key).pk) ? ready : left).push(key)
    if (ready.length === 0) return throttled()
    const [early, late]: [Attributes[], Attributes[]] = [[], []]
    for (const key of ready) (weather.random.chance(0.5) ? early : late).push(key)
    const items: Attributes[] = []
    for (const part of [early, late]) {
      if (part.length === 0) continue
      items.push(...(await table.read(target, body, part)))
      for (const key of part) countRead(keyIn(key))
      if (part === early && late.length > 0) await clock.sleep(weather.gap())
    }
    const unprocessed = left.length > 0 ? { [name]: { ...asked, Keys: left } } : {}
    return success({ Responses: { [name]: items }, UnprocessedKeys: unprocessed })
  }

  const query = async (touched: Touched, target: string, text: string): Promise<Answer> => {
    const { pk = '', strong = true } = touched.query ?? {}
    if (!meter.hasLeft('read', pk)) return throttled()
    const answer = await ask(target, text)
    const items = (JSON.parse(answer.body).Items ?? []) as Attributes[]
    const bytes = items.reduce((sum, item) => sum + bytesOf(item), 1)
    meter.take('read', { pk, sk: 'QUERY' }, Math.ceil(bytes / 4096) * (strong ? 1 : 0.5))
    return answer
  }

  const transact = async (
    touched: Touched,
    target: string,
    text: string,
    onEffect: (effect: Effect) => void,
  ): Promise<Answer> => {
    const { token } = touched
    const before = token === null ? undefined : tokens.get(token)
    if (before === null) return failure('TransactionInProgressException')
    if (before !== undefined) return before
    const items = [...touched.writes, ...touched.reads]
    const names = items.map(textOf)
    const busy = names.map((name) => held.has(name))
    if (busy.includes(true)) {
      onConflict(items.filter((_, at) => busy[at]))
      return cancelled(busy.map((is) => (is ? 'TransactionConflict' : 'None')))
    }
    const full = items.map(
      ({ pk }) => !meter.hasLeft(touched.writes.length > 0 ? 'write' : 'read', pk),
    )
    if (full.includes(true)) return cancelled(full.map((is) => (is ? 'ThrottlingError' : 'None')))
    if (token !== null) tokens.set(token, null)
    for (const name of names) held.add(name)
    try {
      const hold = weather.hold()
      const until = hold * weather.random.next()
      await clock.sleep(until)
      countWrites(touched)
      for (const key of touched.reads) countRead(key, 2)
      const answer = await table.write(target, withoutToken(text), touched.writes)
      const isDone = answer.status === 200
      if (isDone && touched.writes.length > 0) onEffect({ at: clock.now(), touched })
      if (token !== null && isDone) tokens.set(token, answer)
      await clock.sleep(hold - until)
      return answer
    } finally {
      for (const name of names) held.delete(name)
      if (token !== null && tokens.get(token) === null) tokens.delete(token)
    }
  }

  const write = async (
    touched: Touched,
    target: string,
    text: string,
    onEffect: (effect: Effect) => void,
  ): Promise<Answer> => {
    const busy = touched.writes.filter((one) => held.has(textOf(one)))
    if (busy.length > 0) {
      onConflict(busy)
      return failure('TransactionConflictException', {
        message: 'Transaction is ongoing for the item',
      })
    }
    if (touched.writes.some(({ pk }) => !meter.hasLeft('write', pk))) return throttled()
    countWrites(touched)
    const answer = await table.write(target, text, touched.writes)
    if (answer.status === 200) onEffect({ at: clock.now(), touched })
    return answer
  }

  /** Answers a request that has arrived. `onEffect` hears of what it has done, when it is done. */
  return async (
    target: string,
    text: string,
    onEffect: (effect: Effect) => void,
  ): Promise<Answer> => {
    const body = JSON.parse(text)
    const touched = readRequest(target.replace(/^.*\./, ''), body)
    if (touched.operation === 'BatchGetItem') return batchGet(target, body)
    if (touched.query !== null) return query(touched, target, text)
    if (touched.isTransaction) return transact(touched, target, text, onEffect)
    if (touched.writes.length > 0) return write(touched, target, text, onEffect)
    const [key] = touched.reads
    if (key !== undefined && !meter.hasLeft('read', key.pk)) return throttled()
    if (key !== undefined) countRead(key)
    return ask(target, text)
  }
}

// ---------------------------------------------------------------------------------------------

/** Which repeats are known is for the simulation to say: the next run of a seed has the same tokens. */
const withoutToken = (text: string): string => {
  const { ClientRequestToken: _, ...body } = JSON.parse(text)
  return JSON.stringify(body)
}

const throttled = (): Answer =>
  failure('ThrottlingException', { message: 'Throughput exceeds the current capacity' })
