/** Makes and changes users. A change holds at once, and is then brought to their keys. */
import type { UserEvent } from '../domain/audit-events.ts'
import { Fault, invalid, missing } from '../domain/fault.ts'
import {
  assertCanChangeSecrets,
  assertCanChangeUser,
  assertCanGrant,
} from '../domain/permissions.ts'
import { attempts, waitAtMost } from '../domain/retry.ts'
import { covers } from '../domain/roles.ts'
import type { Secret } from '../domain/secret.ts'
import { afterMark, endSessionsOfUser, INSISTING } from '../keys/ends.ts'
import type { Parts } from '../parts.ts'
import { type Acting, actorOf } from '../sessions/authority.ts'
import { ceilingFor } from '../store/audit.ts'
import { MOST_IN_GATE } from '../store/gate.ts'
import type { Once } from '../store/once.ts'
import { newUser, type User, type UserChange } from '../store/user-items.ts'
import { takesRights } from '../store/users.ts'
import { isDeviceUser } from './device-user.ts'
import { propagate } from './propagate.ts'
import { byId } from './queries.ts'

/** The call that changes a user. */
type Changing = Acting & {
  readonly service: Parameters<typeof propagate>[0] &
    Pick<Parts, 'log' | 'passwords' | 'tenants' | 'tokens' | 'users'>
}

/** What `user.create` asks for. */
export type UserCreate = Pick<User, 'username' | 'fullName' | 'roles' | 'locked'> & {
  readonly password: Secret | null
}

/** Makes a user. @throws Fault INVALID where the name is taken. */
export const createUser = async (
  call: Changing,
  { password, roles, ...asked }: UserCreate,
  once?: Once,
): Promise<User> => {
  const { service, session } = call
  const { tenant } = session
  if ((await service.users.get(tenant, asked.username)) !== null) throw TAKEN
  const uid = await service.tenants.next(tenant, 'users')
  const actor = actorOf(call)
  const user = newUser({
    ...asked,
    tenant,
    uid,
    roles: [...new Set(roles)],
    createdAt: service.now(),
    password: password === null ? null : await service.passwords.hash(password),
    passwordCeiling: ceilingFor(actor, uid),
  })
  const after = await service.users.add(user, actor, once)
  if ('reason' in after) throw TAKEN
  return after
}

/** What `user.update` may ask for. */
export type UserUpdate = Partial<
  Pick<User, 'fullName' | 'roles' | 'locked'> & { readonly password: Secret | null }
>

/** Changes a user of the caller's tenant. @returns the user as they are then. */
export const updateUser = async (call: Changing, id: number, asked: UserUpdate): Promise<User> => {
  const { service, session } = call
  const { password, roles, ...others } = asked
  let hash: string | null | undefined
  for await (const _ of attempts(INSISTING)) {
    const user = await byId(call, id)
    assertCanChangeUser(session, user)
    assertCanGrant(
      session,
      (roles ?? []).filter((role) => !user.roles.includes(role)),
    )
    if (user.uid === session.uid) assertKeepsOwn(user, asked)
    if (password !== undefined) assertCanChangeSecrets(session)
    hash ??= password && (await service.passwords.hash(password))
    const to: UserChange = {
      ...others,
      ...(roles && { roles: [...new Set(roles)] }),
      ...(hash !== undefined && {
        password: hash,
        passwordCeiling: ceilingFor(actorOf(call), user.uid),
      }),
    }
    if ((await changeUnlessOvertaken(call, user, 'user.update', to)) !== null)
      return readChanged(call, user)
  }
  throw new Fault('UNAVAILABLE')
}

/** Deletes a user of the caller's tenant, another than the caller. */
export const deleteUser = async (call: Changing, id: number): Promise<void> => {
  for await (const _ of attempts(INSISTING)) {
    const user = await byId(call, id)
    assertCanChangeUser(call.session, user)
    if (user.uid === call.session.uid) throw invalid(['user_delete', 'You can not delete yourself'])
    const to = { deleted: true } as const
    if ((await changeUnlessOvertaken(call, user, 'user.delete', to)) !== null) return
  }
  throw new Fault('UNAVAILABLE')
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

// ---------------------------------------------------------------------------------------------

const TAKEN = invalid(['user_create.username', 'A user with this username already exists'])

/** What nobody takes from themselves, nor changes without the old password. */
const assertKeepsOwn = (user: User, { locked, roles, password }: UserUpdate): void => {
  if (locked) throw invalid(['user_update.locked', 'You can not lock yourself'])
  if (roles && !covers(roles, user.roles))
    throw invalid(['user_update.roles', 'You can not take roles from yourself'])
  if (password !== undefined)
    throw invalid(['user_update.password', 'Use user.set_password for your own password'])
}

/**
 * @returns null where others have changed the user since, and the change takes rights away. That is tried again: otherwise a
 * user who changes their account all the time couldn't be locked. A change that gives rights or unlocks isn't, since a lock
 * may have come before it.
 */
const changeUnlessOvertaken = async (
  call: Changing,
  user: User,
  event: UserEvent,
  to: UserChange,
): Promise<User | null> => {
  try {
    return await change(call, user, event, to)
  } catch (error) {
    const isOvertaken = error instanceof Fault && error.code === 'USER_CHANGED'
    if (isOvertaken && to.locked !== false && takesRights(user, to)) return null
    throw error
  }
}

/** A user after a change of them, as they are now: what takes rights compares nothing else, so that the change may be
 * one of several, and no transaction tells what it wrote.
 * @throws Fault OUTCOME_UNKNOWN where they can't be read then, or are gone. */
const readChanged = (
  { service }: { readonly service: Pick<Parts, 'users'> },
  { tenant, uid, username }: User,
): Promise<User> =>
  afterMark(async () => {
    const user = await service.users.get(tenant, username)
    if (user?.uid !== uid || user.deleted) throw missing('User', uid)
    return user
  })

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
    await service.tokens.endAll(session.tenant, session.id)
  } catch (error) {
    service.log.error('the slots of dead tokens could not be freed', error, {
      tenant: session.tenant,
    })
  }
}

/** What may change of the user whom devices' keys belong to: with a password one could log in as it. */
const OF_DEVICES: ReadonlySet<string> = new Set<keyof UserChange>(['locked', 'fullName'])
