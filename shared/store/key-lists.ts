/** Lists of keys, read page by page in the orders that the table has: of numbers, of an owner, of names. */
import type { Db } from './db.ts'
import { BEHIND_NAMES, itemKey, listed, named, owned, tenantPk } from './item-keys.ts'
import { countKeys } from './key-counts.ts'
import { type ListedKey, toListed } from './key-items.ts'
import type { Item } from './write.ts'

/** Numbers of keys, both ends included. `most`: how many will be wanted at the most. */
export type Numbers = {
  readonly from: number
  readonly to: number
  readonly descending: boolean
  readonly most?: number | undefined
}
export type Names = {
  readonly from: string
  readonly to: string | null
  readonly descending: boolean
  readonly most?: number | undefined
}

export const createKeyLists = (db: Db) => ({
  /** Keys of a tenant by their numbers, both ends included, in order or against it. */
  async *inRange(tenant: number, { from, to, ...how }: Numbers): AsyncGenerator<ListedKey> {
    const range = { ...how, from: listed(from), to: listed(to) }
    for await (const item of db.range(tenantPk(tenant), range)) yield toListed(item, tenant)
  },

  /** The same of one user's keys, without reading the others'. */
  ofOwner(tenant: number, uid: number, { from, to, ...how }: Numbers): AsyncGenerator<ListedKey> {
    const range = { ...how, from: owned(uid, from), to: owned(uid, to) }
    return byReference(db, tenant, db.range(tenantPk(tenant), range), how.most)
  },

  /**
   * Keys in the order of their names: those that are `from` or behind it, up to `to` (null: all). A key that is
   * renamed meanwhile may be missed, or come with its new name out of order.
   */
  byName(tenant: number, { from, to, ...how }: Names): AsyncGenerator<ListedKey> {
    const range = { ...how, from: named(from), to: to === null ? BEHIND_NAMES : named(to) }
    return byReference(db, tenant, db.range(tenantPk(tenant), range), how.most)
  },

  /** Numbers of the keys that have these names. */
  async named(tenant: number, names: readonly string[]): Promise<number[]> {
    const items = await db.read(names.map((name) => itemKey.keyName(tenant, name)))
    return items.flatMap((item) => (item === null ? [] : [item.n as number]))
  },

  /** How many keys a tenant has; null for one that was made before that was counted. */
  count: (tenant: number): Promise<number | null> => countKeys(db, tenant),
})

// ---------------------------------------------------------------------------------------------

/** The keys that reference items name, read in requests of at most 100, in the order of the items. */
async function* byReference(
  db: Db,
  tenant: number,
  items: AsyncIterable<Item>,
  most = MANY,
): AsyncGenerator<ListedKey> {
  const size = Math.min(most, MANY)
  let numbers: number[] = []
  async function* read(): AsyncGenerator<ListedKey> {
    const found = await db.read(numbers.map((n) => itemKey.key({ tenant, n })))
    numbers = []
    for (const item of found) if (item !== null) yield toListed(item, tenant)
  }
  for await (const { n } of items) {
    numbers.push(n)
    if (numbers.length === size) yield* read()
  }
  if (numbers.length > 0) yield* read()
}

/** Items of one read (AWS: BatchGetItem). */
const MANY = 100
