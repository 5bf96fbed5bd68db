/** Reads users of the caller's tenant. */
import { invalid, missing } from '../domain/fault.ts'
import { USERNAME } from '../domain/names.ts'
import { looksAt } from '../domain/query/fields.ts'
import type { Filters } from '../domain/query/filters.ts'
import type { QueryOptions } from '../domain/query/options.ts'
import { selectsOne } from '../domain/query/query.ts'
import type { Parts } from '../parts.ts'
import type { LiveSession } from '../sessions/session.ts'
import type { OwnedKey } from '../store/key-owners.ts'
import type { Keys } from '../store/keys.ts'
import type { User } from '../store/user-items.ts'
import type { Users } from '../store/users.ts'
import { entry, type UserEntry } from './entry.ts'

/** A call of a session, as far as it says whose users are read. */
type Asking = {
  readonly service: Pick<Parts, 'keys' | 'users'>
  readonly session: Pick<LiveSession, 'tenant'>
}

export const entryOf = async (
  { service }: Pick<Asking, 'service'>,
  user: User,
): Promise<UserEntry> => entry(user, await service.keys.owned(user.tenant, user.uid))

/** The users that a query can list; their keys are read only where the query looks at them. */
export const entries = async (
  { service, session }: Asking,
  filters: Filters,
  options: QueryOptions,
): Promise<UserEntry[]> => {
  const { tenant } = session
  const users = (await candidates(service.users, tenant, filters)).filter((user) => !user.deleted)
  const looks = (['api_keys', 'planted'] as const).some((field) => looksAt(filters, options, field))
  const keysOf = looks ? await ownersOf(service.keys, tenant, users) : null
  return users.map((user) => entry(user, keysOf?.get(user.uid) ?? []))
}

/** A user of the caller's tenant. @throws Fault INVALID `User <id> does not exist`. */
export const byId = async ({ service, session }: Asking, id: number): Promise<User> => {
  for await (const user of service.users.all(session.tenant))
    if (user.uid === id && !user.deleted) return user
  throw missing('User', id)
}

export const byName = async ({ service, session }: Asking, username: string): Promise<User> => {
  const user = await service.users.get(session.tenant, username)
  if (user === null || user.deleted) throw invalid(['username', 'User does not exist.'])
  return user
}

// ---------------------------------------------------------------------------------------------

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
): Promise<ReadonlyMap<number, readonly OwnedKey[]>> => {
  const [user, ...others] = users
  if (user === undefined) return new Map()
  return others.length === 0
    ? new Map([[user.uid, await keys.owned(tenant, user.uid)]])
    : keys.owners(tenant)
}
