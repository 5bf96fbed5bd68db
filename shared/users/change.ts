/** Changes of users: made to hold at once, then brought to their keys. */
import type { UserEvent } from '../domain/audit-events.ts'
import { Fault, missing } from '../domain/fault.ts'
import { waitAtMost } from '../domain/retry.ts'
import { afterMark, endSessionsOfUser, insist } from '../keys/ends.ts'
import type { Parts } from '../parts.ts'
import { type Acting, actorOf } from '../sessions/actor.ts'
import { MOST_IN_GATE } from '../store/gate.ts'
import { takesRights, type User, type UserChange } from '../store/users.ts'
import { isDeviceUser } from './device-user.ts'
import { propagate } from './propagate.ts'

/** The call that changes a user. */
type Changing = Acting & {
  readonly service: Parameters<typeof propagate>[0] & Pick<Parts, 'log' | 'tokens' | 'users'>
}

/**
 * Changes a user. Rights that it takes are gone for all of their keys at once.
 * @param goesOn whether the caller's session survives a change of its own password or second factor, since it has
 * proven itself anew.
 */
export const change = async (
  call: Changing,
  user: User,
  event: UserEvent,
  to: UserChange,
  goesOn = false,
): Promise<User> => {
  if (isDeviceUser(user) && !Object.keys(to).every((what) => OF_DEVICES.has(what)))
    throw new Fault('USER_BUILT_IN', { username: user.username })
  const { service, connection } = call
  const also = goesOn ? service.connections.adopt(connection, user.passwordVersion + 1) : []
  const deed = { event, at: service.now(), actor: actorOf(call) }
  const after = await service.users.change(user, to, deed, { also, isForGood: isDeviceUser(user) })
  if ('reason' in after) {
    if (after.reason === 'SESSION_GONE') throw new Fault('SESSION_EXPIRED')
    if (after.reason === 'FULL') throw new Fault('TOO_MANY_CHANGES', { most: MOST_IN_GATE })
    throw new Fault('USER_CHANGED', { username: user.username })
  }
  if (goesOn) await freeTokens(call)
  await endSessionsOfUser(service, user, after, goesOn ? call.session.id : null)
  if (after.version !== user.version) await begin(call, after)
  return after
}

/**
 * The same, repeated until it is done if it takes rights away: otherwise a user who changes their account all the time
 * couldn't be locked. A change that gives rights or unlocks isn't repeated, since a lock may have come before it.
 * @param evaluate reads the user anew, and refuses what the caller may not do.
 */
export const changeInsistently = (
  call: Changing,
  event: UserEvent,
  evaluate: () => Promise<{ readonly user: User; readonly to: UserChange }>,
): Promise<User> =>
  insist(async () => {
    const { user, to } = await evaluate()
    try {
      return { done: await change(call, user, event, to) }
    } catch (error) {
      const isOvertaken = error instanceof Fault && error.code === 'USER_CHANGED'
      if (isOvertaken && to.locked !== false && takesRights(user, to)) return null
      throw error
    }
  })

/** A user after a change of them, as they are now: what takes rights compares nothing else, so that the change may be
 * one of several, and no transaction tells what it wrote.
 * @throws Fault OUTCOME_UNKNOWN where they can't be read then, or are gone. */
export const readChanged = (
  { service }: { readonly service: Pick<Parts, 'users'> },
  { tenant, uid, username }: User,
): Promise<User> =>
  afterMark(async () => {
    const user = await service.users.get(tenant, username)
    if (user?.uid !== uid || user.deleted) throw missing('User', uid)
    return user
  })

// ---------------------------------------------------------------------------------------------

/** Keys that have the change before the answer: most users have no more, and these take some milliseconds. */
const FIRST_KEYS = 32
/** The longest wait for that: the change holds already, and a table in trouble needn't hold up the answer. */
const FIRST_MS = 5000

/**
 * Brings a change to the first of a user's keys. The sweep brings it to the others, since Lambda stops what goes on
 * after an answer.
 */
const begin = async ({ service }: Changing, { tenant, uid }: User): Promise<void> => {
  const first = propagate(service, { tenant, uid }, { left: FIRST_KEYS }).catch((error: unknown) =>
    service.log.error('a change of a user could not be brought to their keys yet', error, {
      tenant,
    }),
  )
  await waitAtMost(FIRST_MS, first)
}

/** Frees the slots of the session's tokens, which the change has ended. A failure doesn't fail the change, which is
 * done. */
const freeTokens = async ({ service, session }: Changing): Promise<void> => {
  try {
    await service.tokens.endOf(session.tenant, session.id)
  } catch (error) {
    service.log.error('the slots of dead tokens could not be freed', error, {
      tenant: session.tenant,
    })
  }
}

/** What may change of the user whom devices' keys belong to: with a password one could log in as it. */
const OF_DEVICES: ReadonlySet<string> = new Set<keyof UserChange>(['locked', 'fullName'])
