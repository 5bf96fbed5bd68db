/**
 * Numbers of a tenant's keys and users. A process leases them from the tenant's item in blocks, so that not every new
 * key writes that item. Each block is twice as long as the one before, so that a process that ends leaves no more than
 * it used. Numbers are never used twice, so gaps are normal.
 */
import { LRUCache } from 'lru-cache'
import type { Db } from './db.ts'
import { itemKey } from './item-keys.ts'
import { PRESENT, unaudited } from './write.ts'

export type Numbered = 'keys' | 'users'

/** How many blocks a process remembers. One that it forgets leaves a gap. */
const REMEMBERED = 2000
const LONGEST_BLOCK = 64

export const createNumbers = (db: Db) => {
  const blocks = new LRUCache<string, Block>({ max: REMEMBERED })

  const lease = async (tenant: number, what: Numbered, size: number): Promise<Block> => {
    // Of the tenant nothing changes but a count.
    const update = unaudited(itemKey.tenant(tenant))
    const after = await db.update({ update, add: { [what]: size }, when: PRESENT })
    if (after === null) throw new Error(`tenant ${tenant} does not exist`)
    const last = after[what] as number
    return { next: last - size + 1, last, size, more: null }
  }

  /** The next block: one request, however many wait for it. */
  const leaseMore = async (id: string, block: Block, tenant: number, what: Numbered) => {
    block.more ??= lease(tenant, what, Math.min(Math.max(block.size * 2, 1), LONGEST_BLOCK))
    try {
      const more = await block.more
      if (blocks.get(id) === block) blocks.set(id, more)
    } finally {
      block.more = null
    }
  }

  return async (tenant: number, what: Numbered): Promise<number> => {
    const id = `${tenant} ${what}`
    for (;;) {
      const block = blocks.get(id) ?? { next: 1, last: 0, size: 0, more: null }
      if (block.next <= block.last) return block.next++
      blocks.set(id, block)
      await leaseMore(id, block, tenant, what)
    }
  }
}

// ---------------------------------------------------------------------------------------------

type Block = {
  next: number
  /** Included. */
  readonly last: number
  readonly size: number
  /** The one after it, on its way. */
  more: Promise<Block> | null
}
