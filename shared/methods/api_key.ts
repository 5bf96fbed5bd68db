/** `api_key.*`: the life of a key, for its user and for who holds API_KEY_WRITE (PROTOCOL 4). */
import * as z from 'zod'
import { covers, holds } from '../auth/roles.ts'
import { deriveScram } from '../auth/scram.ts'
import { Fault, invalid, missing } from '../fault.ts'
import { checkKey, openSecret } from '../keys/check.ts'
import { ApiKeyEntry, apiKeyEntry } from '../keys/entry.ts'
import {
  brokenRules,
  createKey,
  deleteKey,
  type IssuedKey,
  revokeKey,
  updateKey,
} from '../keys/issue.ts'
import { type KeyRef, parseKey, refOf } from '../keys/key.ts'
import { method, type SessionCall } from '../rpc/method.ts'
import { QueryFilters } from '../rpc/query/filters.ts'
import { QueryOptions } from '../rpc/query/options.ts'
import { runQuery, selectsOne } from '../rpc/query/query.ts'
import { KeyName, Moment, SecretText, Text, Username, Whole } from '../rpc/schema.ts'
import { isAtLeast } from '../rpc/versions.ts'
import type { KeyFacts } from '../store/keys.ts'
import type { User } from '../store/users.ts'
import { actorOf } from './actor.ts'

/** What may manage keys at all; the rules of each method say whose (PROTOCOL 4.1). */
const MANAGE = ['READONLY_ADMIN', 'API_KEY_WRITE'] as const

/** Longest grace period of a reset: 30 days, in seconds. */
const LONGEST_GRACE = 30 * 86_400

export const query = method({
  name: 'api_key.query',
  summary: "Lists the keys of all the tenant's users. Secrets are masked.",
  access: ['API_KEY_READ'],
  params: { filters: QueryFilters, options: QueryOptions },
  result: z.unknown(),
  filterable: true,
  run: async ({ filters, options }, call) => {
    const ids = selectsOne(filters, 'id')
    const keys = ids === null ? await all(call) : await byIds(call, ids)
    return runQuery(
      keys.map((key) => apiKeyEntry(key, call.connection.version)),
      filters,
      options,
    )
  },
})

export const getInstance = method({
  name: 'api_key.get_instance',
  summary: 'Shows one key. Secrets are masked.',
  access: ['API_KEY_READ'],
  params: { id: Whole, options: QueryOptions },
  result: z.unknown(),
  run: async ({ id, options }, call) => {
    const [key] = await byIds(call, [id])
    if (key === undefined) throw missing('ApiKey', id)
    return runQuery([apiKeyEntry(key, call.connection.version)], [], { ...options, get: true })
  },
})

export const myKeys = method({
  name: 'api_key.my_keys',
  summary: "Lists the caller's own keys.",
  access: ['READONLY_ADMIN', 'API_KEY_READ'],
  params: {},
  result: z.array(ApiKeyEntry),
  run: async (_, { service, session, connection }) => {
    const numbers = await service.keys.ownedBy(session.tenant, session.uid)
    const keys = await service.keys.byNumbers(session.tenant, numbers)
    return keys.map((key) => apiKeyEntry(key, connection.version))
  },
})

export const create = method({
  name: 'api_key.create',
  summary: 'Makes a key for a user. The answer shows it, this once.',
  access: MANAGE,
  params: {
    api_key_create: z.strictObject({
      name: KeyName,
      username: Username,
      expires_at: Moment.nullable().default(null),
    }),
  },
  result: ApiKeyEntry,
  run: async ({ api_key_create: { name, username, expires_at } }, call) => {
    const { service, session } = call
    const { tenant } = session
    mayManage(call, username)
    const expires = expires_at?.getTime() ?? null
    const owner = async (): Promise<User> => {
      const user = await service.users.get(tenant, username)
      const broken = await brokenRules(service, 'api_key_create', {
        tenant,
        n: null,
        name,
        expires,
      })
      if (user === null || user.deleted) broken.push(['api_key_create', 'User does not exist.'])
      else if (user.roles.length === 0)
        broken.push(['api_key_create', 'User lacks privilege role membership.'])
      if (user === null || broken.length > 0) throw invalid(...broken)
      return mayHandOut(call, user)
    }
    const issued = await createKey(service, { tenant, name, expires, owner, actor: actorOf(call) })
    return shownOnce(issued, call)
  },
})

export const update = method({
  name: 'api_key.update',
  summary:
    'Renames a key, changes its expiry, or resets it: a new secret, shown this once. `grace_seconds` keeps the old secret good for so long (ours).',
  access: MANAGE,
  params: {
    id: Whole,
    api_key_update: z.strictObject({
      name: KeyName.optional(),
      expires_at: Moment.nullable().optional(),
      reset: z.boolean().default(false),
      grace_seconds: Whole.min(0).max(LONGEST_GRACE).default(0),
    }),
  },
  result: ApiKeyEntry,
  run: async ({ id, api_key_update: asked }, call) => {
    const { service, connection } = call
    if (asked.grace_seconds > 0 && !asked.reset)
      throw invalid(['api_key_update.grace_seconds', 'Goes with `reset` only'])
    const { key, issued } = await updateKey(service, {
      ref: refIn(call, id) ?? fail(new Fault('MATCH_NOT_FOUND')),
      actor: actorOf(call),
      absent: () => new Fault('MATCH_NOT_FOUND'),
      allow: (found) => mayManage(call, found.username),
      owner: async (found) => {
        const user = await service.users.get(found.tenant, found.username ?? '')
        if (user === null || user.uid !== found.uid || user.deleted)
          throw invalid(['api_key_update', 'User does not exist.'])
        return mayHandOut(call, user)
      },
      update: {
        ...(asked.name !== undefined && { name: asked.name }),
        ...(asked.expires_at !== undefined && { expires: asked.expires_at?.getTime() ?? null }),
        reset: asked.reset,
        graceSeconds: asked.grace_seconds,
      },
    })
    return issued === null ? apiKeyEntry(key, connection.version) : shownOnce(issued, call)
  },
})

export const revoke = method({
  name: 'api_key.revoke',
  summary:
    'Revokes a key: from the answer on it passes no check, and its sockets are closed. A reset brings it back, with a new secret.',
  access: MANAGE,
  extension: true,
  params: {
    id: Whole,
    api_key_revoke: z.strictObject({ reason: Text.min(1).max(200).optional() }).default({}),
  },
  result: ApiKeyEntry,
  run: async ({ id, api_key_revoke: { reason } }, call) => {
    const key = await revokeKey(call.service, {
      ref: refIn(call, id) ?? fail(missing('ApiKey', id)),
      actor: actorOf(call),
      allow: (found) => mayManage(call, found.username),
      cause: 'asked',
      reason,
    })
    return apiKeyEntry(key, call.connection.version)
  },
})

export const remove = method({
  name: 'api_key.delete',
  summary: 'Deletes a key: from the answer on it passes no check, and its sockets are closed.',
  access: MANAGE,
  params: { id: Whole },
  result: z.literal(true),
  run: async ({ id }, call) => {
    await deleteKey(call.service, {
      ref: refIn(call, id) ?? fail(missing('ApiKey', id)),
      actor: actorOf(call),
      allow: (found) => mayManage(call, found.username),
    })
    return true as const
  },
})

export const convertRawKey = method({
  name: 'api_key.convert_raw_key',
  summary: "Turns a raw key of this tenant into SCRAM's keys, for clients that keep those instead.",
  access: ['API_KEY_READ'],
  since: 'v26.0.0',
  params: { raw_key: SecretText },
  result: z.strictObject({
    api_key_id: Whole,
    iterations: Whole,
    salt: z.string(),
    client_key: z.string(),
    stored_key: z.string(),
    server_key: z.string(),
  }),
  run: async ({ raw_key }, { service, session }) => {
    const at = 'api_key_convert_raw_key'
    const raw = raw_key.reveal().trim()
    const presented = parseKey(raw)
    if (presented === null) throw invalid([at, 'Not a valid raw API key'])
    const verdict = await checkKey(service, raw)
    // Another tenant's key, an unknown one and a wrong secret all read the same.
    if (verdict.state === 'unknown' || verdict.key.tenant !== session.tenant)
      throw invalid([at, 'Key does not exist.'])
    if (verdict.state !== 'active') throw invalid([at, `Key is ${verdict.state}.`])
    const open = await openSecret(service.vault, verdict.key, verdict.key.secret)
    if (open === null) throw invalid([at, 'Key does not exist.'])
    const { salt, iterations } = open.verifier
    const scram = await deriveScram(presented.secret, salt, iterations)
    return { api_key_id: presented.id, ...scramText(scram) }
  },
})

// ---------------------------------------------------------------------------------------------

const fail = (fault: Fault): never => {
  throw fault
}

/** The place of an id in the caller's tenant; null for any other tenant's, as for one that isn't there. */
const refIn = ({ session }: SessionCall, id: number): KeyRef | null => {
  const ref = refOf(id)
  return ref?.tenant === session.tenant ? ref : null
}

const all = async ({ service, session }: SessionCall): Promise<KeyFacts[]> => {
  const keys: KeyFacts[] = []
  for await (const key of service.keys.all(session.tenant)) keys.push(key)
  return keys
}

const byIds = (call: SessionCall, ids: readonly unknown[]): Promise<KeyFacts[]> => {
  const refs = ids.map((id) => (typeof id === 'number' ? refIn(call, id) : null))
  const numbers = refs.filter((ref) => ref !== null).map(({ n }) => n)
  return call.service.keys.byNumbers(
    call.session.tenant,
    [...new Set(numbers)].sort((a, b) => a - b),
  )
}

/** @throws Fault NOT_YOUR_KEYS for another user's key without API_KEY_WRITE (PROTOCOL 4.4, 3). */
const mayManage = ({ session }: SessionCall, username: string | null): void => {
  if (username === session.username || holds(session.roles, 'API_KEY_WRITE')) return
  throw new Fault('NOT_YOUR_KEYS', { me: session.username })
}

/** Nobody hands out roles that he lacks: neither in a new key nor in a new secret of one. */
const mayHandOut = ({ session }: SessionCall, user: User): User => {
  if (user.uid === session.uid || covers(session.roles, user.roles)) return user
  const roles = user.roles.filter((role) => !holds(session.roles, role)).join(', ')
  throw new Fault('ROLES_BEYOND_YOURS', { me: session.username, roles })
}

const shownOnce = ({ key, raw, scram }: IssuedKey, { connection }: SessionCall): ApiKeyEntry => ({
  ...apiKeyEntry(key, connection.version),
  ...(isAtLeast(connection.version, 'v26.0.0') && scramText(scram)),
  key: raw.reveal(),
})

const scramText = (scram: IssuedKey['scram']) => ({
  iterations: scram.iterations,
  salt: scram.salt.toString('base64'),
  client_key: scram.clientKey.toString('base64'),
  stored_key: scram.storedKey.toString('base64'),
  server_key: scram.serverKey.toString('base64'),
})
