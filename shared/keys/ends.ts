/**
 * What follows when authority ends: the sessions that hang on it can change nothing any more, calls in flight
 * included. It comes after the mark on the key or user and before the answer, and again with each repetition: an
 * earlier one may have been cut short in between.
 */

import { Fault } from '../domain/fault.ts'
import { attempts } from '../domain/retry.ts'
import { covers } from '../domain/roles.ts'
import type { Parts } from '../parts.ts'
import { ENDING } from '../store/db.ts'
import type { FormerSecret, KeyFacts } from '../store/key-items.ts'
import { BY_PASSWORD, heldByKey, principalOf } from '../store/places.ts'
import type { User } from '../store/users.ts'

/** Ends the sessions that a key opened, by the key as it is now: all, unless `secrets` says which go on. */
export const endSessionsOfKey = (
  { sessions }: Pick<Parts, 'sessions'>,
  key: KeyFacts,
  secrets?: { readonly generation: number; readonly former: FormerSecret | null },
): Promise<void> => {
  const good = secrets ? [secrets.generation, secrets.former?.generation] : []
  const of = { principal: principalOf(key), holder: heldByKey(key.n) }
  return afterMark(() =>
    sessions.end(key.tenant, of, ({ key: opened }) => !good.includes(opened?.generation ?? -1)),
  )
}

/** Ends the sessions of a user by what they lost, or bounds them to what is left.
 * @param kept id of a session that goes on whatever changed of the password: it has proven itself anew. */
export const endSessionsOfUser = (
  core: Pick<Parts, 'sessions'>,
  before: User,
  after: User,
  kept: string | null,
): Promise<void> => afterMark(() => endOfUser(core, before, after, kept))

/** Tries what ends authority until it is done, for as long as a call may take. @param attempt null: once more. */
export const insist = async <T>(
  attempt: () => Promise<{ readonly done: T } | null>,
): Promise<T> => {
  for await (const _ of attempts({ ...ENDING, tries: 1 })) {
    const outcome = await attempt()
    if (outcome !== null) return outcome.done
  }
  throw new Fault('UNAVAILABLE')
}

/**
 * What comes after the mark. Where it can't be done, nobody may hear that nothing was: the mark stands, and a new
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

/** How often, and for how long one begins with another try, sessions are ended that can't be reached. */
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
