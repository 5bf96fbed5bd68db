/**
 * Reads that are asked for in one turn of the event loop go out as one request: where a process serves
 * many callers at once, most of what a check costs is the request, not the item. A read never joins a
 * request that was sent before it was asked for, so nobody sees what was true earlier.
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

  const begin = (): Batch => {
    const keys = new Map<string, Key>()
    const found = new Promise<void>((sent) => setImmediate(sent)).then(async () => {
      // Closed before it is sent, and for good.
      if (open === batch) open = null
      const items = await read([...keys.values()])
      return new Map(items.map((item) => [nameOf(item as Item & Key), item]))
    })
    const batch = { keys, found }
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
