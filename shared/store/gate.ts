/**
 * A tenant's gate: whether the tenant is suspended, and the rights of users whose change hasn't reached all of
 * their keys. What a user may do is copied to each key, so that a check reads it with the key; the gate makes a
 * change of it hold for all keys at once, however many there are. It lies in equal copies, all written by one
 * transaction and one of them read by chance, so that no partition has to answer for all checks of a tenant.
 */
import type { Db } from './db.ts'
import { place } from './places.ts'
import type { Item, Key, Write } from './write.ts'

/** A gate as read; null where nothing was ever written to it: nothing is under way, and nobody suspended. */
export type Gate = Item | null

/** What a user may do since some version. Locked is who was deleted, too. */
export type Rights = {
  readonly roles: readonly string[]
  readonly locked: boolean
  readonly version: number
}

/** Copies of a gate: at 3 000 reads a second of one partition these serve 48 000 checks of a tenant. */
export const COPIES = 16
/** Users in one gate. A check's read grows by a unit with each 70 of them (docs/storage.md). */
export const MOST_IN_GATE = 1000

/** @param chance picks the copy: from 0 up to 1, that excluded. */
export const createGate = (db: Db, chance: () => number) => {
  const at = (tenant: number): Key => place.gate(tenant, Math.floor(chance() * COPIES))
  return {
    /** Where to read a tenant's gate, this time. */
    at,

    /** True if there is room for a user in a gate. Others may come at the same moment: the bound is a soft one. */
    async hasRoom(tenant: number, uid: number): Promise<boolean> {
      const gate = await db.get(at(tenant))
      return gate === null || nameOf(uid) in gate || Object.keys(gate).length < MOST_IN_GATE
    },
  }
}

export type Gates = ReturnType<typeof createGate>

export const isSuspended = (gate: Gate): boolean =>
  gate !== null && gate.suspended !== undefined && gate.suspended !== false

/** What a key's user may do: by the gate, or by the key's own copy where that is as new. */
export const rightsUnder = (gate: Gate, copy: Rights & { readonly uid: number }): Rights => {
  const entry = gate?.[nameOf(copy.uid)]
  if (entry === undefined) return copy
  // Written by code that is newer than this: nobody passes by what isn't understood.
  if (!isRights(entry)) return { ...copy, locked: true }
  return entry.version > copy.version ? entry : copy
}

/** Puts a user's rights into all copies. */
export const enter = (tenant: number, uid: number, rights: Rights): Write<never>[] =>
  eachCopy(tenant, (update) => ({
    update,
    set: { [nameOf(uid)]: rights },
  }))

/** Takes a user out of all copies, unless newer rights have come since. */
export const leave = (tenant: number, uid: number, version: number): Write<'OVERTAKEN'>[] => {
  const name = nameOf(uid)
  return eachCopy(tenant, (update) => ({
    update,
    remove: [name],
    when: `attribute_not_exists(#${name}) OR #${name}.#version <= :version`,
    values: { version },
    lost: 'OVERTAKEN',
  }))
}

/** Suspends a tenant, or lets it go on. */
export const suspend = (tenant: number, suspended: boolean): Write<never>[] =>
  eachCopy(tenant, (update) =>
    suspended ? { update, set: { suspended } } : { update, remove: ['suspended'] },
  )

// ---------------------------------------------------------------------------------------------

/** Each user has an attribute of their own: it is written without reading the others, and into a gate that isn't
 * there yet. */
const nameOf = (uid: number): string => `u${uid}`

const isRights = (entry: Item): entry is Rights =>
  typeof entry.version === 'number' &&
  typeof entry.locked === 'boolean' &&
  Array.isArray(entry.roles)

const eachCopy = <L extends string>(tenant: number, write: (at: Key) => Write<L>): Write<L>[] =>
  Array.from({ length: COPIES }, (_, copy) => write(place.gate(tenant, copy)))
