/** The two items of a key, listed and checked: what they say, and how they are read. */

import { isDeepStrictEqual } from 'node:util'
import type { ScramFacts } from '../crypto/salt.ts'
import { readable } from '../domain/dates.ts'
import { idOf, type KeyRef } from '../domain/key.ts'
import { nextVisit, type Revocation } from '../domain/lifecycle.ts'
import { type Ceiling, ofDevice } from '../domain/roles.ts'
import { type Gate, isSuspended, rightsUnder } from './gate.ts'
import { itemKey } from './item-keys.ts'
import { EXPIRY_SHARDS, TABLE } from './table.ts'
import type { Item, ItemKey } from './write.ts'

/** A sealed verifier, and which of the tenant's data keys it is sealed under. */
export type SealedSecret = {
  readonly generation: number
  /** When the secret was made. */
  readonly issuedAt: number
  readonly dataKey: number
  readonly sealed: Uint8Array
  /** Refuses guesses before any data key is needed (`crypto/verifier.ts`). Older secrets have none. */
  readonly fingerprint: Uint8Array | undefined
  /** Roles that it never exceeds: those of who made it for somebody else. Null for one's own, and in older secrets. */
  readonly ceiling: Ceiling
}
/** The secret before a reset with a grace period. `until`: milliseconds since the epoch. */
export type PreviousSecret = SealedSecret & { readonly until: number }

/** What the items of a key say, each by an attribute of its name. None is optional, so that nobody who makes or reads a
 * key can forget one; what it means that an item lacks one, {@link toListed} and {@link toChecked} say. */
type Attributes = Required<Facts>
type Facts = SealedSecret & {
  readonly n: number
  readonly name: string
  /** Null once the user was deleted. */
  readonly username: string | null
  readonly uid: number
  readonly local: boolean
  readonly createdAt: number
  readonly expires: number | null
  readonly revoked: Revocation | null
  /** Whether it is a device's key, which has an item of its own beside it. */
  readonly device: boolean
  readonly former: PreviousSecret | null
  /** Salt and rounds in clear. Null in older keys until they log in. */
  readonly scram: ScramFacts | null
  readonly roles: readonly string[]
  readonly locked: boolean
  /** Version of the user's roles and lock that are copied here. */
  readonly userVersion: number
}

/**
 * Which item has which attribute: the listed one, for lists, answers and events; the checked one, for checks; or both.
 * A check reads all of its item each time, so what no check needs stands on the listed one alone.
 */
export const KEY_ATTRIBUTES = {
  n: 'both',
  name: 'both',
  username: 'both',
  uid: 'both',
  local: 'both',
  createdAt: 'both',
  expires: 'both',
  revoked: 'both',
  device: 'both',
  generation: 'both',
  issuedAt: 'checked',
  dataKey: 'checked',
  sealed: 'checked',
  fingerprint: 'checked',
  ceiling: 'checked',
  former: 'checked',
  scram: 'checked',
  roles: 'checked',
  locked: 'checked',
  userVersion: 'checked',
} as const satisfies Record<keyof Attributes, Which>
type Which = 'listed' | 'checked' | 'both'

type On<I> = Pick<
  Attributes,
  { [A in keyof Attributes]: (typeof KEY_ATTRIBUTES)[A] extends I ? A : never }[keyof Attributes]
>
/** What never changes of a key. */
type Fixed = 'n' | 'uid' | 'local' | 'createdAt' | 'device'
/** What no key has that was made just now. */
type NotYet = 'revoked' | 'former'

/** What both items of a key say. */
export type KeyFacts = KeyRef & { readonly id: number } & On<'both'>
/** A key as listed, answered and told of. */
export type ListedKey = KeyFacts & On<'listed'>
/** A key as checked: with its secret, and with what a check needs of user and tenant. */
export type CheckedKey = KeyFacts &
  Omit<On<'checked'>, keyof SealedSecret> & {
    readonly secret: SealedSecret
    /** True if the tenant is suspended. */
    readonly suspended: boolean
  }

/** What a change makes of a key. What isn't named stays; a name is another than it has. */
export type KeyChange = Partial<Omit<Attributes, Fixed | keyof SealedSecret | keyof Copy>> & {
  readonly secret?: SealedSecret
  /** The owner, read after the key. The key gets this copy; the change is refused if the key has a newer one. */
  readonly owner?: Owner
}

/** A key that is to be made. */
export type NewKey = Omit<Attributes, NotYet | keyof SealedSecret | keyof Copy> &
  KeyRef & { readonly id: number; readonly secret: SealedSecret }

/** The user as a key copies them. */
export type Owner = {
  readonly username: string
  readonly uid: number
  readonly local: boolean
  readonly roles: readonly string[]
  readonly locked: boolean
  readonly version: number
}

type Copy = Pick<Attributes, 'roles' | 'locked' | 'userVersion'>

/** What the checked kind of item says of the owner. */
export const copyOf = ({ roles, locked, version: userVersion }: Owner): Copy => ({
  roles,
  locked,
  userVersion,
})

/** What a change sets on each of a key's items. */
export const setsOf = ({ secret, owner, ...named }: KeyChange) =>
  byItem({ ...named, ...secret, ...(owner && copyOf(owner)) })

/** The two items of a new key: those of devices alone say whose they are. */
export const newItems = (
  { tenant, id: _, device, secret, ...named }: NewKey,
  owner: Owner,
): { listed: ItemKey & Item; checked: ItemKey & Item } => {
  const ref = { tenant, n: named.n }
  const { listed, checked } = byItem({
    ...named,
    ...(device && { device }),
    ...secret,
    ...copyOf(owner),
  })
  const due = nextVisit({ expires: named.expires, revoked: null }, null)
  return {
    listed: { ...itemKey.key(ref), ...listed, rev: 1 },
    checked: { ...itemKey.check(ref), ...checked, rev: 1, ...visit(ref.n, due) },
  }
}

/** What stands on the listed item alone is read here. */
export const toListed = (item: Item, tenant: number): ListedKey => toFacts(item, tenant)

/** @param gate the key's tenant's, as read with the item. */
export const toChecked = (
  item: Item,
  { tenant }: Pick<KeyRef, 'tenant'>,
  gate: Gate,
): CheckedKey => {
  const facts = toFacts(item, tenant)
  const { generation, issuedAt, dataKey, sealed, fingerprint, uid, userVersion: version } = item
  const rights = rightsUnder(gate, { uid, roles: item.roles, locked: item.locked, version })
  // Assigned, since spreading objects would be most of the work of reading an item.
  return Object.assign(facts, {
    secret: { generation, issuedAt, dataKey, sealed, fingerprint, ceiling: item.ceiling ?? null },
    former: item.former ? { ...item.former, ceiling: item.former.ceiling ?? null } : null,
    scram: item.scram ?? null,
    // A key's roles are read here only, so that a device never has more, whatever its copy or its user says.
    roles: facts.device ? ofDevice(rights.roles) : rights.roles,
    locked: rights.locked,
    userVersion: rights.version,
    suspended: isSuspended(gate),
  })
}

/** Whether a change of the checked kind is that of the name alone: all else may end a session. */
export const isRenamed = (before: Item, after: Item | null): boolean =>
  after !== null && before.name !== after.name && isDeepStrictEqual(unnamed(before), unnamed(after))

/** Attributes of the expiry index; none where the sweep has nothing to do. */
export const visit = (n: number, due: number | null): Record<string, unknown> =>
  due === null
    ? {}
    : {
        [TABLE.expiryIndex.partitionKey]: String(n % EXPIRY_SHARDS),
        [TABLE.expiryIndex.sortKey]: due,
      }

// ---------------------------------------------------------------------------------------------

const byItem = (attributes: Partial<Attributes>): { listed: Item; checked: Item } => {
  const [listed, checked]: [Item, Item] = [{}, {}]
  const items: Readonly<Record<string, Which>> = KEY_ATTRIBUTES
  for (const [name, value] of Object.entries(attributes)) {
    const item = items[name]
    if (item === undefined) throw new Error(`no item of a key has ${name}`)
    if (item !== 'checked') listed[name] = value
    if (item !== 'listed') checked[name] = value
  }
  return { listed, checked }
}

/** A change writes what was absent as null. */
const unnamed = ({ name: _, rev: __, ...rest }: Item): Item =>
  Object.fromEntries(Object.entries(rest).filter(([, value]) => value != null))

const toFacts = (item: Item, tenant: number): KeyFacts => ({
  tenant,
  n: item.n,
  id: idOf({ tenant, n: item.n }),
  name: item.name,
  username: item.username,
  uid: item.uid,
  local: item.local,
  createdAt: item.createdAt,
  // Some were stored before dates were bounded: with the next change they are within.
  expires: item.expires == null ? null : readable(item.expires),
  revoked: item.revoked ?? null,
  generation: item.generation,
  device: item.device === true,
})
