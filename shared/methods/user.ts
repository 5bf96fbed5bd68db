/** `user.*`: the part of TrueNAS's users that a key service needs. What a change takes from a user,
 * his keys have lost before the change is answered (DESIGN §2). */
import * as z from 'zod'
import { checkPassword, hashPassword } from '../auth/password.ts'
import { covers, holds } from '../auth/roles.ts'
import { DEFAULTS, newSecondFactor, provisioningUri } from '../auth/second-factor.ts'
import { Fault, invalid, missing } from '../fault.ts'
import { idOf } from '../keys/key.ts'
import { carryToKeys } from '../keys/owner.ts'
import { method, type SessionCall } from '../rpc/method.ts'
import { QueryFilters } from '../rpc/query/filters.ts'
import { QueryOptions } from '../rpc/query/options.ts'
import { runQuery } from '../rpc/query/query.ts'
import { Password, RoleName, SecretText, Text, Username, Whole } from '../rpc/schema.ts'
import type { User, UserChange } from '../store/users.ts'
import { actorOf } from './actor.ts'
import { TwoFactorConfig, twoFactorConfig } from './me.ts'

const FullName = Text.max(255)
const Roles = z.array(RoleName).max(100)

const UserEntry = z.strictObject({
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
type UserEntry = z.infer<typeof UserEntry>

export const query = method({
  name: 'user.query',
  summary: "Lists the tenant's users.",
  access: ['ACCOUNT_READ'],
  params: { filters: QueryFilters, options: QueryOptions },
  result: z.unknown(),
  filterable: true,
  run: async ({ filters, options }, call) => runQuery(await entries(call), filters, options),
})

export const getInstance = method({
  name: 'user.get_instance',
  summary: 'Shows one user.',
  access: ['ACCOUNT_READ'],
  params: { id: Whole, options: QueryOptions },
  result: z.unknown(),
  run: async ({ id, options }, call) => {
    const user = await byId(call, id)
    return runQuery([await entryOf(call, user)], [], { ...options, get: true })
  },
})

export const create = method({
  name: 'user.create',
  summary: 'Adds a user. Nobody hands out roles that he lacks.',
  access: ['ACCOUNT_WRITE'],
  params: {
    user_create: z.strictObject({
      username: Username,
      full_name: FullName.min(1),
      roles: Roles.default([]).describe('ours: TrueNAS gives roles by groups'),
      password: Password.nullable().default(null).describe('null: no login by password'),
      locked: z.boolean().default(false),
    }),
  },
  result: UserEntry,
  run: async ({ user_create: asked }, call) => {
    const { service, session } = call
    const { tenant } = session
    mayGive(call, asked.roles)
    const { username, full_name: fullName, roles, locked } = asked
    if ((await service.users.get(tenant, username)) !== null) throw taken
    const { n: uid } = await service.tenants.next(tenant, 'users')
    const user: User = {
      tenant,
      uid,
      username,
      fullName,
      roles: [...new Set(roles)],
      locked,
      local: true,
      version: 1,
      rev: 1,
      createdAt: service.now(),
      password: asked.password === null ? null : await hashPassword(asked.password),
      passwordVersion: 1,
      secondFactor: null,
      deleted: false,
    }
    if ((await service.users.add(user, actorOf(call))) !== null) throw taken
    return entry(user, [])
  },
})

export const update = method({
  name: 'user.update',
  summary: 'Changes a user. Lock and roles hold for all his keys when the answer comes.',
  access: ['ACCOUNT_WRITE'],
  params: {
    id: Whole,
    user_update: z.strictObject({
      full_name: FullName.min(1).optional(),
      roles: Roles.optional(),
      password: Password.nullable().optional(),
      locked: z.boolean().optional(),
    }),
  },
  result: UserEntry,
  run: async ({ id, user_update: asked }, call) => {
    const user = await byId(call, id)
    mayTouch(call, user)
    mayGive(
      call,
      (asked.roles ?? []).filter((role) => !user.roles.includes(role)),
    )
    const self = user.uid === call.session.uid
    if (self && asked.locked) throw invalid(['user_update.locked', 'You can not lock yourself'])
    if (self && asked.roles && !covers(asked.roles, user.roles))
      throw invalid(['user_update.roles', 'You can not take roles from yourself'])
    const password = asked.password && (await hashPassword(asked.password))
    const after = await change(call, user, 'user.update', {
      ...(asked.full_name !== undefined && { fullName: asked.full_name }),
      ...(asked.roles !== undefined && { roles: [...new Set(asked.roles)] }),
      ...(asked.locked !== undefined && { locked: asked.locked }),
      ...(password !== undefined && { password }),
    })
    return entryOf(call, after)
  },
})

export const remove = method({
  name: 'user.delete',
  summary: 'Deletes a user. All his keys are revoked when the answer comes.',
  access: ['ACCOUNT_WRITE'],
  params: { id: Whole, options: z.strictObject({}).default({}) },
  result: Whole,
  run: async ({ id }, call) => {
    const user = await byId(call, id)
    mayTouch(call, user)
    if (user.uid === call.session.uid) throw invalid(['user_delete', 'You can not delete yourself'])
    await change(call, user, 'user.delete', { deleted: true })
    return id
  },
})

export const setPassword = method({
  name: 'user.set_password',
  summary: 'Sets a password: the own one with the old one, another’s with ACCOUNT_WRITE.',
  access: 'session',
  params: {
    set_password_data: z.strictObject({
      username: Username,
      old_password: SecretText.nullable().default(null),
      new_password: Password,
    }),
  },
  result: z.null(),
  run: async ({ set_password_data: data }, call) => {
    const self = data.username === call.session.username
    const user = await byName(call, data.username)
    if (!self) mayTouch(call, user)
    // A session may be a stolen one, a key certainly isn't the password: only the old one is proof.
    else if (data.old_password === null || !(await checkPassword(data.old_password, user.password)))
      throw invalid(['set_password_data.old_password', 'Incorrect password'])
    const password = await hashPassword(data.new_password)
    await change(call, user, 'user.set_password', { password })
    return null
  },
})

export const renew2fa = method({
  name: 'user.renew_2fa_secret',
  summary: 'Gives a user a new second factor. The answer shows how to set it up, this once.',
  access: 'session',
  params: {
    username: Username,
    twofactor_options: z
      .strictObject({
        otp_digits: Whole.min(6).max(8).default(DEFAULTS.digits),
        interval: z.union([z.literal(30), z.literal(60)]).default(DEFAULTS.interval),
      })
      .prefault({}),
  },
  result: UserEntry.extend({ twofactor_config: TwoFactorConfig }),
  run: async ({ username, twofactor_options: { otp_digits: digits, interval } }, call) => {
    const user = await byName(call, username)
    if (user.uid !== call.session.uid) mayTouch(call, user)
    // With a key one could else take a user's second factor over.
    else if (call.session.key !== null) throw new Fault('NOT_AUTHORIZED')
    const { service } = call
    const dataKey = await service.tenants.currentDataKey(user.tenant)
    const keys = dataKey === null ? null : await service.vault.keys(user.tenant, dataKey)
    if (dataKey === null || keys === null) throw new Error(`tenant ${user.tenant} has no data key`)
    const secondFactor = newSecondFactor(user, { digits, interval }, keys, dataKey)
    const after = await change(call, user, 'user.renew_2fa_secret', { secondFactor })
    const uri = provisioningUri(user, secondFactor, keys)
    return { ...(await entryOf(call, after)), twofactor_config: twoFactorConfig(after, uri) }
  },
})

export const unset2fa = method({
  name: 'user.unset_2fa_secret',
  summary: 'Takes a user’s second factor away.',
  access: ['ACCOUNT_WRITE'],
  params: { username: Username },
  result: z.null(),
  run: async ({ username }, call) => {
    const user = await byName(call, username)
    mayTouch(call, user)
    await change(call, user, 'user.unset_2fa_secret', { secondFactor: null })
    return null
  },
})

// ---------------------------------------------------------------------------------------------

const taken = invalid(['user_create.username', 'A user with this username already exists'])

const entry = (user: User, numbers: readonly number[]): UserEntry => ({
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

const entryOf = async ({ service }: SessionCall, user: User): Promise<UserEntry> =>
  entry(user, await service.keys.ownedBy(user.tenant, user.uid))

const entries = async ({ service, session }: SessionCall): Promise<UserEntry[]> => {
  const owners = await service.keys.owners(session.tenant)
  const rows: UserEntry[] = []
  for await (const user of service.users.all(session.tenant))
    if (!user.deleted) rows.push(entry(user, owners.get(user.uid) ?? []))
  return rows
}

/** A user of the caller's tenant. @throws Fault INVALID `User <id> does not exist`. */
const byId = async ({ service, session }: SessionCall, id: number): Promise<User> => {
  for await (const user of service.users.all(session.tenant))
    if (user.uid === id && !user.deleted) return user
  throw missing('User', id)
}

const byName = async ({ service, session }: SessionCall, username: string): Promise<User> => {
  const user = await service.users.get(session.tenant, username)
  if (user === null || user.deleted) throw invalid(['username', 'User does not exist.'])
  return user
}

/** ACCOUNT_WRITE reaches users who hold no more than the caller: else it would amount to any role. */
const mayTouch = (call: SessionCall, user: User): void => {
  if (!holds(call.session.roles, 'ACCOUNT_WRITE')) throw new Fault('NOT_AUTHORIZED')
  mayGive(call, user.roles)
}

const mayGive = ({ session }: SessionCall, roles: readonly string[]): void => {
  const beyond = roles.filter((role) => !holds(session.roles, role))
  if (beyond.length > 0)
    throw new Fault('ROLES_BEYOND_YOURS', { me: session.username, roles: beyond.join(', ') })
}

/** Changes a user, and carries what his keys copy to all of them before it returns. */
const change = async (
  call: SessionCall,
  user: User,
  event: string,
  to: UserChange,
): Promise<User> => {
  const { service } = call
  const at = service.now()
  const after = await service.users.change(user, to, { event, at, actor: actorOf(call) })
  if ('lost' in after) throw new Fault('USER_CHANGED', { username: user.username })
  if (after.version !== user.version) await carryToKeys(service, after)
  return after
}
