/** `user.*`: the part of TrueNAS's users that a key service needs. What a change takes from a user,
 * their keys have lost before the change is answered (docs/design.md §2). */
import * as z from 'zod'
import { invalid } from '../domain/fault.ts'
import { given } from '../domain/given.ts'
import {
  assertCanChangeSecrets,
  assertCanChangeUser,
  assertCanGrant,
} from '../domain/permissions.ts'
import { QueryFilters } from '../domain/query/filters.ts'
import { QueryOptions } from '../domain/query/options.ts'
import { queryInTurns, showOne } from '../domain/query/query.ts'
import { instanceOf, resultOf } from '../domain/query/result.ts'
import { covers } from '../domain/roles.ts'
import {
  extension,
  IdempotencyKey,
  NewUsername,
  Password,
  RoleName,
  Text,
  Whole,
} from '../domain/schema.ts'
import { method, type SessionCall } from '../rpc/method.ts'
import { actorOf } from '../sessions/actor.ts'
import { ceilingFor } from '../store/audit.ts'
import { doOnce } from '../store/do-once.ts'
import type { Once } from '../store/once.ts'
import { newUser, type User, type UserChange } from '../store/users.ts'
import { changeInsistently, readChanged } from '../users/change.ts'
import { byId, byName, entries, entry, entryOf, UserEntry } from '../users/entry.ts'
import { onceIn } from './once.ts'

const FullName = Text.max(255)
const Roles = z.array(RoleName).max(100)

const UserCreate = z.strictObject({
  username: NewUsername,
  full_name: FullName.min(1),
  roles: Roles.default([]).meta({
    description: 'TrueNAS gives roles by groups',
    ...extension('0.1.0'),
  }),
  password: Password.nullable()
    .default(null)
    .describe('null: no login by password. A session that a key opened sets none'),
  locked: z.boolean().default(false),
  idempotency_key: IdempotencyKey,
})

const UserUpdate = z.strictObject({
  full_name: FullName.min(1).optional(),
  roles: Roles.optional().meta({
    description: 'TrueNAS gives roles by groups',
    ...extension('0.1.0'),
  }),
  password: Password.nullable().optional(),
  locked: z.boolean().optional(),
})

/** What callers give: for the test that has a value of each. */
export type UserCreate = z.input<typeof UserCreate>
export type UserUpdate = z.input<typeof UserUpdate>

export const query = method({
  name: 'user.query',
  summary: "Lists the tenant's users.",
  access: ['ACCOUNT_READ'],
  params: { filters: QueryFilters, options: QueryOptions },
  result: resultOf(UserEntry),
  row: UserEntry,
  filterable: true,
  run: async ({ filters, options }, call) =>
    queryInTurns(await entries(call, filters, options), filters, options),
})

export const getInstance = method({
  name: 'user.get_instance',
  summary: 'Shows one user.',
  access: ['ACCOUNT_READ'],
  params: { id: Whole, options: QueryOptions },
  result: instanceOf(UserEntry),
  row: UserEntry,
  run: async ({ id, options }, call) => {
    const user = await byId(call, id)
    return showOne(await entryOf(call, user), options)
  },
})

export const create = method({
  name: 'user.create',
  summary: 'Adds a user. Nobody hands out roles that they lack.',
  access: ['ACCOUNT_WRITE'],
  params: {
    user_create: UserCreate,
  },
  result: UserEntry,
  run: async ({ user_create: asked }, call) => {
    const { service } = call
    assertCanGrant(call.session, asked.roles)
    if (asked.password !== null) assertCanChangeSecrets(call.session)
    const { password, ...params } = asked
    return doOnce(
      service,
      { ...onceIn(call, 'user.create', params), password },
      async (once) => entry(await add(call, asked, once), []),
      async () => entryOf(call, await byName(call, asked.username)),
    )
  },
})

export const update = method({
  name: 'user.update',
  summary: 'Changes a user. Lock and roles hold for all their keys when the answer comes.',
  access: ['ACCOUNT_WRITE'],
  params: { id: Whole, user_update: UserUpdate },
  result: UserEntry,
  run: async ({ id, user_update: asked }, call) => {
    let password: string | null | undefined
    const after = await changeInsistently(call, 'user.update', async () => {
      const user = await byId(call, id)
      assertCanChangeUser(call.session, user)
      assertCanGrant(
        call.session,
        (asked.roles ?? []).filter((role) => !user.roles.includes(role)),
      )
      const self = user.uid === call.session.uid
      if (self && asked.locked) throw invalid(['user_update.locked', 'You can not lock yourself'])
      if (self && asked.roles && !covers(asked.roles, user.roles))
        throw invalid(['user_update.roles', 'You can not take roles from yourself'])
      if (self && asked.password !== undefined)
        throw invalid(['user_update.password', 'Use user.set_password for your own password'])
      if (asked.password !== undefined) assertCanChangeSecrets(call.session)
      password ??= asked.password && (await call.service.passwords.hash(asked.password))
      const to = given<Omit<UserChange, 'secondFactor' | 'pendingFactor' | 'deleted'>>({
        fullName: asked.full_name,
        roles: asked.roles && [...new Set(asked.roles)],
        locked: asked.locked,
        password,
        passwordCeiling: password === undefined ? undefined : ceilingFor(actorOf(call), user.uid),
      })
      return { user, to }
    })
    return entryOf(call, await readChanged(call, after))
  },
})

export const remove = method({
  name: 'user.delete',
  summary:
    'Deletes a user. None of their keys passes from the answer on; those of a user with many are shown as revoked some minutes later.',
  access: ['ACCOUNT_WRITE'],
  params: { id: Whole, options: z.strictObject({}).default({}) },
  result: Whole,
  run: async ({ id }, call) => {
    await changeInsistently(call, 'user.delete', async () => {
      const user = await byId(call, id)
      assertCanChangeUser(call.session, user)
      if (user.uid === call.session.uid)
        throw invalid(['user_delete', 'You can not delete yourself'])
      return { user, to: { deleted: true } as const }
    })
    return id
  },
})

// ---------------------------------------------------------------------------------------------

const add = async (
  call: SessionCall,
  asked: z.output<typeof UserCreate>,
  once: Once | undefined,
): Promise<User> => {
  const { tenants, users, passwords, now } = call.service
  const { tenant } = call.session
  const { username, full_name: fullName, roles, locked } = asked
  if ((await users.get(tenant, username)) !== null) throw taken
  const uid = await tenants.next(tenant, 'users')
  const user = newUser({
    tenant,
    uid,
    username,
    fullName,
    roles: [...new Set(roles)],
    locked,
    createdAt: now(),
    password: asked.password === null ? null : await passwords.hash(asked.password),
    passwordCeiling: ceilingFor(actorOf(call), uid),
  })
  const after = await users.add(user, actorOf(call), once)
  if ('reason' in after) throw taken
  return after
}

const taken = invalid(['user_create.username', 'A user with this username already exists'])
