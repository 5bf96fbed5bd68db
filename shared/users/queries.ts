/** Reads users of the caller's tenant. */
import { invalid, missing } from '../domain/fault.ts'
import { USERNAME } from '../domain/names.ts'
import { type Bound, MOST_ROWS, tooWide, upTo } from '../domain/query/bound.ts'
import { isFilteredBy, looksAt } from '../domain/query/fields.ts'
import type { Filters } from '../domain/query/filters.ts'
import { matches } from '../domain/query/match.ts'
import type { QueryOptions } from '../domain/query/options.ts'
import { selectsOne } from '../domain/query/query.ts'
import type { Work } from '../domain/query/work.ts'
import { isNone, orderOf, type QueryOfTenant, spanOfNames, wantedOf } from '../keys/narrow.ts'
import type { Parts } from '../parts.ts'
import type { LiveSession } from '../sessions/session.ts'
import { LONG } from '../store/db.ts'
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

/**
 * The users that a query lists, at least as many as it takes; their keys are read only where the query looks at them.
 * @throws Fault QUERY_TOO_WIDE where more users or keys would have to be looked at than one call may.
 */
export const entries = async (
  { service, session }: Asking,
  filters: Filters,
  options: QueryOptions,
  work: Work,
): Promise<UserEntry[]> => {
  const { tenant } = session
  const users = await find(service.users, { tenant, filters, options }, work)
  const looks = OF_KEYS.some((field) => looksAt(filters, options, field))
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

/** Fields that take reads of keys. */
const OF_KEYS = ['api_keys', 'planted'] as const satisfies readonly (keyof UserEntry)[]

const USERS: Bound = {
  most: MOST_ROWS,
  rows: 'users',
  advice:
    'Ask for those of a `username` (=), or for a page in the order of `username` with a `limit`; or go through all of them by ranges of `username`.',
}
const THEIR_KEYS: Bound = {
  most: MOST_ROWS,
  rows: 'keys of users',
  advice: 'Ask for one user, or leave `api_keys` and `planted` out by `select`.',
}

/** In the order of their names, as the table has them; those that don't match are left out where that shows without keys. */
const find = async (
  users: Users,
  { tenant, filters, options }: QueryOfTenant,
  work: Work,
): Promise<User[]> => {
  const byKeys = OF_KEYS.some((field) => isFilteredBy(filters, field))
  const isMatch = byKeys ? () => true : matches(filters, work)
  const order = orderOf(options, ['username'])
  const inOrder = order !== null && !order.descending && !byKeys
  const wanted = inOrder ? wantedOf(filters, options) : null
  const found: User[] = []
  for await (const user of upTo(USERS, await candidates(users, tenant, filters))) {
    if (user.deleted) continue
    if (work.isDue()) await work.rest()
    work.spend(1)
    if (isMatch(entry(user, []))) found.push(user)
    if (wanted !== null && found.length >= wanted) break
  }
  return found
}

const candidates = async (users: Users, tenant: number, filters: Filters) => {
  const names = selectsOne(filters, 'username')
  if (names !== null) return users.named(tenant, names.filter(isUsername).sort())
  const span = spanOfNames(filters, 'username')
  return isNone(span) ? [] : users.all(tenant, { ...span, ...LONG })
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
  if (others.length === 0) return new Map([[user.uid, await keys.owned(tenant, user.uid)]])
  const owners = await keys.owners(tenant, THEIR_KEYS.most)
  if (owners === null) throw tooWide(THEIR_KEYS)
  return owners
}
