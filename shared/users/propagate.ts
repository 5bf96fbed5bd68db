/**
 * Propagates a user's change to their keys, after it holds by the gate (`store/gate.ts`). Each step can be repeated:
 * the sweep continues a run that was cut short from its cursor.
 */
import { atOnce } from '../domain/at-once.ts'
import { Fault } from '../domain/fault.ts'
import { revokeKey } from '../keys/revoke.ts'
import type { Parts } from '../parts.ts'
import { SERVICE } from '../store/audit.ts'
import { LINGER_MS, type Propagation } from '../store/propagations.ts'

/** Keys that are still to be written in this run. */
export type Allowance = { left: number }

type Deps = Pick<Parts, 'keys' | 'sessions' | 'propagations' | 'metrics' | 'now'>

/** Continues a propagation as far as the allowance goes. @returns true if something was written. */
export const propagate = async (
  deps: Deps,
  { tenant, uid }: { readonly tenant: number; readonly uid: number },
  allowance: Allowance,
): Promise<boolean> => {
  const change = await deps.propagations.get(tenant, uid)
  if (change === null) return false
  if (change.doneAt === null) return copy(deps, change, allowance)
  if (deps.now() < change.doneAt + LINGER_MS) return false
  await deps.propagations.finish(change)
  return true
}

// ---------------------------------------------------------------------------------------------

/** Keys that are read, and written, before the cursor moves. */
const PAGE = 100
const AT_ONCE = 16
/** A revocation is a transaction, which is more work for the table than a copy. */
const REVOKED_AT_ONCE = 4

const copy = async (deps: Deps, change: Propagation, allowance: Allowance): Promise<boolean> => {
  const { tenant, uid, deleted } = change
  const write = deleted
    ? (n: number) => orphan(deps, { tenant, n })
    : (n: number) => deps.keys.copyOwner({ tenant, n }, change)
  for (let { next } = change; allowance.left > 0; ) {
    const most = Math.min(PAGE, allowance.left)
    const numbers = await deps.keys.ownedFrom(tenant, uid, next, most)
    allowance.left -= numbers.length
    await atOnce(numbers, deleted ? REVOKED_AT_ONCE : AT_ONCE, write)
    if (numbers.length < most) {
      await deps.propagations.done(change, deps.now())
      return true
    }
    next = (numbers.at(-1) as number) + 1
    if (!(await deps.propagations.advance(change, next))) return true
  }
  return true
}

const orphan = async (
  deps: Pick<Deps, 'keys' | 'sessions' | 'metrics' | 'now'>,
  ref: { tenant: number; n: number },
): Promise<void> => {
  try {
    await revokeKey(deps, { ref, actor: SERVICE, cause: 'no-user' })
  } catch (error) {
    // Deleted since it was listed: nothing is left to revoke.
    if (!(error instanceof Fault && error.code === 'INVALID')) throw error
  }
}
