/**
 * Keys in the table. Each change is one transaction over both key items, the name guard, the
 * tenant's change version and an audit entry; a change that met a newer one is refused, not merged.
 */

import type { KeyRef } from '../keys/key.ts'
import type { Revocation } from '../keys/lifecycle.ts'
import { nextVisit } from '../keys/lifecycle.ts'
import { type Actor, audit } from './audit.ts'
import { type Db, ENDING, type Lost } from './db.ts'
import { type Enrolment, enrolling, leaving } from './devices.ts'
import {
  type CheckedKey,
  type FormerSecret,
  type KeyFacts,
  type Owner,
  type SealedSecret,
  toChecked,
  toFacts,
  visit,
} from './key-items.ts'
import { createKeyLists } from './key-lists.ts'
import { createKeyUses } from './key-uses.ts'
import { ownedBy, place, tenantPk } from './places.ts'
import { ABSENT, PRESENT, type Write } from './write.ts'

/** What a change makes of a key. What isn't named stays. */
export type KeyChange = {
  readonly name?: string
  readonly expires?: number | null
  readonly revoked?: Revocation | null
  readonly username?: null
  readonly secret?: SealedSecret
  readonly former?: FormerSecret | null
  /** The owner as read for this change; refused if he has changed since. */
  readonly owner?: Owner
}

/** Who changes a key, when, and which event that is. */
type Deed = { readonly event: string; readonly at: number; readonly actor: Actor }

export const createKeys = (db: Db) => ({
  ...createKeyLists(db),
  ...createKeyUses(db),

  /** Reads keys for a check, strongly consistent, in one request; null where there is none. */
  async forCheck(refs: readonly KeyRef[]): Promise<(CheckedKey | null)[]> {
    const items = await db.readTogether(refs.map(place.check))
    return items.map((item, at) => (item === null ? null : toChecked(item, refs[at] as KeyRef)))
  },

  async byNumbers(tenant: number, numbers: readonly number[]): Promise<KeyFacts[]> {
    const items = await db.read(numbers.map((n) => place.key({ tenant, n })))
    return items.filter((item) => item !== null).map((item) => toFacts(item, tenant))
  },

  /** Numbers of a user's keys. */
  async ownedBy(tenant: number, uid: number): Promise<number[]> {
    const numbers: number[] = []
    for await (const { n } of db.list(tenantPk(tenant), ownedBy(uid))) numbers.push(n as number)
    return numbers
  },

  /** Who owns each key of a tenant: `uid → [n]`. */
  async owners(tenant: number): Promise<Map<number, number[]>> {
    const owners = new Map<number, number[]>()
    for await (const { uid, n } of db.list(tenantPk(tenant), 'OWN#'))
      if (!owners.get(uid)?.push(n)) owners.set(uid, [n])
    return owners
  },

  async nameTaken(tenant: number, name: string): Promise<number | null> {
    return ((await db.get(place.keyName(tenant, name)))?.n as number | undefined) ?? null
  },

  /**
   * Adds a key. Refused when its name is taken, or when the owner changed since he was read.
   * @param enrolment makes it a device's key, and uses the device's invitation up: refused if that is gone.
   */
  add(
    key: Omit<CheckedKey, 'rev' | 'roles' | 'locked' | 'userVersion' | 'former' | 'revoked'>,
    owner: Owner,
    actor: Actor,
    enrolment?: Enrolment,
  ): Promise<Lost<'NOT_INVITED' | 'NAME_TAKEN' | 'USER_CHANGED'> | null> {
    const { tenant, n, secret, ...facts } = key
    const listed = { ...facts, n, rev: 1, ...(enrolment && { device: true }) }
    const { roles, locked, version: userVersion } = owner
    const checked = {
      ...listed,
      ...secret,
      roles,
      locked,
      userVersion,
      ...visit(n, nextVisit({ expires: key.expires, revoked: null }, null)),
    }
    return db.transact<'NOT_INVITED' | 'NAME_TAKEN' | 'USER_CHANGED'>([
      ...(enrolment === undefined ? [] : enrolling(key, enrolment, key.createdAt)),
      {
        put: { ...place.keyName(tenant, key.name), n },
        when: ABSENT,
        lost: 'NAME_TAKEN',
      },
      unchanged(tenant, owner),
      { put: { ...place.key(key), ...listed }, when: ABSENT },
      { put: { ...place.check(key), ...checked }, when: ABSENT },
      { put: { ...place.owned(key, owner.uid), n, uid: owner.uid } },
      changed(tenant, 1),
      audit(tenant, key.createdAt, actor, enrolment ? 'device.enroll' : 'key.create', key.id),
    ])
  },

  /** Changes a key as it was read, or refuses. `event` names the change in the audit. */
  change(
    key: CheckedKey,
    to: KeyChange,
    { event, at, actor }: Deed,
  ): Promise<Lost<'NAME_TAKEN' | 'USER_CHANGED' | 'KEY_CHANGED'> | null> {
    const { secret, former, owner, ...facts } = to
    const after = { ...key, ...facts }
    const formerAfter = former === undefined ? key.former : former
    const due = nextVisit(after, formerAfter?.until ?? null)
    const set = {
      rev: key.rev + 1,
      ...(to.name !== undefined && { name: to.name }),
      ...(to.expires !== undefined && { expires: to.expires }),
      ...(to.username !== undefined && { username: to.username }),
      ...(to.revoked !== undefined && { revoked: to.revoked }),
      ...(secret !== undefined && { generation: secret.generation }),
    }
    const asRead = {
      when: '#rev = :rev',
      values: { rev: key.rev },
      lost: 'KEY_CHANGED' as const,
    }
    const due_ = visit(key.n, due)
    return db.transact<'NAME_TAKEN' | 'USER_CHANGED' | 'KEY_CHANGED'>([
      ...(after.name === key.name ? [] : renamed(key, after.name)),
      ...(owner === undefined ? [] : [unchanged(key.tenant, owner)]),
      { update: place.key(key), set, ...asRead },
      {
        update: place.check(key),
        set: {
          ...set,
          ...(secret !== undefined && {
            sealed: secret.sealed,
            dataKey: secret.dataKey,
            issuedAt: secret.issuedAt,
            fingerprint: secret.fingerprint,
          }),
          ...(former !== undefined && { former }),
          ...due_,
        },
        // Leaving the index is what makes the sweep's work done work gone.
        ...(due === null && { remove: Object.keys(visit(0, 0)) }),
        ...asRead,
      },
      changed(key.tenant),
      audit(key.tenant, at, actor, event, key.id),
    ])
  },

  /**
   * Revokes a key, whatever else has changed of it since it was read: no revision is compared, so that nobody
   * keeps a key by changing it all the time. Refused if it is gone, or revoked for as good a reason already.
   * @param generation of the only secret that it is revoked for: refused if another is the current one.
   */
  revoke(
    key: CheckedKey,
    revoked: Revocation,
    { event, at, actor }: Deed,
    generation?: number,
  ): Promise<Lost<'KEY_CHANGED'> | null> {
    const orphaned = revoked.cause === 'no-user'
    const set = { revoked, ...(orphaned && { username: null }) }
    const again = orphaned ? ['expired', 'asked', 'insecure'] : ['expired']
    const causes = Object.fromEntries(again.map((cause, i) => [`cause${i}`, cause]))
    const open = Object.keys(causes).map((name) => `#revoked.#cause = :${name}`)
    const when = [
      PRESENT,
      `(${['attribute_not_exists(#revoked.#cause)', ...open].join(' OR ')})`,
      ...(generation === undefined ? [] : ['#generation = :generation']),
    ].join(' AND ')
    const still = { when, values: { ...causes, generation }, lost: 'KEY_CHANGED' as const }
    return db.transact<'KEY_CHANGED'>(
      [
        { update: place.key(key), set, add: { rev: 1 }, ...still },
        {
          update: place.check(key),
          set: { ...set, former: null },
          add: { rev: 1 },
          remove: Object.keys(visit(0, 0)),
          ...still,
        },
        changed(key.tenant),
        audit(key.tenant, at, actor, event, key.id),
      ],
      ENDING,
    )
  },

  /** Deletes a key, whatever has changed of it since it was read but its name. */
  remove(
    key: CheckedKey,
    { at, actor }: { at: number; actor: Actor },
  ): Promise<Lost<'KEY_CHANGED'> | null> {
    const asNamed = {
      when: '#name = :name',
      values: { name: key.name },
      lost: 'KEY_CHANGED' as const,
    }
    return db.transact<'KEY_CHANGED'>(
      [
        { delete: place.key(key), ...asNamed },
        { delete: place.check(key), ...asNamed },
        { delete: place.keyName(key.tenant, key.name) },
        { delete: place.owned(key, key.uid) },
        { delete: place.used(key) },
        ...(key.device ? leaving(key) : []),
        changed(key.tenant, -1),
        audit(key.tenant, at, actor, 'key.delete', key.id),
      ],
      ENDING,
    )
  },

  /** Brings a key's copy of its user up to a version; a newer copy stays, a deleted key too. */
  async copyOwner(ref: KeyRef, owner: Owner): Promise<void> {
    const { roles, locked, version: userVersion } = owner
    await db.update({
      update: place.check(ref),
      set: { roles, locked, userVersion },
      when: `${PRESENT} AND #userVersion < :version`,
      values: { version: userVersion },
    })
  },
})

export type Keys = ReturnType<typeof createKeys>

// ---------------------------------------------------------------------------------------------

const renamed = (key: KeyFacts, name: string): Write<'NAME_TAKEN'>[] => [
  { put: { ...place.keyName(key.tenant, name), n: key.n }, when: ABSENT, lost: 'NAME_TAKEN' },
  { delete: place.keyName(key.tenant, key.name) },
]

const unchanged = (tenant: number, owner: Owner): Write<'USER_CHANGED'> => ({
  check: place.user(tenant, owner.username),
  when: '#version = :version AND #uid = :uid',
  values: { version: owner.version, uid: owner.uid },
  lost: 'USER_CHANGED',
})

/** The tenant's change version goes up with each change of one of its keys. @param keys more or fewer. */
const changed = (tenant: number, keys = 0): Write<never> => ({
  update: place.tenant(tenant),
  add: { changes: 1, ...(keys !== 0 && { keyCount: keys }) },
  when: PRESENT,
})
