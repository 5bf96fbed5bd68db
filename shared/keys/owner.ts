/**
 * A user's change, carried to all his keys before it is acknowledged. Each step can be repeated:
 * what is cut short, the sweep finishes (the user stays on its index until `settled`).
 */

import { atOnce } from '../at-once.ts'
import { Fault } from '../fault.ts'
import type { Sweeping } from '../service.ts'
import { SERVICE } from '../store/audit.ts'
import type { User } from '../store/users.ts'
import { revokeKey } from './issue.ts'

/** Keys that are written at a time. */
const AT_ONCE = 16

/** Brings all keys of a user up to his version; a deleted user's are revoked, then he goes too. */
export const carryToKeys = async (service: Sweeping, user: User): Promise<void> => {
  const { tenant, uid } = user
  const numbers = await service.keys.ownedBy(tenant, uid)
  // The copy comes first: one small write locks each key, and none waits for another.
  await atOnce(numbers, AT_ONCE, (n) => service.keys.copyOwner({ tenant, n }, user))
  // Revoking counts up the tenant's change version: one after the other, or they get in each other's way.
  if (user.deleted) for (const n of numbers) await orphan(service, { tenant, n })
  if (user.deleted) await service.users.remove(user)
  else await service.users.settled(user)
}

// ---------------------------------------------------------------------------------------------

const orphan = async (service: Sweeping, ref: { tenant: number; n: number }): Promise<void> => {
  try {
    await revokeKey(service, { ref, actor: SERVICE, allow: () => {}, cause: 'no-user' })
  } catch (error) {
    // Deleted since it was listed: nothing is left to revoke.
    if (!(error instanceof Fault && error.code === 'INVALID')) throw error
  }
}
