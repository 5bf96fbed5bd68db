/**
 * Batches the reads of concurrent calls, since most of a check's cost is the request to the table, not the item. Reads
 * that are asked for while one is under way wait for its end, a moment at the most, and are sent together. A read never
 * joins a request that was sent earlier, whose answer might be out of date.
 */
import { type Item, type ItemKey, textOf } from './write.ts'

/** The answer to one request. `left`: keys that DynamoDB leaves for another. */
export type Answered = { readonly items: readonly Item[]; readonly left: readonly ItemKey[] }

type Batch = {
  readonly keys: Map<string, ItemKey>
  /** By the same names as the keys. */
  readonly answer: Promise<{ found: ReadonlyMap<string, Item>; left: ReadonlySet<string> }>
  /** Sends it, if it isn't sent already. */
  readonly send: () => void
}

/** As long as a good answer of DynamoDB takes: a slow one doesn't hold other reads up for longer. */
const PATIENCE_MS = 2

type How = {
  /** Keys of one request. */
  readonly most: number
  /** Waits before a key is asked for again that DynamoDB left. @throws when it has been left too often. */
  readonly pause: (attempt: number) => Promise<void>
}

/**
 * @param read one request, for keys that are all different.
 * @returns reads keys, in their order; null where there is nothing.
 */
export const gatherReads = (
  read: (keys: readonly ItemKey[]) => Promise<Answered>,
  { most, pause }: How,
) => {
  let open: Batch | null = null
  let underWay = 0

  const begin = (): Batch => {
    const keys = new Map<string, ItemKey>()
    let send = (): void => {}
    const sent = new Promise<void>((done) => {
      send = done
    })
    const batch: Batch = { keys, answer: sent.then(() => request(batch)), send }
    return batch
  }

  const request = async (batch: Batch) => {
    // No read joins a batch that is sent.
    if (open === batch) open = null
    underWay++
    try {
      const { items, left } = await read([...batch.keys.values()])
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

  const join = (count: number): Batch => {
    if (open !== null && open.keys.size + count <= most) return open
    open?.send()
    const batch = begin()
    open = batch
    // No read is under way, and waiting would cost more than it saves.
    if (underWay === 0) batch.send()
    else setTimeout(batch.send, PATIENCE_MS)
    return batch
  }

  const ask = async (keys: readonly ItemKey[], attempt: number): Promise<(Item | null)[]> => {
    const batch = join(keys.length)
    const names = keys.map(textOf)
    for (const [at, name] of names.entries()) batch.keys.set(name, keys[at] as ItemKey)
    const { found, left } = await batch.answer
    if (left.size > 0 && names.some((name) => left.has(name))) {
      // A caller that lacks one item asks for all of its items again, since they must be of one moment.
      await pause(attempt + 1)
      return ask(keys, attempt + 1)
    }
    return names.map((name) => found.get(name) ?? null)
  }
  return async (keys: readonly ItemKey[]): Promise<(Item | null)[]> => {
    if (keys.length <= most) return ask(keys, 0)
    const parts = Array.from({ length: Math.ceil(keys.length / most) }, (_, part) =>
      ask(keys.slice(part * most, (part + 1) * most), 0),
    )
    return (await Promise.all(parts)).flat()
  }
}
