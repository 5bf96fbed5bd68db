/** Changes of users: made to hold at once, then brought to their keys. */
import type { UserEvent } from '../domain/audit-events.ts'
import { Fault } from '../domain/fault.ts'
import { waitAtMost } from '../domain/patience.ts'
import { endSessionsOfUser, insist } from '../keys/ends.ts'
import type { Parts } from '../parts.ts'
import { type Acting, actorOf } from '../sessions/actor.ts'
import { MOST_IN_GATE } from '../store/gate.ts'
import { takesRights, type User, type UserChange } from '../store/users.ts'
import { isDeviceUser } from './device-user.ts'
import { propagate } from './propagate.ts'

/** The call by which a user is changed. */
type Changing = Acting & {
  readonly service: Parameters<typeof propagate>[0] & Pick<Parts, 'log' | 'tokens' | 'users'>
}

/**
 * Changes a user. What it takes from them holds for all of their keys from then on.
 * @param goesOn whether the caller's session lives on, if what it was opened by changes: it has proven itself anew.
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
  if ('lost' in after) {
    if (after.lost === 'SESSION_GONE') throw new Fault('SESSION_EXPIRED')
    if (after.lost === 'FULL') throw new Fault('TOO_MANY_CHANGES', { most: MOST_IN_GATE })
    throw new Fault('USER_CHANGED', { username: user.username })
  }
  if (goesOn) await freeTokens(call)
  await endSessionsOfUser(service, user, after, goesOn ? call.session.id : null)
  if (after.version !== user.version) await begin(call, after)
  return after
}

/**
 * The same, tried until it is done where it takes rights away: whose account changes all the time can't be locked
 * otherwise. Not where it gives any, or locks nobody: that may have been overtaken by a lock.
 * @param judge reads the user as they are now, and refuses what the caller may not do.
 */
export const changeInsistently = (
  call: Changing,
  event: UserEvent,
  judge: () => Promise<{ readonly user: User; readonly to: UserChange }>,
): Promise<User> =>
  insist(async () => {
    const { user, to } = await judge()
    try {
      return { done: await change(call, user, event, to) }
    } catch (error) {
      const isOvertaken = error instanceof Fault && error.code === 'USER_CHANGED'
      if (isOvertaken && to.locked !== false && takesRights(user, to)) return null
      throw error
    }
  })

// ---------------------------------------------------------------------------------------------

/** Keys that have the change before it is answered: most users have no more, and it costs them some milliseconds. */
const FIRST_KEYS = 32
/** For so long at the most, in milliseconds: a table in trouble holds up no answer to what holds already. */
const FIRST_MS = 5000

/**
 * Brings a change to the first of a user's keys. It holds already, and the sweep brings it to the others: a function
 * does nothing more once it has answered, so only what can be waited for is begun here.
 */
const begin = async ({ service }: Changing, { tenant, uid }: User): Promise<void> => {
  const first = propagate(service, { tenant, uid }, { left: FIRST_KEYS }).catch((error: unknown) =>
    service.log.error('a change of a user could not be brought to their keys yet', error, {
      tenant,
    }),
  )
  await waitAtMost(FIRST_MS, first)
}

/** The session's tokens are dead by what changed; they also leave their places. The change stands: it isn't told as
 * failed for what is only good to do. */
const freeTokens = async ({ service, session }: Changing): Promise<void> => {
  try {
    await service.tokens.endOf(session.tenant, session.id)
  } catch (error) {
    service.log.error('the places of dead tokens could not be freed', error, {
      tenant: session.tenant,
    })
  }
}

/** What may change of the user whom devices' keys belong to: with a password one could log in as it. */
const OF_DEVICES: ReadonlySet<string> = new Set<keyof UserChange>(['locked', 'fullName'])
