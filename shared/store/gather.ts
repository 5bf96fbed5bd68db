/**
 * Where a process serves many callers at once, most of what a check costs is the request to the table, not the
 * item. So reads that are asked for while one is under way wait for its end, a moment at the most, and go out
 * together. A read never joins a request that was sent before it was asked for: nobody sees what was
 * true earlier.
 */
import type { Item, Key } from './write.ts'

type Batch = {
  readonly keys: Map<string, Key>
  /** What was found, by the same names as the keys. */
  readonly found: Promise<ReadonlyMap<string, Item>>
  /** Sends it, if it isn't sent already. */
  readonly send: () => void
}

/** As long as a good answer of DynamoDB takes. A slow one holds nobody up for longer. */
const PATIENCE_MS = 2

/**
 * @param read reads keys that are all different.
 * @param most keys of one request.
 * @returns reads keys, in their order; null where there is nothing.
 */
export const gatherReads = (read: (keys: readonly Key[]) => Promise<Item[]>, most: number) => {
  let open: Batch | null = null
  let underWay = 0

  const begin = (): Batch => {
    const keys = new Map<string, Key>()
    let send = (): void => {}
    const sent = new Promise<void>((done) => {
      send = done
    })
    const batch: Batch = { keys, found: sent.then(() => request(batch)), send }
    return batch
  }

  const request = async (batch: Batch): Promise<ReadonlyMap<string, Item>> => {
    // Closed before it is sent, and for good.
    if (open === batch) open = null
    underWay++
    try {
      const items = await read([...batch.keys.values()])
      return new Map(items.map((item) => [nameOf(item as Item & Key), item]))
    } finally {
      underWay--
      // At the end of this turn: who arrived in it asks, too.
      if (open !== null) setImmediate(open.send)
    }
  }

  const join = (count: number): Batch => {
    if (open !== null && open.keys.size + count <= most) return open
    open?.send()
    const batch = begin()
    open = batch
    // Nobody else is there to wait for, and waiting costs more than it may save.
    if (underWay === 0) batch.send()
    else setTimeout(batch.send, PATIENCE_MS)
    return batch
  }

  return async (keys: readonly Key[]): Promise<(Item | null)[]> => {
    const batch = join(keys.length)
    const names = keys.map(nameOf)
    for (const [at, name] of names.entries()) batch.keys.set(name, keys[at] as Key)
    const found = await batch.found
    return names.map((name) => found.get(name) ?? null)
  }
}

// ---------------------------------------------------------------------------------------------

const nameOf = ({ pk, sk }: Key): string => `${pk}\0${sk}`
