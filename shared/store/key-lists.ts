/** Lists of keys, read page by page in the orders that the table has: of numbers, of an owner, of names. And how many keys a
 * tenant has: the sum of counters in one partition. */
import { type Db, LONG, type Pages } from './db.ts'
import { BEHIND_NAMES, countsPk, itemKey, listed, named, owned, tenantPk } from './item-keys.ts'
import { type ListedKey, toListed } from './key-items.ts'
import type { Item, Write } from './write.ts'

type Listing = {
  readonly descending: boolean
  /** How many will be wanted at the most, if that is known. A list whose length isn't known is read as a `LONG` one. */
  readonly most?: number | undefined
}
/** Numbers of keys, both ends included. */
export type Numbers = Listing & { readonly from: number; readonly to: number }
/** Names of keys, both ends included; `to` null: up to the last. */
export type Names = Listing & {
  readonly from: string
  readonly to: string | null
  readonly most: number
}

export const createKeyLists = (db: Db) => ({
  /** Keys of a tenant by their numbers, both ends included, in order or against it. */
  async *inRange(tenant: number, { from, to, ...how }: Numbers): AsyncGenerator<ListedKey> {
    const range = { ...pagesOf(how), from: listed(from), to: listed(to) }
    for await (const item of db.range(tenantPk(tenant), range)) yield toListed(item, tenant)
  },

  /** The same of one user's keys, without reading the others'. */
  ofOwner(
    tenant: number,
    uid: number,
    { from, to, ...how }: Numbers & { readonly most: number },
  ): AsyncGenerator<ListedKey> {
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

  async byNumbers(tenant: number, numbers: readonly number[]): Promise<ListedKey[]> {
    const items = await db.read(numbers.map((n) => itemKey.key({ tenant, n })))
    return items.filter((item) => item !== null).map((item) => toListed(item, tenant))
  },

  async nameTaken(tenant: number, name: string): Promise<number | null> {
    return ((await db.get(itemKey.keyName(tenant, name)))?.n as number | undefined) ?? null
  },

  /** Numbers of the keys that have these names. */
  async named(tenant: number, names: readonly string[]): Promise<number[]> {
    const items = await db.read(names.map((name) => itemKey.keyName(tenant, name)))
    return items.flatMap((item) => (item === null ? [] : [item.n as number]))
  },

  /** How many keys a tenant has; null for one that was made before that was counted. */
  async count(tenant: number): Promise<number | null> {
    const item = await db.getProjection(itemKey.tenant(tenant), ['counted', 'keyCount'])
    if (item?.counted !== true) return null
    // Counted by versions without counters, before this one or beside it.
    let count = item.keyCount as number
    for await (const { keys } of db.list(countsPk(tenant))) count += keys
    return count
  },
})

/** Counts a key that is added (1) or deleted (-1). The key's number picks the counter, so that keys that are made at the same
 * time don't conflict. */
export const countKey = (ref: { tenant: number; n: number }, more: 1 | -1): Write<never> => ({
  update: itemKey.count(ref.tenant, ref.n % COUNTS),
  add: { keys: more },
})

/** How a list is read: all of it consistently, if its length is known. */
export const pagesOf = ({ most, ...how }: Listing): Pages & Listing =>
  most === undefined ? { ...how, ...LONG } : { ...how, most }

// ---------------------------------------------------------------------------------------------

/** Few enough to be read in one request, 2 read units. */
export const COUNTS = 128

/** The keys that reference items name, read in requests of at most 100, in the order of the items. */
async function* byReference(
  db: Db,
  tenant: number,
  items: AsyncIterable<Item>,
  most: number,
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
