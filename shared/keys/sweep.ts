/**
 * The sweep: marks expired keys as revoked, ends grace periods, finishes users' changes that were
 * cut short. Its cost grows with what is due. Running twice, late or in parallel changes no more:
 * each step is a condition on what it read.
 */
import type { Service } from '../service.ts'
import { SERVICE } from '../store/audit.ts'
import { type CheckedKey, checkedRef } from '../store/key-items.ts'
import { EXPIRY_SHARDS } from '../store/table.ts'
import { userRef } from '../store/users.ts'
import { REASON } from './lifecycle.ts'
import { carryToKeys } from './owner.ts'

export type Swept = { readonly done: number; readonly failed: number }

const PAGE = 100
/** Pages of one shard in one run: the next minute takes the rest. */
const PAGES = 20

export const sweep = async (service: Service): Promise<Swept> => {
  const shards = Array.from({ length: EXPIRY_SHARDS }, (_, shard) => String(shard))
  const swept = await Promise.all(shards.map((shard) => sweepShard(service, shard)))
  return {
    done: swept.reduce((sum, { done }) => sum + done, 0),
    failed: swept.reduce((sum, { failed }) => sum + failed, 0),
  }
}

// ---------------------------------------------------------------------------------------------

const sweepShard = async (service: Service, shard: string): Promise<Swept> => {
  let done = 0
  let failed = 0
  for (let page = 0; page < PAGES; page++) {
    const due = await service.due(shard, service.now(), PAGE)
    let moved = 0
    for (const place of due) {
      try {
        if (await visit(service, place)) moved++
      } catch (error) {
        failed++
        service.log.error('sweep failed for one item', error, { place: `${place.pk} ${place.sk}` })
      }
    }
    done += moved
    // The index lags behind the table: a page on which nothing moved is what it has not seen yet.
    if (due.length < PAGE || moved === 0) break
  }
  return { done, failed }
}

/** @returns true if something changed. */
const visit = async (service: Service, place: { pk: string; sk: string }): Promise<boolean> => {
  const ref = checkedRef(place)
  if (ref !== null) {
    const [key] = await service.keys.forCheck([ref])
    return key ? visitKey(service, key) : false
  }
  const of = userRef(place)
  const user = of === null ? null : await service.users.get(of.tenant, of.username)
  if (user !== null) await carryToKeys(service, user)
  return user !== null
}

const visitKey = async (service: Service, key: CheckedKey): Promise<boolean> => {
  const at = service.now()
  const actor = SERVICE
  if (key.revoked !== null) return false
  if (key.expires !== null && key.expires <= at) {
    const revoked = { at, cause: 'expired', reason: REASON.expired } as const
    const event = 'key.revoke.expired'
    return (
      (await service.keys.change(key, { revoked, former: null }, { event, at, actor })) === null
    )
  }
  if (key.former !== null && key.former.until <= at)
    return (
      (await service.keys.change(key, { former: null }, { event: 'key.grace.end', at, actor })) ===
      null
    )
  return false
}
