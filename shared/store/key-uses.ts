/** When keys were used. Kept apart from the keys, since a use is no change: it has no event and no audit entry. */
import type { KeyRef } from '../domain/key.ts'
import type { Db } from './db.ts'
import { itemKey } from './item-keys.ts'

/** How exactly it is kept when a key last logged in. */
const USE_MS = 3_600_000

export const createKeyUses = (db: Db) => ({
  /**
   * Notes that a key has logged in, at most once an hour. It reads first, since a refused write costs as much as one
   * that is done, and five times a read. A key that is deleted at this moment may leave the item behind, which
   * nothing shows.
   */
  async used(ref: KeyRef, now: number): Promise<void> {
    const at = (await db.get(itemKey.used(ref)))?.at
    if (at !== undefined && at > now - USE_MS) return
    await db.update({
      update: itemKey.used(ref),
      set: { at: now },
      when: 'attribute_not_exists(#at) OR #at <= :before',
      values: { before: now - USE_MS },
    })
  },

  /** When keys last logged in, to the hour; those that never did are left out. */
  async lastUsed(tenant: number, numbers: readonly number[]): Promise<Map<number, number>> {
    const items = await db.read(numbers.map((n) => itemKey.used({ tenant, n })))
    return new Map(
      items.flatMap((item, i) =>
        item === null ? [] : [[numbers[i] as number, item.at as number]],
      ),
    )
  },

  /**
   * Notes that a device was seen, unless it was since `since`. A write without a read before it: the
   * caller remembers what it noted (`shared/keys/seen.ts`), and may not read this item.
   */
  async seen(ref: KeyRef, { since, at }: { since: number; at: number }): Promise<void> {
    await db.updateBlind({
      update: itemKey.seen(ref),
      set: { seenAt: at },
      when: 'attribute_not_exists(#seenAt) OR #seenAt < :since',
      values: { since },
    })
  },
})
