/** Users as the methods read, show and change them. */
import * as z from 'zod'
import { USERNAME } from '../auth/names.ts'
import { Fault, invalid, missing } from '../fault.ts'
import { isDeviceUser } from '../keys/device-user.ts'
import { endSessionsOfUser, insist } from '../keys/ends.ts'
import { idOf } from '../keys/key.ts'
import { carryToKeys } from '../keys/owner.ts'
import type { SessionCall } from '../rpc/method.ts'
import { looksAt } from '../rpc/query/fields.ts'
import type { Filters } from '../rpc/query/filters.ts'
import type { QueryOptions } from '../rpc/query/options.ts'
import { selectsOne } from '../rpc/query/query.ts'
import { Whole } from '../rpc/schema.ts'
import type { Keys } from '../store/keys.ts'
import { takesRights, type User, type UserChange, type Users } from '../store/users.ts'
import { actorOf } from './actor.ts'

export const UserEntry = z.strictObject({
  id: Whole,
  username: z.string(),
  full_name: z.string(),
  roles: z.array(z.string()).describe('as given; what they include is not listed'),
  locked: z.boolean(),
  source: z.literal('LOCAL'),
  local: z.boolean(),
  api_keys: z.array(Whole).describe('ids of the user’s keys'),
  password_disabled: z.boolean(),
  twofactor_auth_configured: z.boolean(),
})
export type UserEntry = z.infer<typeof UserEntry>

export const entry = (user: User, numbers: readonly number[]): UserEntry => ({
  id: user.uid,
  username: user.username,
  full_name: user.fullName,
  roles: [...user.roles],
  locked: user.locked,
  source: 'LOCAL',
  local: user.local,
  api_keys: numbers.map((n) => idOf({ tenant: user.tenant, n })),
  password_disabled: user.password === null,
  twofactor_auth_configured: user.secondFactor !== null,
})

export const entryOf = async ({ service }: SessionCall, user: User): Promise<UserEntry> =>
  entry(user, await service.keys.ownedBy(user.tenant, user.uid))

/** The users that a query can list; their keys are read only where the query looks at them. */
export const entries = async (
  { service, session }: SessionCall,
  filters: Filters,
  options: QueryOptions,
): Promise<UserEntry[]> => {
  const { tenant } = session
  const users = (await candidates(service.users, tenant, filters)).filter((user) => !user.deleted)
  const keysOf = looksAt(filters, options, 'api_keys')
    ? await ownersOf(service.keys, tenant, users)
    : null
  return users.map((user) => entry(user, keysOf?.get(user.uid) ?? []))
}

/** A user of the caller's tenant. @throws Fault INVALID `User <id> does not exist`. */
export const byId = async ({ service, session }: SessionCall, id: number): Promise<User> => {
  for await (const user of service.users.all(session.tenant))
    if (user.uid === id && !user.deleted) return user
  throw missing('User', id)
}

export const byName = async (
  { service, session }: SessionCall,
  username: string,
): Promise<User> => {
  const user = await service.users.get(session.tenant, username)
  if (user === null || user.deleted) throw invalid(['username', 'User does not exist.'])
  return user
}

/**
 * Changes a user, and carries what their keys copy to all of them before it returns.
 * @param goesOn whether the caller's session lives on, if what it was opened by changes: it has proven itself anew.
 */
export const change = async (
  call: SessionCall,
  user: User,
  event: string,
  to: UserChange,
  goesOn = false,
): Promise<User> => {
  if (isDeviceUser(user) && !Object.keys(to).every((what) => OF_DEVICES.has(what)))
    throw new Fault('USER_BUILT_IN', { username: user.username })
  const { service, connection } = call
  const deed = { event, at: service.now(), actor: actorOf(call) }
  const adopt = goesOn ? service.connections.adopt(connection, user.passwordVersion + 1) : []
  const after = await service.users.change(user, to, deed, adopt)
  if ('lost' in after)
    throw after.lost === 'SESSION_GONE'
      ? new Fault('SESSION_EXPIRED')
      : new Fault('USER_CHANGED', { username: user.username })
  if (goesOn) await freeTokens(call)
  if (after.version !== user.version) await carryToKeys(service, after)
  await endSessionsOfUser(service, user, after, goesOn ? call.session.id : null)
  return after
}

/**
 * The same, tried until it is done where it takes rights away: whose account changes all the time can't be locked
 * otherwise. Not where it gives any, or locks nobody: that may have been overtaken by a lock.
 * @param judge reads the user as they are now, and refuses what the caller may not do.
 */
export const changeInsistently = (
  call: SessionCall,
  event: string,
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

/** The session's tokens are dead by what changed; they also leave their places. The change stands: it isn't told as
 * failed for what is only good to do. */
const freeTokens = async ({ service, session }: SessionCall): Promise<void> => {
  try {
    await service.tokens.endOf(session.tenant, session.id)
  } catch (error) {
    service.log.error('the places of dead tokens could not be freed', error, {
      tenant: session.tenant,
    })
  }
}

/** What may change of the user whom devices' keys belong to: with a password he could log in. */
const OF_DEVICES: ReadonlySet<string> = new Set<keyof UserChange>(['locked', 'fullName'])

/** In the order of their names, as the table has them. */
const candidates = async (users: Users, tenant: number, filters: Filters): Promise<User[]> => {
  const names = selectsOne(filters, 'username')
  if (names !== null) return users.named(tenant, names.filter(isUsername).sort())
  const all: User[] = []
  for await (const user of users.all(tenant)) all.push(user)
  return all
}

const isUsername = (value: unknown): value is string =>
  typeof value === 'string' && USERNAME.test(value)

const ownersOf = async (
  keys: Keys,
  tenant: number,
  users: readonly User[],
): Promise<ReadonlyMap<number, readonly number[]>> => {
  const [user, ...others] = users
  if (user === undefined) return new Map()
  return others.length === 0
    ? new Map([[user.uid, await keys.ownedBy(tenant, user.uid)]])
    : keys.owners(tenant)
}
