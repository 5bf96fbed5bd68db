/**
 * Keys in the table. Each change is one transaction over both key items, the name guard and an audit entry. It is
 * refused if the facts that it relies on have changed, and leaves alone what it doesn't name.
 */

import type { ScramFacts } from '../crypto/salt.ts'
import type { AuditData, KeyEvent } from '../domain/audit-events.ts'
import type { KeyRef } from '../domain/key.ts'
import { nextVisit, type Revocation, type RevocationCause } from '../domain/lifecycle.ts'
import type { Act, Actor, AuditedAct } from './audit.ts'
import { type Conflict, type Db, ENDING } from './db.ts'
import { type Enrolment, enrolling, leaving } from './devices.ts'
import type { Gates } from './gate.ts'
import { itemKey } from './item-keys.ts'
import {
  type CheckedKey,
  type KeyChange,
  type KeyFacts,
  type ListedKey,
  type NewKey,
  newItems,
  type Owner,
  setsOf,
  toChecked,
  toListed,
  visit,
} from './key-items.ts'
import { asJudged, auditDataOf, withPreviousSecret } from './key-judged.ts'
import { countKey, createKeyLists } from './key-lists.ts'
import { createKeyOwners, isPlanted, ownedItem } from './key-owners.ts'
import { createKeyUses } from './key-uses.ts'
import { type Once, recording } from './once.ts'
import { ABSENT, PRESENT, unaudited, type Write } from './write.ts'

/** By somebody, or with the user: what the clock ends, `change` marks. */
export type EndedBy = Exclude<RevocationCause, 'expired'>

export const createKeys = (db: Db, gates: Gates) => ({
  ...createKeyLists(db),
  ...createKeyOwners(db),
  ...createKeyUses(db),

  /** Reads keys for a check, each under its tenant's gate, strongly consistent, in one request; null where there
   * is none. Beyond a hundred items it sends several requests at once. That misses no change, since an entry stays in
   * the gate for a minute after the last key was written.
   * @param inHurry whether to give up soon where a partition gives no more (`db.batchedGetInHurry`). */
  async forCheck(refs: readonly KeyRef[], inHurry = false): Promise<(CheckedKey | null)[]> {
    const tenants: number[] = []
    for (const { tenant } of refs) if (!tenants.includes(tenant)) tenants.push(tenant)
    const keys = refs.map(itemKey.check)
    for (const tenant of tenants) keys.push(gates.at(tenant))
    const items = await (inHurry ? db.batchedGetInHurry(keys) : db.batchedGet(keys))
    return refs.map((ref, at) => {
      const item = items[at] ?? null
      const gate = items[refs.length + tenants.indexOf(ref.tenant)] ?? null
      return item === null ? null : toChecked(item, ref, gate)
    })
  },

  /** What SCRAM's first message shows of an id: the key, or what a deleted one left. Always reads both items. */
  async forFirstMessage(
    ref: KeyRef,
  ): Promise<{ key: CheckedKey | null; scram: ScramFacts | null }> {
    const [item, left] = await db.batchedGet([itemKey.check(ref), itemKey.salt(ref)])
    // The gate doesn't matter: only salt and rounds are shown.
    const key = item ? toChecked(item, ref, null) : null
    return { key, scram: key?.scram ?? left?.scram ?? null }
  },

  /** Stores salt and rounds of an older key in clear, unless its secret has changed meanwhile. */
  async keepScram({ tenant, n, generation }: KeyFacts, scram: ScramFacts): Promise<void> {
    await db.updateBlind({
      update: unaudited(itemKey.check({ tenant, n })),
      set: { scram },
      when: '#generation = :generation AND attribute_not_exists(#scram)',
      values: { generation },
    })
  },

  /**
   * Adds a key. Refused when its name is taken. It copies the owner without a condition on them: the caller reads them
   * once more before it shows the secret (`keys/create.ts`).
   * @param enrolment makes it a device's key, and uses up the device's invitation: refused if that is gone.
   * @returns the key as its item says it.
   */
  async add(
    key: NewKey,
    owner: Owner,
    actor: Actor,
    enrolment?: Enrolment,
    once?: Once,
  ): Promise<Conflict<'REPEATED' | 'NOT_INVITED' | 'NAME_TAKEN'> | ListedKey> {
    const { tenant, n, id, name, username, createdAt: at, expires: expires_at } = key
    const data: AuditData<'device.enroll' | 'key.create'> = enrolment
      ? {
          event: 'device.enroll',
          subject: { device: id },
          after: { name, ...enrolment.facts, invited_by: enrolment.by },
        }
      : { event: 'key.create', subject: { key: id }, after: { name, username, expires_at } }
    const entry = { tenant, at, actor, ...data }
    const { listed, checked } = newItems(key, owner)
    const conflict = await db.change<'REPEATED' | 'NOT_INVITED' | 'NAME_TAKEN'>(entry, [
      ...recording(once, id, at),
      ...(enrolment === undefined ? [] : enrolling(key, enrolment, at)),
      { put: { ...itemKey.keyName(tenant, name), n }, when: ABSENT, conflict: 'NAME_TAKEN' },
      { put: listed, when: ABSENT },
      { put: checked, when: ABSENT },
      { put: ownedItem(key, key.secret) },
      countKey(key, 1),
    ])
    return conflict ?? toListed(listed, tenant)
  },

  /** Changes a key, if the facts that the change relies on are as they were read (`key-judged.ts`). A reset doesn't
   * compare the expiry: it has the sweep look at once. */
  change(
    key: CheckedKey,
    to: KeyChange,
    { event, at, actor, once }: AuditedAct<KeyEvent> & { readonly once?: Once | undefined },
  ): Promise<Conflict<'REPEATED' | 'NAME_TAKEN' | 'KEY_CHANGED'> | null> {
    const { secret, former, owner } = to
    const set = setsOf(to)
    const after = { ...key, ...to }
    const next = nextVisit(after, after.former?.until ?? null)
    const isReset = secret !== undefined
    // A previous secret that comes or goes can change when the sweep's next visit is due.
    const isDueAnew =
      to.expires !== undefined ||
      (former !== undefined && (former ?? key.former) !== null) ||
      next !== nextVisit(key, key.former?.until ?? null)
    const due = isReset ? at : next
    const isJudgedByDue = isDueAnew && !isReset
    const asRead = asJudged(key, { isRenamed: to.name !== undefined, isJudgedByDue })
    const asChecked =
      isJudgedByDue && key.former !== null ? withPreviousSecret(asRead, key.former) : asRead
    const asCopied = owner !== undefined && {
      when: `${asChecked.when} AND #userVersion <= :version`,
      values: { ...asChecked.values, version: owner.version },
    }
    const writes: Write<'REPEATED' | 'NAME_TAKEN' | 'KEY_CHANGED'>[] = [
      ...recording(once, key.id, at),
      ...(to.name === undefined ? [] : renamed(key, to.name)),
      { update: itemKey.key(key), set: set.listed, add: { rev: 1 }, ...asRead },
      ...(secret === undefined || isPlanted(secret) === isPlanted(key.secret)
        ? []
        : [{ put: ownedItem(key, secret) }]),
      {
        update: itemKey.check(key),
        set: { ...set.checked, ...(isDueAnew && visit(key.n, due)) },
        add: { rev: 1 },
        // Removing the index attributes dequeues the key, so that the sweep won't visit it again.
        ...(isDueAnew && due === null && { remove: Object.keys(visit(0, 0)) }),
        ...asChecked,
        ...asCopied,
      },
    ]
    const entry = { tenant: key.tenant, at, actor, event, ...auditDataOf(key, to) }
    return db.change(entry, writes, isReset || former === null ? ENDING : undefined)
  },

  /** Schedules the sweep's next visit of a key, unless what it follows from has changed. A reset has it look at once, since
   * another call may change the expiry meanwhile. */
  async visitNext(key: CheckedKey): Promise<void> {
    const due = nextVisit(key, key.former?.until ?? null)
    const asRead = asJudged(key, { isRenamed: false, isJudgedByDue: true })
    await db.updateBlind({
      update: unaudited(itemKey.check(key)),
      set: visit(key.n, due),
      ...(due === null && { remove: Object.keys(visit(0, 0)) }),
      ...(key.former === null ? asRead : withPreviousSecret(asRead, key.former)),
    })
  },

  /**
   * Revokes a key, whatever else has changed since it was read, so that nobody keeps a key by changing it all the
   * time. Refused if it is gone, or revoked for a reason that this one doesn't replace.
   * @param generation of the secret to revoke: refused if another is the current one. Default: any.
   */
  revoke(
    key: CheckedKey,
    revoked: Revocation & { readonly cause: EndedBy },
    actor: Actor,
    generation?: number,
  ): Promise<Conflict<'KEY_CHANGED'> | null> {
    const { at, cause, reason } = revoked
    const orphaned = cause === 'no-user'
    const set = setsOf({ revoked, former: null, ...(orphaned && { username: null }) })
    const again = orphaned ? ['expired', 'asked', 'insecure'] : ['expired']
    const causes = Object.fromEntries(again.map((cause, i) => [`cause${i}`, cause]))
    const open = Object.keys(causes).map((name) => `#revoked.#cause = :${name}`)
    const when = [
      PRESENT,
      `(${['attribute_not_exists(#revoked.#cause)', ...open].join(' OR ')})`,
      ...(generation === undefined ? [] : ['#generation = :generation']),
    ].join(' AND ')
    const still = { when, values: { ...causes, generation }, conflict: 'KEY_CHANGED' as const }
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
        { update: itemKey.key(key), set: set.listed, add: { rev: 1 }, ...still },
        {
          update: itemKey.check(key),
          set: set.checked,
          add: { rev: 1 },
          remove: Object.keys(visit(0, 0)),
          ...still,
        },
      ],
      ENDING,
    )
  },

  /**
   * Deletes a key, whatever but its name has changed since it was read.
   * @param scram what first messages go on showing, where it doesn't follow from the id.
   * @param once the call that made the key: its record is deleted too.
   */
  remove(
    key: KeyFacts,
    {
      at,
      actor,
      scram = null,
      once,
    }: Act & { readonly scram?: ScramFacts | null; readonly once?: Once | undefined },
  ): Promise<Conflict<'KEY_CHANGED'> | null> {
    const asNamed = {
      when: '#name = :name',
      values: { name: key.name },
      conflict: 'KEY_CHANGED' as const,
    }
    const { tenant, id, name } = key
    return db.change<'KEY_CHANGED'>(
      { tenant, at, actor, event: 'key.delete', subject: { key: id }, before: { name } },
      [
        { delete: itemKey.key(key), ...asNamed },
        { delete: itemKey.check(key), ...asNamed },
        { delete: itemKey.keyName(key.tenant, key.name) },
        { delete: itemKey.owned(key, key.uid) },
        { delete: itemKey.used(key) },
        ...(key.device ? leaving(key) : []),
        ...(scram === null ? [] : [{ put: { ...itemKey.salt(key), scram } }]),
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
  { put: { ...itemKey.keyName(key.tenant, name), n: key.n }, when: ABSENT, conflict: 'NAME_TAKEN' },
  { delete: itemKey.keyName(key.tenant, key.name) },
]
