/**
 * Changes of users that are on their way to their keys: one item for each user, written by the change's own
 * transaction, with a cursor. A newer change of the same user replaces it and begins anew. Conditions keep an older
 * run from undoing the newer one.
 */
import type { Db } from './db.ts'
import { enter, leave } from './gate.ts'
import { itemKey } from './item-keys.ts'
import { type Owner, visit } from './key-items.ts'
import { type Item, type Unaudited, unaudited } from './write.ts'

/** A user who has changed, as their keys are to copy them. */
type Changed = Owner & {
  readonly tenant: number
  /** The keys are to be revoked. */
  readonly deleted: boolean
}

export type Propagation = Changed & {
  /** The first number of a key that it may not have reached. */
  readonly next: number
  /** When it had reached all of them; null before. */
  readonly doneAt: number | null
}

/**
 * How long a user stays in the gate after the last key has the change: a check reads key and gate in one request,
 * but not at one moment, and may take as long as its retries.
 */
export const LINGER_MS = 60_000

export const createPropagations = (db: Db) => ({
  async get(tenant: number, uid: number): Promise<Propagation | null> {
    const item = await db.get(itemKey.propagation(tenant, uid))
    return item === null ? null : toPropagation(item, tenant)
  },

  /** Notes that all keys up to a number have the change. @returns false if a newer one, or another run, is ahead. */
  advance(of: Propagation, next: number): Promise<boolean> {
    return db.updateBlind({
      update: itemKey.propagation(of.tenant, of.uid),
      set: { next },
      when: '#version = :version AND #next < :next',
      values: { version: of.version, next },
    })
  },

  /** Notes that all keys have the change. The gate is to be left after {@link LINGER_MS}. */
  async done(of: Propagation, at: number): Promise<void> {
    await db.updateBlind({
      update: itemKey.propagation(of.tenant, of.uid),
      set: { doneAt: at, ...visit(of.uid, at + LINGER_MS) },
      when: '#version = :version AND #doneAt = :none',
      values: { version: of.version, none: null },
    })
  },

  /** Takes the user out of the gate, since all keys have the change. */
  async finish(of: Propagation): Promise<void> {
    const { tenant, uid, version } = of
    await db.transact<'OVERTAKEN'>([
      ...leave(tenant, uid, of),
      {
        delete: itemKey.propagation(tenant, uid),
        when: '#version = :version',
        values: { version },
        conflict: 'OVERTAKEN',
      },
    ])
  },

  /**
   * Takes over a change that an earlier version of the service has begun. Such versions keep the user, even a deleted
   * one, on the sweep's index until all keys have the change.
   */
  async takeOver(user: Changed, at: number, isForGood: boolean): Promise<void> {
    const { tenant, username, uid, version } = user
    const asRead = {
      when: '#uid = :uid AND #version = :version',
      values: { uid, version },
      conflict: 'OVERTAKEN' as const,
    }
    // That version has said it.
    const item = unaudited(itemKey.user(tenant, username))
    await db.transact<'OVERTAKEN'>([
      user.deleted
        ? { delete: item, ...asRead }
        : { update: item, remove: Object.keys(visit(0, 0)), ...asRead },
      ...propagating(user, at, isForGood),
    ])
  },
})

export type Propagations = ReturnType<typeof createPropagations>

/**
 * Writes that make a change of a user hold for all of their keys at once, in the change's transaction.
 * @param isForGood the gate keeps the change and no key copies it: for the devices' user.
 */
export const propagating = (user: Changed, at: number, isForGood: boolean): Unaudited<never>[] => {
  const { tenant, username, uid, local, roles, locked, version, deleted } = user
  const copied = { username, uid, local, roles, locked, version, deleted }
  const facts: Omit<Propagation, 'tenant'> = { ...copied, next: 0, doneAt: null }
  return [
    ...enter(tenant, uid, user),
    ...(isForGood
      ? []
      : [{ put: { ...itemKey.propagation(tenant, uid), ...facts, ...visit(uid, at) } }]),
  ]
}

// ---------------------------------------------------------------------------------------------

const toPropagation = (item: Item, tenant: number): Required<Propagation> => ({
  tenant,
  username: item.username,
  uid: item.uid,
  local: item.local,
  roles: item.roles,
  locked: item.locked,
  version: item.version,
  deleted: item.deleted,
  next: item.next,
  doneAt: item.doneAt ?? null,
})
