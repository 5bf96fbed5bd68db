/** Making and changing keys: the rules of `lifecycle.ts` brought to the table, under conditions. */
import { toFacts } from '../crypto/salt.ts'
import type { ScramVerifier } from '../crypto/scram.ts'
import { Fault, invalid, missing } from '../domain/fault.ts'
import { idOf, type KeyRef } from '../domain/key.ts'
import {
  graceEnd,
  REASON,
  type RevocationCause,
  revocationAfterNewExpiry,
  stateAt,
} from '../domain/lifecycle.ts'
import { assertCanGrant, assertCanManageKey } from '../domain/permissions.ts'
import type { Secret } from '../domain/secret.ts'
import type { Parts } from '../parts.ts'
import { type Actor, ceilingFor } from '../store/audit.ts'
import type { Enrolment } from '../store/devices.ts'
import type { CheckedKey, FormerSecret, KeyFacts } from '../store/key-items.ts'
import type { KeyChange } from '../store/keys.ts'
import type { Once } from '../store/once.ts'
import type { User } from '../store/users.ts'
import { afterMark, endSessionsOfKey, insist } from './ends.ts'
import { currentDataKey, leftBehind, makeSecret, newSecret, ownParameters } from './new-secret.ts'
import { followOwner } from './owner.ts'

/** A key that was made or reset, with what is shown this once. */
export type IssuedKey = {
  readonly key: KeyFacts
  readonly raw: Secret
  readonly scram: ScramVerifier & { readonly clientKey: Buffer }
}

/** What a new secret takes, and the table of keys. */
type Making = Pick<Parts, 'keys' | 'vault' | 'scramIterations' | 'now' | 'tenants'>

type NewKey = {
  readonly tenant: number
  readonly name: string
  readonly expires: number | null
  /** As they were when it was decided that the caller may make a key for them. */
  readonly owner: User
  readonly actor: Actor
  /** Makes it a device's key: an invitation is used up for it, or nothing is made. */
  readonly enrolment?: Enrolment
  readonly once?: Once | undefined
}

/** Makes a key. @throws Fault INVALID if another key has taken the name or the owner is gone, ENROLMENT_REFUSED as it
 * says, OUTCOME_UNKNOWN where the key was made and its owner could not be read again. */
export const createKey = async (
  service: Making & Pick<Parts, 'users'>,
  { tenant, name, expires, owner, actor, enrolment, once }: NewKey,
): Promise<IssuedKey> => {
  const [n, dataKey] = await Promise.all([
    service.tenants.next(tenant, 'keys'),
    currentDataKey(service, tenant),
  ])
  const id = idOf({ tenant, n })
  const of = { tenant, n, generation: 1 }
  const ceiling = enrolment ? null : ceilingFor(actor, owner.uid)
  const parameters = await ownParameters(service, id)
  const made = await makeSecret(service, of, { dataKey, ceiling, parameters })
  const { username, uid, local } = owner
  const facts = { tenant, n, id, name, username, uid, local, expires, generation: 1 }
  const createdAt = service.now()
  const key = { ...facts, createdAt, secret: made.secret, scram: toFacts(made.scram) }
  const lost = await service.keys.add(key, owner, actor, enrolment, once)
  // Never told: `doOnce` finds what the other call did.
  if (lost?.lost === 'REPEATED') throw new Fault('UNAVAILABLE')
  if (lost?.lost === 'NOT_INVITED') throw new Fault('ENROLMENT_REFUSED')
  if (lost?.lost === 'NAME_TAKEN')
    throw invalid([enrolment ? 'device_enroll' : 'api_key_create', 'name must be unique'])
  const device = enrolment && { device: true as const }
  const after: KeyFacts = { ...facts, createdAt, revoked: null, ...device }
  if (!(await followOwner(service, after, owner, once)))
    throw enrolment
      ? new Fault('ENROLMENT_REFUSED')
      : invalid(['api_key_create', 'User does not exist.'])
  return { ...made, key: after, raw: made.raw }
}

/** What `api_key.update` may ask for. Times in milliseconds, the grace period in seconds. */
export type KeyUpdate = {
  readonly name?: string
  readonly expires?: number | null
  readonly reset: boolean
  readonly graceSeconds: number
}

/** Which key is changed, and by whom: each attempt looks whether they may. */
type Change = { readonly ref: KeyRef; readonly actor: Actor }

/** Renames, changes the expiry, resets: what is asked, in one transaction, which is tried again while others change the
 * key or its user. @returns the key as it is then. @throws Fault MATCH_NOT_FOUND where there is none, which is another fault
 * than its siblings' (docs/protocol/keys.md §4.4, step 2); OUTCOME_UNKNOWN where it can't be read then, or is gone. */
export const updateKey = async (
  service: Making & Pick<Parts, 'sessions' | 'users'>,
  {
    ref,
    actor,
    update,
    began = service.now(),
    once,
  }: Change & {
    readonly update: KeyUpdate
    /** When the call came in. */
    readonly began?: number
    readonly once?: Once | undefined
  },
): Promise<{ key: KeyFacts; issued: IssuedKey | null }> => {
  let first: CheckedKey | null = null
  const { before, issued, former } = await insist(async () => {
    const key = await read(service, ref, actor)
    if (key === null) throw new Fault('MATCH_NOT_FOUND')
    const now = service.now()
    const expires = update.expires === undefined ? key.expires : update.expires
    const broken = await brokenRules(service, 'api_key_update', {
      ...key,
      name: update.name ?? key.name,
      expires,
    })
    if (broken.length > 0) throw invalid(...broken)
    first ??= key
    if (update.reset && first.generation !== key.generation) throw new Fault('RESET_TWICE')
    // It would bring back what was revoked while it was under way.
    if (update.reset && isRevokedSince(key, first, began)) throw new Fault('REVOKED_MEANWHILE')
    const issued = update.reset ? await newSecret(service, key, actor) : null
    const former = formerAfter(key, update.graceSeconds, expires, now)
    const to: KeyChange = {
      ...(update.name !== undefined && update.name !== key.name && { name: update.name }),
      ...(update.expires !== undefined && { expires }),
      revoked: update.reset ? null : revocationAfterNewExpiry(key.revoked, expires, now),
      ...(issued !== null && {
        secret: issued.secret,
        scram: toFacts(issued.scram),
        former,
      }),
      // A longer life hands out the user's roles as a new secret does.
      ...((issued !== null || outlives(expires, key.expires)) && {
        owner: await ownerOf(service, key, actor),
      }),
    }
    const event = update.reset ? 'key.reset' : 'key.update'
    const lost = await service.keys.change(key, to, { event, at: now, actor, once })
    if (lost?.lost === 'REPEATED') throw new Fault('UNAVAILABLE')
    if (lost?.lost === 'NAME_TAKEN') throw invalid(['api_key_update', 'name must be unique'])
    return lost === null ? { done: { before: key, issued, former } } : null
  })
  if (issued !== null)
    await endSessionsOfKey(service, before, { generation: issued.secret.generation, former })
  // As it is now: not all that is answered was held by the change.
  const after = await afterMark(() => readAgain(service, ref))
  return { key: after, issued: issued && { key: after, raw: issued.raw, scram: issued.scram } }
}

/** Revokes a key; one that is revoked already stays as it is. @returns the key as it is then. */
export const revokeKey = async (
  service: Pick<Parts, 'keys' | 'sessions' | 'metrics' | 'now'>,
  { ref, actor, cause, reason }: Change & { cause: RevocationCause; reason?: string | undefined },
): Promise<KeyFacts> => {
  const after = await insist<KeyFacts>(async () => {
    const key = await read(service, ref, actor)
    if (key === null) throw missing('ApiKey', idOf(ref))
    const at = service.now()
    const already = stateAt(key, at) === 'revoked'
    if (already && (cause !== 'no-user' || key.revoked?.cause === 'no-user')) return { done: key }
    const revoked = { at, cause, reason: reason ?? REASON[cause] }
    const deed = { event: `key.revoke.${cause}`, at, actor }
    if ((await service.keys.revoke(key, revoked, deed)) !== null) return null
    if (cause === 'insecure') service.metrics.add('KeyExposed')
    return { done: { ...key, revoked, ...(cause === 'no-user' && { username: null }) } }
  })
  await endSessionsOfKey(service, after)
  return after
}

/** Deletes a key. @param kind what there must be: any key, or a device's. */
export const deleteKey = async (
  service: Pick<Parts, 'keys' | 'sessions' | 'vault' | 'scramIterations' | 'now'>,
  { ref, actor, kind = 'ApiKey' }: Change & { readonly kind?: 'ApiKey' | 'Device' },
): Promise<void> => {
  const deleted = await insist(async () => {
    const key = await read(service, ref, actor)
    if (key === null || (kind === 'Device' && !key.device)) throw missing(kind, idOf(ref))
    const scram = await leftBehind(service, key)
    const lost = await service.keys.remove(key, { at: service.now(), actor, scram })
    return lost === null ? { done: key } : null
  })
  await endSessionsOfKey(service, deleted)
}

/** Whether a key was revoked after the call began, or after it read the key first. */
const isRevokedSince = (key: CheckedKey, first: CheckedKey, began: number): boolean => {
  const isEnded = key.revoked !== null && key.revoked.cause !== 'expired'
  return isEnded && (key.revoked.at !== first.revoked?.at || key.revoked.at > began)
}

const outlives = (expires: number | null, before: number | null): boolean =>
  before !== null && (expires === null || expires > before)

/** What docs/protocol/keys.md §4.4 has against a key's name and expiry, in its order and words. */
export const brokenRules = async (
  service: Pick<Parts, 'keys' | 'now'>,
  attribute: 'api_key_create' | 'api_key_update',
  key: { tenant: number; n: number | null; name: string; expires: number | null },
): Promise<[string, string][]> => {
  const holder = await service.keys.nameTaken(key.tenant, key.name)
  const taken = holder !== null && holder !== key.n
  const past = key.expires !== null && key.expires <= service.now()
  return [
    ...(taken ? [[attribute, 'name must be unique'] as [string, string]] : []),
    ...(past ? [[attribute, 'Expiration date is in the past'] as [string, string]] : []),
  ]
}

// ---------------------------------------------------------------------------------------------

const find = async ({ keys }: Pick<Parts, 'keys'>, ref: KeyRef): Promise<CheckedKey | null> =>
  (await keys.forCheck([ref]))[0] ?? null

/** A key for a change, as it is now; null if there is none. @throws Fault NOT_YOUR_KEYS */
const read = async (
  service: Pick<Parts, 'keys'>,
  ref: KeyRef,
  { maker }: Actor,
): Promise<CheckedKey | null> => {
  const key = await find(service, ref)
  if (key !== null && maker !== null) assertCanManageKey(maker, key)
  return key
}

/** A key that was changed. @throws Fault INVALID where it is gone. */
const readAgain = async (service: Pick<Parts, 'keys'>, ref: KeyRef): Promise<CheckedKey> => {
  const key = await find(service, ref)
  if (key === null) throw missing('ApiKey', idOf(ref))
  return key
}

/** A key's user, as a new secret or a longer life hands out their roles. @throws Fault INVALID where they are gone,
 * ROLES_BEYOND_YOURS */
const ownerOf = async (
  { users }: Pick<Parts, 'users'>,
  key: CheckedKey,
  { maker }: Actor,
): Promise<User> => {
  const user = await users.get(key.tenant, key.username ?? '')
  if (user === null || user.uid !== key.uid || user.deleted)
    throw invalid(['api_key_update', 'User does not exist.'])
  if (maker !== null && maker.uid !== user.uid) assertCanGrant(maker, user.roles)
  return user
}

/** The old secret lives on only if it was good until now: a reset never brings one back. */
const formerAfter = (
  key: CheckedKey,
  graceSeconds: number,
  expires: number | null,
  now: number,
): FormerSecret | null =>
  graceSeconds > 0 && stateAt(key, now) === 'active'
    ? { ...key.secret, until: graceEnd(now, graceSeconds, expires) }
    : null
