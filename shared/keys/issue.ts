/** Making and changing keys: the rules of `lifecycle.ts` brought to the table, under conditions. */
import type { ScramVerifier } from '../auth/scram.ts'
import type { Secret } from '../crypto/secret.ts'
import { Fault, invalid, missing } from '../fault.ts'
import type { Checks, Core } from '../service.ts'
import type { Actor } from '../store/audit.ts'
import type { Enrolment } from '../store/devices.ts'
import type { CheckedKey, FormerSecret, KeyFacts, SealedSecret } from '../store/key-items.ts'
import type { KeyChange } from '../store/keys.ts'
import type { User } from '../store/users.ts'
import { openSecret } from './check.ts'
import { endSessionsOfKey, insist } from './ends.ts'
import { idOf, type KeyRef, mintSecret, rawKey } from './key.ts'
import {
  graceEnd,
  REASON,
  type RevocationCause,
  revocationAfterNewExpiry,
  stateAt,
} from './lifecycle.ts'
import { fingerprintOf, makeVerifier } from './verifier.ts'

/** A key that was made or reset, with what is shown this once. */
export type IssuedKey = {
  readonly key: KeyFacts
  readonly raw: Secret
  readonly scram: ScramVerifier & { readonly clientKey: Buffer }
}

/** How often a change is tried again that met another change of the same key or user. */
const TRIES = 6

type NewKey = {
  readonly tenant: number
  readonly name: string
  readonly expires: number | null
  /** Reads the owner, and refuses him if the caller may not make a key for him. */
  readonly owner: () => Promise<User>
  readonly actor: Actor
  /** Makes it a device's key: an invitation is used up for it, or nothing is made. */
  readonly enrolment?: Enrolment
}

/** Makes a key. @throws Fault INVALID if another key has taken the name, ENROLMENT_REFUSED as it says. */
export const createKey = async (
  service: Checks,
  { tenant, name, expires, owner, actor, enrolment }: NewKey,
): Promise<IssuedKey> => {
  let user = await owner()
  const { n, dataKey } = await service.tenants.next(tenant, 'keys')
  const id = idOf({ tenant, n })
  const made = await makeSecret(service, { tenant, n, generation: 1 }, dataKey)
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const { username, uid, local } = user
    const facts = { tenant, n, id, name, username, uid, local, expires, generation: 1 }
    const createdAt = service.now()
    const key = { ...facts, createdAt, secret: made.secret }
    const lost = await service.keys.add(key, user, actor, enrolment)
    if (lost === null)
      return { ...made, key: { ...facts, createdAt, revoked: null, rev: 1 }, raw: made.raw }
    if (lost.lost === 'NOT_INVITED') throw new Fault('ENROLMENT_REFUSED')
    if (lost.lost === 'NAME_TAKEN')
      throw invalid([enrolment ? 'device_enroll' : 'api_key_create', 'name must be unique'])
    // The user's roles or lock changed since he was read: what he may have is decided anew.
    user = await owner()
  }
  throw new Fault('UNAVAILABLE')
}

/** What `api_key.update` may ask for. Times in milliseconds, the grace period in seconds. */
export type KeyUpdate = {
  readonly name?: string
  readonly expires?: number | null
  readonly reset: boolean
  readonly graceSeconds: number
}

type Change = {
  readonly ref: KeyRef
  readonly actor: Actor
  /** Sees the key as it is now, and refuses if the caller may not do this to it. */
  readonly allow: (key: CheckedKey) => void | Promise<void>
}

/** Renames, changes the expiry, resets: what is asked, in one transaction. */
export const updateKey = async (
  service: Checks,
  {
    ref,
    actor,
    allow,
    began = service.now(),
    ...change
  }: Change & {
    readonly update: KeyUpdate
    /** When the call came in. */
    readonly began?: number
    /** What a missing key is: `update` answers otherwise than its siblings (PROTOCOL 4.4, 2). */
    readonly absent: () => Fault
    /** Reads the owner for a reset or a longer life, and refuses as in {@link createKey}. */
    readonly owner: (key: CheckedKey) => Promise<User>
  },
): Promise<{ key: KeyFacts; issued: IssuedKey | null }> => {
  const { update } = change
  let first: CheckedKey | null = null
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const key = await read(service, ref, change.absent)
    await allow(key)
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
    const issued = update.reset ? await newSecret(service, key, update.graceSeconds, now) : null
    const former = formerAfter(key, update.graceSeconds, expires, now)
    const to: KeyChange = {
      ...(update.name !== undefined && { name: update.name }),
      expires,
      revoked: update.reset ? null : revocationAfterNewExpiry(key.revoked, expires, now),
      ...(issued !== null && {
        secret: issued.secret,
        former,
      }),
      // A longer life hands out the user's roles as a new secret does.
      ...((issued !== null || outlives(expires, key.expires)) && {
        owner: await change.owner(key),
      }),
    }
    const event = update.reset ? 'key.reset' : 'key.update'
    const lost = await service.keys.change(key, to, { event, at: now, actor })
    if (lost?.lost === 'NAME_TAKEN') throw invalid(['api_key_update', 'name must be unique'])
    if (lost === null) {
      if (issued !== null)
        await endSessionsOfKey(service, key, { generation: issued.secret.generation, former })
      const { secret: _secret, former: _former, owner: _owner, ...facts } = to
      const after: KeyFacts = {
        ...key,
        ...facts,
        ...(issued !== null && { generation: issued.secret.generation }),
      }
      return { key: after, issued: issued && { key: after, raw: issued.raw, scram: issued.scram } }
    }
  }
  throw new Fault('UNAVAILABLE')
}

/** Revokes a key; one that is revoked already stays as it is. @returns the key as it is then. */
export const revokeKey = async (
  service: Core,
  {
    ref,
    actor,
    allow,
    cause,
    reason,
  }: Change & { cause: RevocationCause; reason?: string | undefined },
): Promise<KeyFacts> => {
  const after = await insist<KeyFacts>(async () => {
    const key = await read(service, ref)
    await allow(key)
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

export const deleteKey = async (
  service: Checks,
  { ref, actor, allow, absent }: Change & { readonly absent?: () => Fault },
): Promise<void> => {
  const deleted = await insist(async () => {
    const key = await read(service, ref, absent)
    await allow(key)
    const lost = await service.keys.remove(key, { at: service.now(), actor })
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

/** What PROTOCOL 4.4 has against a key's name and expiry, in its order and words. */
export const brokenRules = async (
  service: Checks,
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

/** Reads a key for a change. @throws Fault if there is none. */
const read = async (
  service: Core,
  ref: KeyRef,
  absent = () => missing('ApiKey', idOf(ref)),
): Promise<CheckedKey> => {
  const [key] = await service.keys.forCheck([ref])
  if (!key) throw absent()
  return key
}

// ---------------------------------------------------------------------------------------------

const makeSecret = async (
  service: Checks,
  of: KeyRef & { generation: number },
  dataKey: number,
  salt?: Buffer,
) => {
  const keys = await service.vault.keys(of.tenant, dataKey)
  if (keys === null) throw new Error(`data key ${dataKey} of tenant ${of.tenant} is gone`)
  const id = idOf(of)
  const secret = mintSecret(id)
  const { sealed, scram } = await makeVerifier(secret, of, keys, salt)
  const { generation } = of
  const fingerprint = fingerprintOf(secret)
  const kept: SealedSecret = { generation, issuedAt: service.now(), dataKey, sealed, fingerprint }
  return { secret: kept, raw: rawKey(id, secret), scram }
}

/** The next secret of a key. With a grace period it shares the former one's salt: a SCRAM server
 * shows its salt before it knows which of the two secrets the client has. */
const newSecret = async (service: Checks, key: CheckedKey, graceSeconds: number, now: number) => {
  const dataKey = await service.tenants.currentDataKey(key.tenant)
  if (dataKey === null) throw new Error(`tenant ${key.tenant} does not exist`)
  const graced = graceSeconds > 0 && stateAt(key, now) === 'active'
  const former = graced ? await openSecret(service.vault, key, key.secret) : null
  const of = { tenant: key.tenant, n: key.n, generation: key.generation + 1 }
  return makeSecret(service, of, dataKey, former?.verifier.salt)
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
