/**
 * A tenant's gate: whether the tenant is suspended, and the rights of users whose change hasn't reached all of
 * their keys. A user's rights are copied to each key, so that a check reads them with the key; the gate makes a change
 * of them hold for all keys at once, however many there are. It has equal copies, all written by one transaction and
 * one of them read at random, so that no partition serves all checks of a tenant.
 */
import type { Db } from './db.ts'
import { itemKey } from './item-keys.ts'
import type { Item, Unaudited, UnauditedKey } from './write.ts'

/** A gate as read; null where nothing was ever written to it: nothing is under way, and nobody suspended. */
export type Gate = Item | null

/** What a user may do since some version. A deleted user is locked. */
export type Rights = {
  readonly roles: readonly string[]
  readonly locked: boolean
  readonly version: number
}

/** Copies of a gate: a partition serves 3 000 reads a second, so these serve 48 000 checks of a tenant. */
export const COPIES = 16
/** Users in one gate. With so many locked users, a check's read of it costs 4 units instead of 1 (docs/storage.md). */
export const MOST_IN_GATE = 1000
/** Bytes in one gate, far below the 400 KB of an item: changes at the same moment, and a suspension, still fit. */
const MOST_BYTES = 100_000
/** Changes that take rights have so many times the room, so that nobody keeps theirs by filling the gate. */
const RESERVE = 2

/** @param chance picks the copy: from 0 up to 1, that excluded. */
export const createGate = (db: Db, chance: () => number) => {
  const at = (tenant: number): UnauditedKey => itemKey.gate(tenant, Math.floor(chance() * COPIES))
  return {
    /** Where to read a tenant's gate, this time. */
    at,

    /** Whether there is room for a user in a gate. The bound is soft, since others may come at the same moment.
     * @param takes whether the change takes rights. */
    async hasRoom(tenant: number, uid: number, takes: boolean): Promise<boolean> {
      const gate = await db.get(at(tenant))
      if (gate === null) return true
      const times = takes ? RESERVE : 1
      const isIn = nameOf(uid) in gate
      if (!isIn && Object.keys(gate).length >= MOST_IN_GATE * times) return false
      const bytes = Object.entries(gate).reduce((sum, one) => sum + one.join('').length, 0)
      return bytes < MOST_BYTES * times
    },
  }
}

export type Gates = ReturnType<typeof createGate>

export const isSuspended = (gate: Gate): boolean =>
  gate !== null && gate.suspended !== undefined && gate.suspended !== false

/** The mark that ends the sessions of all logins up to a moment, but one, and those that its tokens open later. */
export type EndedLogins = {
  /** Milliseconds since the epoch; a login of that very moment is over. */
  readonly before: number
  /** Id of the session that stays. */
  readonly self: string
  /** The root of sessions that its tokens open from now on: one that no earlier session has. */
  readonly but: string
}

/** A session as the mark finds it. */
export type MarkedLogin = {
  readonly id: string
  /** When somebody logged in by key or password, in milliseconds since the epoch. */
  readonly at: number
  /** Id of the session that this login opened, or what a mark put in its place. */
  readonly root: string
}

export const isLoginOver = (gate: Gate, { id, at, root }: MarkedLogin): boolean => {
  const logins: EndedLogins | undefined = gate?.logins
  return !!logins && at <= logins.before && id !== logins.self && root !== logins.but
}

/** The root of sessions that a session's tokens open, where a mark names one. */
export const newRootOf = (gate: Gate, id: string): string | undefined =>
  gate?.logins?.self === id ? gate.logins.but : undefined

/** What a key's user may do: by the gate, or by the key's own copy where that is as new. */
export const rightsUnder = (gate: Gate, copy: Rights & { readonly uid: number }): Rights => {
  const text = gate?.[nameOf(copy.uid)]
  if (text === undefined) return copy
  const entry = parse(text)
  // Newer code wrote this: nobody passes by rights that aren't understood.
  if (entry === null) return { ...copy, locked: true }
  return entry.version > copy.version ? entry : copy
}

/** Puts a user's rights into all copies. */
export const enter = (tenant: number, uid: number, rights: Rights): Unaudited<never>[] =>
  eachCopy(tenant, (update) => ({
    update,
    set: { [nameOf(uid)]: print(rights) },
  }))

/** Takes a user with these rights out of all copies, unless newer ones have come since. */
export const leave = (tenant: number, uid: number, rights: Rights): Unaudited<'OVERTAKEN'>[] => {
  const name = nameOf(uid)
  return eachCopy(tenant, (update) => ({
    update,
    remove: [name],
    when: `attribute_not_exists(#${name}) OR #${name} = :rights`,
    values: { rights: print(rights) },
    conflict: 'OVERTAKEN',
  }))
}

/** Suspends a tenant, or lets it go on. */
export const suspend = (tenant: number, suspended: boolean): Unaudited<never>[] =>
  eachCopy(tenant, (update) =>
    suspended ? { update, set: { suspended } } : { update, remove: ['suspended'] },
  )

/** Ends logins of a tenant: none of their sessions passes any more, nor one that their tokens open. Refused for a
 * session that is over itself, and in place of a later mark, since an attempt may arrive late. */
export const endLogins = (
  tenant: number,
  logins: EndedLogins,
  { id, at, root }: MarkedLogin,
): Unaudited<'OVERTAKEN'>[] =>
  eachCopy(tenant, (update) => ({
    update,
    set: { logins },
    when: `attribute_not_exists(#logins) OR (${NOT_LATER} AND ${HOLDS})`,
    values: { before: logins.before, id, at, root },
    conflict: 'OVERTAKEN',
  }))

// ---------------------------------------------------------------------------------------------

const NOT_LATER = '#logins.#before <= :before'
/** As `isLoginOver` has it. */
const HOLDS = '(#logins.#self = :id OR #logins.#but = :root OR #logins.#before < :at)'

/** Each user has an attribute of their own, so that it is written without reading the others, and into a gate that
 * isn't there yet. */
const nameOf = (uid: number): string => `u${uid}`

/** Rights as a short text, since every check reads those of all users in the gate: `7 locked`, `8 ROLE ANOTHER_ROLE`.
 * A user with very many roles counts as locked for keys that the change hasn't reached. */
const print = ({ version, locked, roles }: Rights): string => {
  const text = roles.join(' ')
  return `${version} ${locked || text.length > LONGEST ? LOCKED : text}`
}

const LONGEST = 1000

/** No role is called so. */
const LOCKED = 'locked'

/** @returns null for what isn't understood. */
const parse = (text: unknown): Rights | null => {
  const [, version, what = ''] = (typeof text === 'string' && TEXT.exec(text)) || []
  if (version === undefined) return null
  const locked = what === LOCKED
  const roles = locked || what === '' ? [] : what.split(' ')
  return { version: Number(version), locked, roles }
}

const TEXT = /^([1-9][0-9]*) (locked|(?:[A-Z][A-Z0-9_]*(?: [A-Z][A-Z0-9_]*)*)?)$/

const eachCopy = <L extends string>(
  tenant: number,
  write: (at: UnauditedKey) => Unaudited<L>,
): Unaudited<L>[] => Array.from({ length: COPIES }, (_, copy) => write(itemKey.gate(tenant, copy)))
