/** Users as the methods read and show them. */
import * as z from 'zod'
import { invalid, missing } from '../domain/fault.ts'
import { idOf } from '../domain/key.ts'
import { USERNAME } from '../domain/names.ts'
import { looksAt } from '../domain/query/fields.ts'
import type { Filters } from '../domain/query/filters.ts'
import type { QueryOptions } from '../domain/query/options.ts'
import { selectsOne } from '../domain/query/query.ts'
import { extension, Whole } from '../domain/schema.ts'
import type { Parts } from '../parts.ts'
import type { LiveSession } from '../sessions/session.ts'
import type { OwnedKey } from '../store/key-owners.ts'
import type { Keys } from '../store/keys.ts'
import type { User, Users } from '../store/users.ts'

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
  planted: z
    .strictObject({
      password: z.boolean(),
      api_keys: z.array(Whole).describe('ids of those keys'),
    })
    .optional()
    .meta({
      description:
        'there if others set the password or made keys of the user, with fewer rights than all: those never go beyond what their makers might hand out',
      ...extension('0.1.0'),
    }),
})
export type UserEntry = z.infer<typeof UserEntry>

export const entry = (user: User, keys: readonly OwnedKey[]): UserEntry => ({
  id: user.uid,
  username: user.username,
  full_name: user.fullName,
  roles: [...user.roles],
  locked: user.locked,
  source: 'LOCAL',
  local: user.local,
  api_keys: idsOf(user, keys),
  password_disabled: user.password === null,
  twofactor_auth_configured: user.secondFactor !== null,
  ...plantedOf(user, keys),
})

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

const idsOf = ({ tenant }: User, keys: readonly OwnedKey[]): number[] =>
  keys.map(({ n }) => idOf({ tenant, n }))

/** What others have made in a user's name, which those who give the user more rights want to know. */
const plantedOf = (user: User, keys: readonly OwnedKey[]): Pick<UserEntry, 'planted'> => {
  const api_keys = idsOf(
    user,
    keys.filter(({ planted }) => planted),
  )
  const password = user.password !== null && user.passwordCeiling !== null
  return password || api_keys.length > 0 ? { planted: { password, api_keys } } : {}
}

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
