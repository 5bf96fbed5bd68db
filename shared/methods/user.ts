/** `user.*`: the part of TrueNAS's users that a key service needs. What a change takes from a user,
 * their keys have lost before the change is answered (docs/design.md §2). */
import * as z from 'zod'
import { given } from '../domain/given.ts'
import { assertCanChangeSecrets, assertCanGrant } from '../domain/permissions.ts'
import { QueryFilters } from '../domain/query/filters.ts'
import { QueryOptions } from '../domain/query/options.ts'
import { queryInTurns, showOne } from '../domain/query/query.ts'
import { instanceOf, resultOf } from '../domain/query/result.ts'
import { newWork } from '../domain/query/work.ts'
import {
  extension,
  IdempotencyKey,
  NewUsername,
  Password,
  RoleName,
  Text,
  Whole,
} from '../domain/schema.ts'
import { method } from '../rpc/method.ts'
import { doOnce, onceIn } from '../store/once.ts'
import { createUser, deleteUser, type UserUpdate as Update, updateUser } from '../users/commands.ts'
import { entry, UserEntry } from '../users/entry.ts'
import { byId, byName, entries, entryOf } from '../users/queries.ts'

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
  stops: true,
  access: ['ACCOUNT_READ'],
  params: { filters: QueryFilters, options: QueryOptions },
  result: resultOf(UserEntry),
  row: UserEntry,
  filterable: true,
  run: async ({ filters, options }, call) => {
    const work = newWork()
    return queryInTurns(await entries(call, filters, options, work), filters, options, work)
  },
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
    const { username, full_name: fullName, roles, locked } = asked
    return doOnce(
      service,
      { ...onceIn(call, 'user.create', params), password },
      async (once) =>
        entry(await createUser(call, { username, fullName, roles, locked, password }, once), []),
      async () => entryOf(call, await byName(call, username)),
    )
  },
})

export const update = method({
  name: 'user.update',
  summary: 'Changes a user. Lock and roles hold for all their keys when the answer comes.',
  stops: true,
  access: ['ACCOUNT_WRITE'],
  params: { id: Whole, user_update: UserUpdate },
  result: UserEntry,
  run: async ({ id, user_update: asked }, call) => {
    const update = given<Update>({
      fullName: asked.full_name,
      roles: asked.roles,
      locked: asked.locked,
      password: asked.password,
    })
    return entryOf(call, await updateUser(call, id, update))
  },
})

export const remove = method({
  name: 'user.delete',
  summary:
    'Deletes a user. None of their keys passes from the answer on; those of a user with many are shown as revoked some minutes later.',
  stops: true,
  access: ['ACCOUNT_WRITE'],
  params: { id: Whole, options: z.strictObject({}).default({}) },
  result: Whole,
  run: async ({ id }, call) => {
    await deleteUser(call, id)
    return id
  },
})
