/** `api_key.*` that change a key: create, update with reset, revoke, delete (docs/protocol/keys.md §4.4, §4.5, §4.6). */
import * as z from 'zod'
import { Fault, invalid, missing } from '../domain/fault.ts'
import { given } from '../domain/given.ts'
import { assertCanGrant, assertCanManageKeysOf, refIn } from '../domain/permissions.ts'
import {
  extension,
  IdempotencyKey,
  KeyName,
  Moment,
  Text,
  Username,
  Whole,
} from '../domain/schema.ts'
import { isAtLeast } from '../domain/versions.ts'
import { deleteKey, type KeyUpdate, readChanged, updateKey } from '../keys/change.ts'
import { createKey, type IssuedKey } from '../keys/create.ts'
import { apiKeyEntry, scramText } from '../keys/entry.ts'
import { ApiKeyEntry } from '../keys/entry-schema.ts'
import { revokeKey } from '../keys/revoke.ts'
import { brokenRules } from '../keys/rules.ts'
import { method, type SessionCall } from '../rpc/method.ts'
import { actorOf } from '../sessions/authority.ts'
import { doOnce, onceIn, shownBefore } from '../store/once.ts'
import type { User } from '../store/user-items.ts'

/** What may manage keys at all; the rules of each method say whose (docs/protocol/keys.md §4.1). */
const MANAGE = ['READONLY_ADMIN', 'API_KEY_WRITE'] as const

/** Longest grace period of a reset: 30 days, in seconds. */
const LONGEST_GRACE_SECONDS = 30 * 86_400

const ApiKeyCreate = z.strictObject({
  name: KeyName,
  username: Username,
  expires_at: Moment.nullable().default(null),
  idempotency_key: IdempotencyKey,
})

const ApiKeyUpdate = z.strictObject({
  name: KeyName.optional(),
  expires_at: Moment.nullable().optional(),
  reset: z.boolean().default(false),
  grace_seconds: Whole.min(0)
    .max(LONGEST_GRACE_SECONDS)
    .default(0)
    .meta({ description: 'how long the old secret stays good, in seconds', ...extension('0.1.0') }),
  idempotency_key: IdempotencyKey,
})

/** What callers give: for the test that has a value of each. */
export type ApiKeyCreate = z.input<typeof ApiKeyCreate>
export type ApiKeyUpdate = z.input<typeof ApiKeyUpdate>

export const create = method({
  name: 'api_key.create',
  summary: 'Makes a key for a user. The answer shows it, this once.',
  access: MANAGE,
  params: { api_key_create: ApiKeyCreate },
  result: ApiKeyEntry,
  run: ({ api_key_create: asked }, call) => {
    const { name, username, expires_at } = asked
    const { service, session } = call
    assertCanManageKeysOf(session, username)
    const key = { tenant: session.tenant, name, expires: expires_at?.getTime() ?? null }
    return doOnce(
      service,
      onceIn(call, 'api_key.create', asked),
      async (once) => {
        const owner = await ownerOf(call, username, key)
        const made = await createKey(service, { ...key, owner, actor: actorOf(call), once })
        return shownOnce(made, call)
      },
      ({ subject }) => fail(shownBefore(`Key ${subject} was made`, RESET_IT, Number(subject))),
    )
  },
})

export const update = method({
  name: 'api_key.update',
  summary: 'Renames a key, changes its expiry, or resets it: a new secret, shown this once.',
  access: MANAGE,
  params: { id: Whole, api_key_update: ApiKeyUpdate },
  result: ApiKeyEntry,
  run: async ({ id, api_key_update: asked }, call) => {
    const { service, connection } = call
    if (asked.grace_seconds > 0 && !asked.reset)
      throw invalid(['api_key_update.grace_seconds', 'Goes with `reset` only'])
    if (asked.idempotency_key !== null && !asked.reset)
      throw invalid(['api_key_update.idempotency_key', 'Goes with `reset` only'])
    const change: Parameters<typeof updateKey>[1] = {
      ref: refIn(call.session, id) ?? fail(new Fault('MATCH_NOT_FOUND')),
      actor: actorOf(call),
      began: call.began,
      update: given<KeyUpdate>({
        name: asked.name,
        expires: asked.expires_at === null ? null : asked.expires_at?.getTime(),
        reset: asked.reset,
        graceSeconds: asked.grace_seconds,
      }),
    }
    return doOnce(
      service,
      onceIn(call, 'api_key.update', { id, ...asked }),
      async (once) => {
        const { key, issued } = await updateKey(service, { ...change, once })
        return issued === null ? apiKeyEntry(key, connection.version) : shownOnce(issued, call)
      },
      ({ subject }) => fail(shownBefore(`Key ${subject} was reset`, RESET_IT, Number(subject))),
    )
  },
})

export const revoke = method({
  name: 'api_key.revoke',
  summary:
    'Revokes a key: from the answer on it passes no check, and its sockets are closed. A reset brings it back, with a new secret.',
  stops: true,
  access: MANAGE,
  extension: { since: '0.1.0' },
  params: {
    id: Whole,
    api_key_revoke: z.strictObject({ reason: Text.min(1).max(200).optional() }).default({}),
  },
  result: ApiKeyEntry,
  run: async ({ id, api_key_revoke: { reason } }, call) => {
    const { service, connection } = call
    const ref = refIn(call.session, id) ?? fail(missing('ApiKey', id))
    await revokeKey(service, { ref, actor: actorOf(call), cause: 'asked', reason })
    return apiKeyEntry(await readChanged(service, ref), connection.version)
  },
})

export const remove = method({
  name: 'api_key.delete',
  summary: 'Deletes a key: from the answer on it passes no check, and its sockets are closed.',
  stops: true,
  access: MANAGE,
  params: { id: Whole },
  result: z.literal(true),
  run: async ({ id }, call) => {
    await deleteKey(call.service, {
      ref: refIn(call.session, id) ?? fail(missing('ApiKey', id)),
      actor: actorOf(call),
    })
    return true as const
  },
})

// ---------------------------------------------------------------------------------------------

/** What to do where the secret was shown to nobody. */
const RESET_IT = 'reset the key, with another idempotency_key.'

const fail = (fault: Fault): never => {
  throw fault
}

/** The user whom a new key is for. @throws Fault INVALID with all that speaks against it, ROLES_BEYOND_YOURS */
const ownerOf = async (
  { service, session }: SessionCall,
  username: string,
  { tenant, name, expires }: { tenant: number; name: string; expires: number | null },
): Promise<User> => {
  const user = await service.users.get(tenant, username)
  const holder = await service.keys.nameTaken(tenant, name)
  const broken = brokenRules('api_key_create', { n: null, expires }, holder, service.now())
  if (user === null || user.deleted) broken.push(['api_key_create', 'User does not exist.'])
  else if (user.roles.length === 0)
    broken.push(['api_key_create', 'User lacks privilege role membership.'])
  if (user === null || broken.length > 0) throw invalid(...broken)
  if (user.uid !== session.uid) assertCanGrant(session, user.roles)
  return user
}

const shownOnce = ({ key, raw, scram }: IssuedKey, { connection }: SessionCall): ApiKeyEntry => ({
  ...apiKeyEntry(key, connection.version),
  ...(isAtLeast(connection.version, 'v26.0.0') && scramText(scram)),
  key: raw.reveal(),
})
