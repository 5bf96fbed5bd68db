/**
 * What follows when authority ends: the sessions that depend on it change nothing any more, calls in flight
 * included. It comes after the mark on the key or user and before the answer. Every repeat does it again, since an
 * earlier call may have been cut short in between.
 */

import { Fault } from '../domain/fault.ts'
import { attempts } from '../domain/retry.ts'
import { covers } from '../domain/roles.ts'
import type { Parts } from '../parts.ts'
import { ENDING } from '../store/db.ts'
import { BY_PASSWORD, heldByKey, principalOf } from '../store/item-keys.ts'
import type { KeyFacts, PreviousSecret } from '../store/key-items.ts'
import type { User } from '../store/user-items.ts'

/** Ends the sessions that a key opened, by the key as it is now: all, or those of other secrets than `secrets`. */
export const endSessionsOfKey = (
  { sessions }: Pick<Parts, 'sessions'>,
  key: KeyFacts,
  secrets?: { readonly generation: number; readonly former: PreviousSecret | null },
): Promise<void> => {
  const good = secrets ? [secrets.generation, secrets.former?.generation] : []
  const of = { principal: principalOf(key), holder: heldByKey(key.n) }
  return afterMark(() =>
    sessions.end(key.tenant, of, ({ key: opened }) => !good.includes(opened?.generation ?? -1)),
  )
}

/** Ends the sessions of a user by what they lost, or bounds them to what is left.
 * @param kept id of a session that survives a change of the password, since it has proven itself anew. */
export const endSessionsOfUser = (
  core: Pick<Parts, 'sessions'>,
  before: User,
  after: User,
  kept: string | null,
): Promise<void> => afterMark(() => endOfUser(core, before, after, kept))

/** How long a change is tried again that may end authority: for as long as a call may take. */
export const INSISTING = { ...ENDING, tries: 1 }

/**
 * Runs what comes after the mark. Its failure may not be answered as if nothing was done: the mark stands, and a new
 * secret may be lost with the answer.
 * @throws Fault OUTCOME_UNKNOWN
 */
export const afterMark = async <T>(run: () => Promise<T>): Promise<T> => {
  let cause: unknown
  for await (const _ of attempts(AFTER_MARK))
    try {
      return await run()
    } catch (error) {
      cause = error
    }
  throw new Fault('OUTCOME_UNKNOWN', {}, { cause })
}

// ---------------------------------------------------------------------------------------------

/** How often it is tried, and until when a try may begin. */
const AFTER_MARK = { tries: 4, withinMs: 3000, pauseMs: ENDING.pauseMs }

const endOfUser = async (
  { sessions }: Pick<Parts, 'sessions'>,
  before: User,
  after: User,
  kept: string | null,
): Promise<void> => {
  const { tenant, uid, passwordVersion } = after
  const all = { principal: principalOf({ uid }) }
  if (after.locked || after.deleted) return sessions.end(tenant, all, () => true)
  if (passwordVersion !== before.passwordVersion)
    await sessions.end(
      tenant,
      { ...all, holder: BY_PASSWORD },
      (one) => one.id !== kept && one.passwordVersion < passwordVersion,
    )
  if (!covers(after.roles, before.roles)) await sessions.restrict(tenant, all, after.version)
}
