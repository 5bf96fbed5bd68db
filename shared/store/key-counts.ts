/**
 * How many keys a tenant has: the sum of counters in one partition. A key's number picks its counter, so that keys that
 * are made at the same time don't conflict.
 */
import type { Db } from './db.ts'
import { countsPk, itemKey } from './item-keys.ts'
import type { Write } from './write.ts'

/** Few enough to be read in one request, 2 read units. */
export const COUNTS = 128

/** Counts a key that is added (1) or deleted (-1). */
export const countKey = (ref: { tenant: number; n: number }, more: 1 | -1): Write<never> => ({
  update: itemKey.count(ref.tenant, ref.n % COUNTS),
  add: { keys: more },
})

/** @returns null for a tenant that was made before its keys were counted. */
export const countKeys = async (db: Db, tenant: number): Promise<number | null> => {
  const item = await db.getProjection(itemKey.tenant(tenant), ['counted', 'keyCount'])
  if (item?.counted !== true) return null
  // Counted by versions without counters, before this one or beside it.
  let count = item.keyCount as number
  for await (const { keys } of db.list(countsPk(tenant))) count += keys
  return count
}
