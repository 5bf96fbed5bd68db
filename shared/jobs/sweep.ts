/**
 * The sweep: marks expired keys as revoked, ends grace periods, brings users' changes to their keys,
 * makes signing keys. Its cost grows with what is due. Running twice, late or in parallel
 * changes no more: each step is a condition on what it read.
 */
import { atOnce } from '../domain/at-once.ts'
import { REASON } from '../domain/lifecycle.ts'
import { endSessionsOfKey } from '../keys/ends.ts'
import type { Parts } from '../parts.ts'
import { SERVICE } from '../store/audit.ts'
import type { Due } from '../store/db.ts'
import { checkedRef, propagationRef, userRef } from '../store/item-refs.ts'
import type { CheckedKey } from '../store/key-items.ts'
import { EXPIRY_SHARDS } from '../store/table.ts'
import type { ItemKey } from '../store/write.ts'
import { isDeviceUser } from '../users/device-user.ts'
import { type Allowance, propagate } from '../users/propagate.ts'
import { rotateSigningKeys } from './rotate.ts'

/** The table, and the service's data key for new signing keys. */
export type Sweeping = Pick<
  Parts,
  | 'due'
  | 'keys'
  | 'log'
  | 'metrics'
  | 'now'
  | 'propagations'
  | 'sessions'
  | 'signingKeys'
  | 'users'
  | 'vault'
>

/** `done`: keys and users that were changed. */
export type Swept = { readonly done: number; readonly failed: number }

/** Shards at a time. */
const AT_ONCE = 4
const PAGE = 100
/** Pages of one shard in one run: the next minute takes the rest. */
const PAGES = 20
/** Keys that users' changes are brought to in one run: two minutes' work of the five that a run has. */
const COPIES = 50_000

export const sweep = async (service: Sweeping): Promise<Swept> => {
  const shards = Array.from({ length: EXPIRY_SHARDS }, (_, shard) => String(shard))
  const total: { done: number; failed: number } = { done: 0, failed: await rotate(service) }
  const allowance: Allowance = { left: COPIES }
  await atOnce(shards, AT_ONCE, async (shard) => {
    const { done, failed } = await sweepShard(service, shard, allowance)
    total.done += done
    total.failed += failed
  })
  return total
}

// ---------------------------------------------------------------------------------------------

/** Rotates signing keys first, since nobody gets a token without one. Keys are swept even if it fails.
 * @returns how many failures that is. */
const rotate = async (service: Sweeping): Promise<0 | 1> => {
  try {
    await rotateSigningKeys(service)
    return 0
  } catch (error) {
    service.log.error('signing keys could not be rotated', error)
    return 1
  }
}

const sweepShard = async (
  service: Sweeping,
  shard: string,
  allowance: Allowance,
): Promise<Swept> => {
  let done = 0
  let failed = 0
  let next: Due['next']
  for (let page = 0; page < PAGES; page++) {
    const now = service.now()
    const due = await service.due(shard, now, PAGE, next)
    if (page === 0 && due.since !== null) service.metrics.add('SweepLag', (now - due.since) / 1000)
    for (const key of due.keys) {
      try {
        if (await visit(service, key, allowance)) done++
      } catch (error) {
        failed++
        service.log.error('sweep failed for one item', error, { item: `${key.pk} ${key.sk}` })
      }
    }
    // On to the next page, so that items that fail don't hold up the others.
    next = due.next
    if (next === undefined) break
  }
  return { done, failed }
}

/** @returns true if something changed. */
const visit = async (service: Sweeping, at: ItemKey, allowance: Allowance): Promise<boolean> => {
  const ref = checkedRef(at)
  if (ref !== null) {
    const [key] = await service.keys.forCheck([ref])
    return key ? visitKey(service, key) : false
  }
  const changed = propagationRef(at)
  if (changed !== null) return propagate(service, changed, allowance)
  // A user item is due only where an earlier version of the service has changed the user.
  const of = userRef(at)
  const user = of === null ? null : await service.users.get(of.tenant, of.username)
  if (user === null) return false
  await service.propagations.takeOver(user, service.now(), isDeviceUser(user))
  return true
}

const visitKey = async (service: Sweeping, key: CheckedKey): Promise<boolean> => {
  const at = service.now()
  const actor = SERVICE
  const isOpen = key.revoked === null
  if (isOpen && key.expires !== null && key.expires <= at) {
    const revoked = { at, cause: 'expired', reason: REASON.expired } as const
    const deed = { event: 'key.revoke.expired', at, actor } as const
    const conflict = await service.keys.change(key, { revoked, former: null }, deed)
    if (conflict !== null) return false
    service.metrics.add('KeyExpired')
    await endSessionsOfKey(service, key)
    return true
  }
  if (!isOpen || key.former === null || key.former.until > at) {
    // It was due early, as after a reset.
    await service.keys.visitNext(key)
    return false
  }
  const deed = { event: 'key.grace.end', at, actor } as const
  if ((await service.keys.change(key, { former: null }, deed)) !== null) return false
  await endSessionsOfKey(service, key, { ...key, former: null })
  return true
}
