/**
 * What follows when authority ends: the sessions that hang on it can change nothing any more, calls in flight
 * included. It comes after the mark on the key or user and before the answer, and again with each repetition: an
 * earlier one may have been cut short in between.
 */
import { covers } from '../auth/roles.ts'
import { Fault } from '../fault.ts'
import type { Core } from '../service.ts'
import { ENDING } from '../store/db.ts'
import type { FormerSecret, KeyFacts } from '../store/key-items.ts'
import { BY_PASSWORD, heldByKey, principalOf } from '../store/places.ts'
import type { User } from '../store/users.ts'

/** Ends the sessions that a key opened, by the key as it is now: all, unless `secrets` says which go on. */
export const endSessionsOfKey = (
  { sessions }: Pick<Core, 'sessions'>,
  key: KeyFacts,
  secrets?: { readonly generation: number; readonly former: FormerSecret | null },
): Promise<void> => {
  const good = secrets ? [secrets.generation, secrets.former?.generation] : []
  const of = { principal: principalOf(key), holder: heldByKey(key.n) }
  return untilDone(() =>
    sessions.end(key.tenant, of, ({ key: opened }) => !good.includes(opened?.generation ?? -1)),
  )
}

/** Ends the sessions of a user by what they lost, or bounds them to what is left.
 * @param kept id of a session that goes on whatever changed of the password: it has proven itself anew. */
export const endSessionsOfUser = async (
  { sessions }: Pick<Core, 'sessions'>,
  before: User,
  after: User,
  kept: string | null,
): Promise<void> => {
  const { tenant, uid, passwordVersion } = after
  const all = { principal: principalOf({ uid }) }
  if (after.locked || after.deleted) return untilDone(() => sessions.end(tenant, all, () => true))
  if (passwordVersion !== before.passwordVersion)
    await untilDone(() =>
      sessions.end(
        tenant,
        { ...all, holder: BY_PASSWORD },
        (one) => one.id !== kept && one.passwordVersion < passwordVersion,
      ),
    )
  if (!covers(after.roles, before.roles))
    await untilDone(() => sessions.restrict(tenant, all, after.version))
}

/** Tries what ends authority until it is done, for as long as a call may take. @param attempt null: once more. */
export const insist = async <T>(
  attempt: () => Promise<{ readonly done: T } | null>,
): Promise<T> => {
  // A clock that is set can't lengthen it.
  const end = performance.now() + ENDING.forMs
  do {
    const outcome = await attempt()
    if (outcome !== null) return outcome.done
    await new Promise((go) => setTimeout(go, Math.random() * ENDING.pauseMs))
  } while (performance.now() < end)
  throw new Fault('UNAVAILABLE')
}

/** The same for a step that can be repeated, after the mark: it stands, so a store that is busy is no reason to stop. */
export const untilDone = (step: () => Promise<void>): Promise<void> =>
  insist(async () => {
    try {
      await step()
      return { done: undefined }
    } catch (error) {
      if (error instanceof Fault && error.code === 'UNAVAILABLE') return null
      throw error
    }
  })
