/**
 * Shares requests between the reads of concurrent calls, since most of a check's cost is the request to the table, not
 * the item. Reads that are asked for while one is under way wait for its end, a moment at the most, and are sent
 * together. A read never joins a request that was sent earlier, whose answer might be out of date.
 */
import { deadlineNow, workUntil } from '../domain/carried.ts'
import { Fault } from '../domain/fault.ts'
import { attempts, type RetryPolicy } from '../domain/retry.ts'
import { type Item, type ItemKey, textOf } from './write.ts'

/** The answer to one request. `left`: keys that DynamoDB leaves for another. */
export type Answered = { readonly items: readonly Item[]; readonly left: readonly ItemKey[] }

type Options = {
  /** Keys of one request. */
  readonly most: number
  /** How often keys are asked for that DynamoDB leaves. */
  readonly retries: RetryPolicy
}

/**
 * @param read one request, for keys that are all different.
 * @returns reads keys, in their order; null where there is nothing. @throws Fault UNAVAILABLE if DynamoDB leaves some.
 */
export const gatherReads = (
  read: (keys: readonly ItemKey[]) => Promise<Answered>,
  { most, retries }: Options,
) => {
  const join = createBatches(read, most)

  /** At most as many keys as a request has. A caller that lacks one item asks for all of its items again, since they
   * must be of one moment. */
  const readTogether = async (keys: readonly ItemKey[]): Promise<(Item | null)[]> => {
    const names = keys.map(textOf)
    for await (const _ of attempts(retries)) {
      const { found, left } = await join(names, keys)
      if (left.size === 0 || !names.some((name) => left.has(name)))
        return names.map((name) => found.get(name) ?? null)
    }
    throw new Fault('UNAVAILABLE')
  }

  return async (keys: readonly ItemKey[]): Promise<(Item | null)[]> => {
    if (keys.length <= most) return readTogether(keys)
    const parts = Array.from({ length: Math.ceil(keys.length / most) }, (_, part) =>
      readTogether(keys.slice(part * most, (part + 1) * most)),
    )
    return (await Promise.all(parts)).flat()
  }
}

// ---------------------------------------------------------------------------------------------

/** As long as a good answer of DynamoDB takes: a slow one doesn't hold other reads up for longer. */
const LONGEST_WAIT_MS = 2

type Batch = {
  /** By their names, as the answer has them. */
  readonly keys: Map<string, ItemKey>
  /** Until when its callers wait: as long as any of them does. */
  until: number | undefined
  readonly answer: Promise<{ found: ReadonlyMap<string, Item>; left: ReadonlySet<string> }>
  /** Sends it, if it isn't sent already. */
  readonly send: () => void
}

/** @returns adds keys to the batch that will be sent next. */
const createBatches = (
  read: (keys: readonly ItemKey[]) => Promise<Answered>,
  most: number,
): ((names: readonly string[], keys: readonly ItemKey[]) => Batch['answer']) => {
  let open: Batch | null = null
  let underWay = 0

  const begin = (): Batch => {
    let send = (): void => {}
    const sent = new Promise<void>((done) => {
      send = done
    })
    const answer = sent.then(() => request(batch))
    const batch: Batch = { keys: new Map(), until: deadlineNow(), answer, send }
    return batch
  }

  const request = async (batch: Batch) => {
    // No read joins a batch that is sent.
    if (open === batch) open = null
    underWay++
    try {
      const keys = [...batch.keys.values()]
      const { until } = batch
      const { items, left } = await (until === deadlineNow()
        ? read(keys)
        : workUntil(until, () => read(keys)))
      return {
        found: new Map(items.map((item) => [textOf(item as Item & ItemKey), item])),
        left: new Set(left.map(textOf)),
      }
    } finally {
      underWay--
      // At the end of this turn, so that reads that it asks for come along.
      if (open !== null) setImmediate(open.send)
    }
  }

  return (names, keys) => {
    let batch = open
    if (batch === null || batch.keys.size + keys.length > most) {
      batch?.send()
      batch = open = begin()
      // No read is under way, and waiting would cost more than it saves.
      if (underWay === 0) batch.send()
      else setTimeout(batch.send, LONGEST_WAIT_MS)
    }
    batch.until = later(batch.until, deadlineNow())
    for (const [at, name] of names.entries()) batch.keys.set(name, keys[at] as ItemKey)
    return batch.answer
  }
}

const later = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : Math.max(a, b)
