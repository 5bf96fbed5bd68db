/**
 * Keys in the table. Each change is one transaction over both key items, the name guard and an audit entry; a
 * change is refused where what it goes on from was changed, and leaves as it is what it doesn't name.
 */

import type { ScramFacts } from '../crypto/salt.ts'
import type { AuditData, KeyEvent } from '../domain/audit-events.ts'
import type { KeyRef } from '../domain/key.ts'
import { nextVisit, type Revocation, type RevocationCause } from '../domain/lifecycle.ts'
import type { Act, Actor, Deed } from './audit.ts'
import { type Db, ENDING, type Lost } from './db.ts'
import { type Enrolment, enrolling, leaving } from './devices.ts'
import type { Gates } from './gate.ts'
import { countKey } from './key-counts.ts'
import {
  type CheckedKey,
  copyOf,
  type KeyChange,
  type KeyFacts,
  type Owner,
  toChecked,
  toFacts,
  visit,
} from './key-items.ts'
import { asJudged, auditDataOf, withFormer } from './key-judged.ts'
import { createKeyLists } from './key-lists.ts'
import { createKeyOwners, isPlanted, ownedItem } from './key-owners.ts'
import { createKeyUses } from './key-uses.ts'
import { createKeyVisits } from './key-visits.ts'
import { type Once, recording } from './once.ts'
import { place } from './places.ts'
import { ABSENT, PRESENT, unaudited, type Write } from './write.ts'

/** A key that is to be made. */
type NewKey = Omit<KeyFacts, 'revoked'> &
  Pick<CheckedKey, 'secret'> & { readonly scram: ScramFacts }

/** By somebody, or with the user: what the clock ends, `change` marks. */
export type EndedBy = Exclude<RevocationCause, 'expired'>

export const createKeys = (db: Db, gates: Gates) => ({
  ...createKeyLists(db),
  ...createKeyOwners(db),
  ...createKeyUses(db),
  ...createKeyVisits(db),

  /** Reads keys for a check, each under its tenant's gate, strongly consistent, in one request; null where there
   * is none. Beyond a hundred it is more requests, sent together: an entry stays in the gate for a minute after
   * the last key was written, so neither is older than the check. */
  async forCheck(refs: readonly KeyRef[]): Promise<(CheckedKey | null)[]> {
    const tenants: number[] = []
    for (const { tenant } of refs) if (!tenants.includes(tenant)) tenants.push(tenant)
    const places = refs.map(place.check)
    for (const tenant of tenants) places.push(gates.at(tenant))
    const items = await db.readTogether(places)
    return refs.map((ref, at) => {
      const item = items[at] ?? null
      const gate = items[refs.length + tenants.indexOf(ref.tenant)] ?? null
      return item === null ? null : toChecked(item, ref, gate)
    })
  },

  /** What a first message shows of an id: the key, or what it left behind. Two items, whether they are there or not. */
  async forFirstMessage(
    ref: KeyRef,
  ): Promise<{ key: CheckedKey | null; scram: ScramFacts | null }> {
    const [item, left] = await db.readTogether([place.check(ref), place.salt(ref)])
    // Under no gate: nothing of it is shown but salt and rounds.
    const key = item ? toChecked(item, ref, null) : null
    return { key, scram: key?.scram ?? left?.scram ?? null }
  },

  /** Puts salt and rounds of an older key into clear, unless another secret has come meanwhile. It has no entry: of the
   * key nothing changes. */
  async keepScram({ tenant, n, generation }: KeyFacts, scram: ScramFacts): Promise<void> {
    await db.touch({
      update: unaudited(place.check({ tenant, n })),
      set: { scram },
      when: '#generation = :generation AND attribute_not_exists(#scram)',
      values: { generation },
    })
  },

  async byNumbers(tenant: number, numbers: readonly number[]): Promise<KeyFacts[]> {
    const items = await db.read(numbers.map((n) => place.key({ tenant, n })))
    return items.filter((item) => item !== null).map((item) => toFacts(item, tenant))
  },

  async nameTaken(tenant: number, name: string): Promise<number | null> {
    return ((await db.get(place.keyName(tenant, name)))?.n as number | undefined) ?? null
  },

  /**
   * Adds a key. Refused when its name is taken. It copies the owner as given, and no condition holds them: who adds
   * it reads them once more before the secret is told (`keys/owner.ts`).
   * @param enrolment makes it a device's key, and uses the device's invitation up: refused if that is gone.
   */
  add(
    key: NewKey,
    owner: Owner,
    actor: Actor,
    enrolment?: Enrolment,
    once?: Once,
  ): Promise<Lost<'REPEATED' | 'NOT_INVITED' | 'NAME_TAKEN'> | null> {
    const { tenant, n, secret, scram, ...facts } = key
    const { id, name, username, createdAt: at, expires } = facts
    const listed = { ...facts, n, rev: 1, ...(enrolment && { device: true }) }
    const checked = {
      ...listed,
      ...secret,
      scram,
      ...copyOf(owner),
      ...visit(n, nextVisit({ expires, revoked: null }, null)),
    }
    const data: AuditData<'device.enroll' | 'key.create'> = enrolment
      ? {
          event: 'device.enroll',
          subject: { device: id },
          after: { name, ...enrolment.facts, invited_by: enrolment.by },
        }
      : {
          event: 'key.create',
          subject: { key: id },
          after: { name, username, expires_at: expires },
        }
    return db.change<'REPEATED' | 'NOT_INVITED' | 'NAME_TAKEN'>({ tenant, at, actor, ...data }, [
      ...recording(once, id, at),
      ...(enrolment === undefined ? [] : enrolling(key, enrolment, at)),
      { put: { ...place.keyName(tenant, name), n }, when: ABSENT, lost: 'NAME_TAKEN' },
      { put: { ...place.key(key), ...listed }, when: ABSENT },
      { put: { ...place.check(key), ...checked }, when: ABSENT },
      { put: ownedItem(key, secret) },
      countKey(key, 1),
    ])
  },

  /** Changes a key, if what the change goes on from is as it was read: no more is compared, so that nobody keeps a
   * secret by changing its key all the time. A reset doesn't compare when the key ends either: it has the sweep look
   * at once. */
  change(
    key: CheckedKey,
    to: KeyChange,
    { event, at, actor, once }: Deed<KeyEvent> & { readonly once?: Once | undefined },
  ): Promise<Lost<'REPEATED' | 'NAME_TAKEN' | 'KEY_CHANGED'> | null> {
    const { secret, scram, former, owner, ...facts } = to
    const after = { ...key, ...facts }
    const formerAfter = former === undefined ? key.former : former
    const next = nextVisit(after, formerAfter?.until ?? null)
    const set = {
      ...(to.name !== undefined && { name: to.name }),
      ...(to.expires !== undefined && { expires: to.expires }),
      ...(to.revoked !== undefined && { revoked: to.revoked }),
      ...(secret !== undefined && { generation: secret.generation }),
    }
    const isReset = secret !== undefined
    // Where a former secret comes or goes the key may end at another time than was read.
    const isDueAnew =
      to.expires !== undefined ||
      (former !== undefined && (former ?? key.former) !== null) ||
      next !== nextVisit(key, key.former?.until ?? null)
    const due = isReset ? at : next
    const isJudgedByDue = isDueAnew && !isReset
    const asRead = asJudged(key, { isRenamed: to.name !== undefined, isJudgedByDue })
    const asChecked = isJudgedByDue && key.former !== null ? withFormer(asRead, key.former) : asRead
    const asCopied = owner !== undefined && {
      when: `${asChecked.when} AND #userVersion <= :version`,
      values: { ...asChecked.values, version: owner.version },
    }
    const writes: Write<'REPEATED' | 'NAME_TAKEN' | 'KEY_CHANGED'>[] = [
      ...recording(once, key.id, at),
      ...(to.name === undefined ? [] : renamed(key, to.name)),
      { update: place.key(key), set, add: { rev: 1 }, ...asRead },
      ...(secret === undefined || isPlanted(secret) === isPlanted(key.secret)
        ? []
        : [{ put: ownedItem(key, secret) }]),
      {
        update: place.check(key),
        set: {
          ...set,
          ...(secret !== undefined && {
            sealed: secret.sealed,
            dataKey: secret.dataKey,
            issuedAt: secret.issuedAt,
            fingerprint: secret.fingerprint,
            ceiling: secret.ceiling,
          }),
          ...(scram !== undefined && { scram }),
          ...(former !== undefined && { former }),
          ...(owner !== undefined && copyOf(owner)),
          ...(isDueAnew && visit(key.n, due)),
        },
        add: { rev: 1 },
        // Leaving the index is what makes the sweep's work done work gone.
        ...(isDueAnew && due === null && { remove: Object.keys(visit(0, 0)) }),
        ...asChecked,
        ...asCopied,
      },
    ]
    const entry = { tenant: key.tenant, at, actor, event, ...auditDataOf(key, to) }
    return db.change(entry, writes, isReset || former === null ? ENDING : undefined)
  },

  /**
   * Revokes a key, whatever else has changed of it since it was read: no revision is compared, so that nobody
   * keeps a key by changing it all the time. Refused if it is gone, or revoked for as good a reason already.
   * @param generation of the only secret that it is revoked for: refused if another is the current one.
   */
  revoke(
    key: CheckedKey,
    revoked: Revocation & { readonly cause: EndedBy },
    actor: Actor,
    generation?: number,
  ): Promise<Lost<'KEY_CHANGED'> | null> {
    const { at, cause, reason } = revoked
    const orphaned = cause === 'no-user'
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
    return db.change<'KEY_CHANGED'>(
      {
        tenant: key.tenant,
        at,
        actor,
        event: `key.revoke.${cause}`,
        subject: { key: key.id },
        // Only a deletion of the user takes that from a key, and does it once.
        before: { username: key.username },
        after: { username: orphaned ? null : key.username, revoked_reason: reason },
      },
      [
        { update: place.key(key), set, add: { rev: 1 }, ...still },
        {
          update: place.check(key),
          set: { ...set, former: null },
          add: { rev: 1 },
          remove: Object.keys(visit(0, 0)),
          ...still,
        },
      ],
      ENDING,
    )
  },

  /**
   * Deletes a key, whatever has changed of it since it was read but its name.
   * @param scram what first messages go on showing, where it doesn't follow from the id.
   * @param once the call that made the key: it leaves no record either.
   */
  remove(
    key: KeyFacts,
    {
      at,
      actor,
      scram = null,
      once,
    }: Act & { readonly scram?: ScramFacts | null; readonly once?: Once | undefined },
  ): Promise<Lost<'KEY_CHANGED'> | null> {
    const asNamed = {
      when: '#name = :name',
      values: { name: key.name },
      lost: 'KEY_CHANGED' as const,
    }
    const { tenant, id, name } = key
    return db.change<'KEY_CHANGED'>(
      { tenant, at, actor, event: 'key.delete', subject: { key: id }, before: { name } },
      [
        { delete: place.key(key), ...asNamed },
        { delete: place.check(key), ...asNamed },
        { delete: place.keyName(key.tenant, key.name) },
        { delete: place.owned(key, key.uid) },
        { delete: place.used(key) },
        ...(key.device ? leaving(key) : []),
        ...(scram === null ? [] : [{ put: { ...place.salt(key), scram } }]),
        ...(once === undefined ? [] : [{ delete: once.at }]),
        countKey(key, -1),
      ],
      ENDING,
    )
  },
})

export type Keys = ReturnType<typeof createKeys>

// ---------------------------------------------------------------------------------------------

const renamed = (key: KeyFacts, name: string): Write<'NAME_TAKEN'>[] => [
  { put: { ...place.keyName(key.tenant, name), n: key.n }, when: ABSENT, lost: 'NAME_TAKEN' },
  { delete: place.keyName(key.tenant, key.name) },
]
