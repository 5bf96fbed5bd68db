/** Makes and changes keys: applies the rules of `lifecycle.ts` to the table, under conditions. */
import { toFacts } from '../crypto/salt.ts'
import type { ScramVerifier } from '../crypto/scram.ts'
import { Fault, invalid, missing } from '../domain/fault.ts'
import { idOf, type KeyRef } from '../domain/key.ts'
import { graceEnd, REASON, revocationAfterNewExpiry, stateAt } from '../domain/lifecycle.ts'
import { assertCanGrant, assertCanManageKey } from '../domain/permissions.ts'
import type { Secret } from '../domain/secret.ts'
import type { Parts } from '../parts.ts'
import { type Actor, ceilingFor } from '../store/audit.ts'
import type { Enrolment } from '../store/devices.ts'
import type {
  CheckedKey,
  KeyChange,
  KeyFacts,
  ListedKey,
  NewKey,
  PreviousSecret,
} from '../store/key-items.ts'
import type { EndedBy } from '../store/keys.ts'
import type { Once } from '../store/once.ts'
import type { User } from '../store/users.ts'
import { afterMark, endSessionsOfKey, insist } from './ends.ts'
import { currentDataKey, leftBehind, makeSecret, newSecret, ownParameters } from './new-secret.ts'
import { followOwner } from './owner.ts'

/** A key that was made or reset, with what is shown this once. */
export type IssuedKey = {
  readonly key: ListedKey
  readonly raw: Secret
  readonly scram: ScramVerifier & { readonly clientKey: Buffer }
}

/** What making a secret needs, and the table of keys. */
type Making = Pick<Parts, 'keys' | 'vault' | 'scramIterations' | 'now' | 'tenants'>

/** What is said of a key that is to be made: all but what follows from its making and its owner. */
type Asked = Omit<
  NewKey,
  'n' | 'id' | 'username' | 'uid' | 'local' | 'createdAt' | 'device' | 'secret' | 'scram'
> & {
  /** As read when the caller was allowed to make a key for them. */
  readonly owner: User
  readonly actor: Actor
  /** Makes it a device's key, and uses up an invitation: refused if that is gone. */
  readonly enrolment?: Enrolment
  readonly once?: Once | undefined
}

/** Makes a key. @throws Fault INVALID if another key has taken the name or the owner is gone, ENROLMENT_REFUSED as it
 * says, OUTCOME_UNKNOWN where the key was made and its owner could not be read again. */
export const createKey = async (
  service: Making & Pick<Parts, 'users'>,
  { owner, actor, enrolment, once, ...asked }: Asked,
): Promise<IssuedKey> => {
  const { tenant } = asked
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
  const key: NewKey = {
    ...asked,
    n,
    id,
    username,
    uid,
    local,
    createdAt: service.now(),
    device: enrolment !== undefined,
    secret: made.secret,
    scram: toFacts(made.scram),
  }
  const after = await service.keys.add(key, owner, actor, enrolment, once)
  if ('reason' in after) {
    // The client never sees this fault: `doOnce` finds what the other call did.
    if (after.reason === 'REPEATED') throw new Fault('UNAVAILABLE')
    if (after.reason === 'NOT_INVITED') throw new Fault('ENROLMENT_REFUSED')
    throw invalid([enrolment ? 'device_enroll' : 'api_key_create', 'name must be unique'])
  }
  if (!(await followOwner(service, after, owner, once)))
    throw enrolment
      ? new Fault('ENROLMENT_REFUSED')
      : invalid(['api_key_create', 'User does not exist.'])
  return { ...made, key: after, raw: made.raw }
}

/** What `api_key.update` may ask for. Times in milliseconds, the grace period in seconds. */
export type KeyUpdate = Omit<
  KeyChange,
  'username' | 'revoked' | 'secret' | 'scram' | 'former' | 'owner'
> & {
  readonly reset: boolean
  readonly graceSeconds: number
}

/** Which key is changed, and by whom: each attempt checks that they may. */
type Change = { readonly ref: KeyRef; readonly actor: Actor }

/** Renames a key, changes its expiry, resets it, in one transaction, which is tried again while others change the key
 * or its user. @returns the key as it is then. @throws Fault MATCH_NOT_FOUND where there is none, another fault than its
 * siblings' (docs/protocol/keys.md §4.4, step 2); OUTCOME_UNKNOWN where it can't be read then, or is gone. */
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
): Promise<{ key: ListedKey; issued: IssuedKey | null }> => {
  const { reset, graceSeconds, ...asked } = update
  let first: CheckedKey | null = null
  const { before, issued, former } = await insist(async () => {
    const key = await read(service, ref, actor)
    if (key === null) throw new Fault('MATCH_NOT_FOUND')
    const now = service.now()
    const { name = key.name, ...others } = asked
    const { expires = key.expires } = others
    const broken = await brokenRules(service, 'api_key_update', { ...key, name, expires })
    if (broken.length > 0) throw invalid(...broken)
    first ??= key
    if (reset && first.generation !== key.generation) throw new Fault('RESET_TWICE')
    // A reset would bring back a key that was revoked during the call.
    if (reset && isRevokedSince(key, first, began)) throw new Fault('REVOKED_MEANWHILE')
    const issued = reset ? await newSecret(service, key, actor) : null
    const former = previousSecretAfter(key, graceSeconds, expires, now)
    const to: KeyChange = {
      ...others,
      ...(name !== key.name && { name }),
      revoked: reset ? null : revocationAfterNewExpiry(key.revoked, expires, now),
      ...(issued !== null && {
        secret: issued.secret,
        scram: toFacts(issued.scram),
        former,
      }),
      // A longer life hands out the user's roles anew, as a new secret does.
      ...((issued !== null || outlives(expires, key.expires)) && {
        owner: await ownerOf(service, key, actor),
      }),
    }
    const event = reset ? 'key.reset' : 'key.update'
    const conflict = await service.keys.change(key, to, { event, at: now, actor, once })
    if (conflict?.reason === 'REPEATED') throw new Fault('UNAVAILABLE')
    if (conflict?.reason === 'NAME_TAKEN') throw invalid(['api_key_update', 'name must be unique'])
    return conflict === null ? { done: { before: key, issued, former } } : null
  })
  if (issued !== null)
    await endSessionsOfKey(service, before, { generation: issued.secret.generation, former })
  const after = await readChanged(service, ref)
  return { key: after, issued: issued && { key: after, raw: issued.raw, scram: issued.scram } }
}

/** A key after a change of it, as it is now: not all that is answered was held by the change, and no transaction tells
 * what it wrote. @throws Fault OUTCOME_UNKNOWN where it can't be read then, or is gone. */
export const readChanged = (service: Pick<Parts, 'keys'>, ref: KeyRef): Promise<ListedKey> =>
  afterMark(async () => {
    const [key] = await service.keys.byNumbers(ref.tenant, [ref.n])
    if (key === undefined) throw missing('ApiKey', idOf(ref))
    return key
  })

/** Revokes a key; one that is revoked already stays as it is. @returns the key as it was read, and how it is revoked. */
export const revokeKey = async (
  service: Pick<Parts, 'keys' | 'sessions' | 'metrics' | 'now'>,
  { ref, actor, cause, reason }: Change & { cause: EndedBy; reason?: string | undefined },
): Promise<KeyFacts> => {
  const after = await insist<KeyFacts>(async () => {
    const key = await read(service, ref, actor)
    if (key === null) throw missing('ApiKey', idOf(ref))
    const at = service.now()
    const already = stateAt(key, at) === 'revoked'
    if (already && (cause !== 'no-user' || key.revoked?.cause === 'no-user')) return { done: key }
    const revoked = { at, cause, reason: reason ?? REASON[cause] }
    if ((await service.keys.revoke(key, revoked, actor)) !== null) return null
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
    const conflict = await service.keys.remove(key, { at: service.now(), actor, scram })
    return conflict === null ? { done: key } : null
  })
  await endSessionsOfKey(service, deleted)
}

/** Whether a key was revoked after the call began, or after the call first read it. */
const isRevokedSince = (key: CheckedKey, first: CheckedKey, began: number): boolean => {
  const isEnded = key.revoked !== null && key.revoked.cause !== 'expired'
  return isEnded && (key.revoked.at !== first.revoked?.at || key.revoked.at > began)
}

const outlives = (expires: number | null, before: number | null): boolean =>
  before !== null && (expires === null || expires > before)

/** Which rules of docs/protocol/keys.md §4.4 a key's name and expiry break, in their order and words. */
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

/** A key for a change, as it is now; null if there is none. @throws Fault NOT_YOUR_KEYS */
const read = async (
  { keys }: Pick<Parts, 'keys'>,
  ref: KeyRef,
  { maker }: Actor,
): Promise<CheckedKey | null> => {
  const [key = null] = await keys.forCheck([ref])
  if (key !== null && maker !== null) assertCanManageKey(maker, key)
  return key
}

/** A key's user, whose roles a new secret or a longer life hands out. @throws Fault INVALID where they are gone,
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

/** The previous secret after a reset with a grace period. A reset revives none, so it must have been good until now. */
const previousSecretAfter = (
  key: CheckedKey,
  graceSeconds: number,
  expires: number | null,
  now: number,
): PreviousSecret | null =>
  graceSeconds > 0 && stateAt(key, now) === 'active'
    ? { ...key.secret, until: graceEnd(now, graceSeconds, expires) }
    : null
