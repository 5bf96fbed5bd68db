/**
 * Where a process serves many callers at once, most of what a check costs is the request to the table, not the
 * item: while one is under way, reads that are asked for in one turn of the event loop go out together. A
 * read never joins a request that was sent before it was asked for, so nobody sees what was true earlier.
 */
import type { Item, Key } from './write.ts'

type Batch = {
  readonly keys: Map<string, Key>
  /** What was found, by the same names as the keys. */
  readonly found: Promise<ReadonlyMap<string, Item>>
}

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
    const send = async () => {
      // Nobody else is there to wait for, and waiting costs more than it may save.
      if (underWay > 0) await new Promise<void>((turn) => setImmediate(turn))
      else await null
      // Closed before it is sent, and for good.
      if (open === batch) open = null
      underWay++
      try {
        const items = await read([...keys.values()])
        return new Map(items.map((item) => [nameOf(item as Item & Key), item]))
      } finally {
        underWay--
      }
    }
    const batch: Batch = { keys, found: send() }
    return batch
  }

  return async (keys: readonly Key[]): Promise<(Item | null)[]> => {
    if (open === null || open.keys.size + keys.length > most) open = begin()
    const batch = open
    const names = keys.map(nameOf)
    for (const [at, name] of names.entries()) batch.keys.set(name, keys[at] as Key)
    const found = await batch.found
    return names.map((name) => found.get(name) ?? null)
  }
}

// ---------------------------------------------------------------------------------------------

const nameOf = ({ pk, sk }: Key): string => `${pk}\0${sk}`
