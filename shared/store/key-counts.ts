/**
 * How many keys a tenant has: a sum of many small items that lie together, each the count of every so-manieth number,
 * so that keys which are made at the same time don't meet in one.
 */
import type { Db } from './db.ts'
import { countsPk, place } from './places.ts'
import type { Write } from './write.ts'

/** Few enough to be read in one request, 2 read units. */
export const COUNTS = 128

/** What a key that comes (1) or goes (-1) does to the count. */
export const countKey = (ref: { tenant: number; n: number }, more: 1 | -1): Write<never> => ({
  update: place.count(ref.tenant, ref.n % COUNTS),
  add: { keys: more },
})

/** @returns null for a tenant that was made before its keys were counted. */
export const countKeys = async (db: Db, tenant: number): Promise<number | null> => {
  const item = await db.part(place.tenant(tenant), ['counted', 'keyCount'])
  if (item?.counted !== true) return null
  // What was counted before there were these items, or by older processes beside this one.
  let count = item.keyCount as number
  for await (const { keys } of db.list(countsPk(tenant))) count += keys
  return count
}
