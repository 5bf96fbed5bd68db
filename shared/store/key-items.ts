/** The two items of a key, listed and checked: what they say, and how they are read. */

import type { ScramFacts } from '../crypto/salt.ts'
import { readable } from '../domain/dates.ts'
import { idOf, type KeyRef } from '../domain/key.ts'
import type { Revocation } from '../domain/lifecycle.ts'
import { type Ceiling, ofDevice } from '../domain/roles.ts'
import { type Gate, isSuspended, rightsUnder } from './gate.ts'
import { EXPIRY_SHARDS, TABLE } from './table.ts'
import type { Item, Key } from './write.ts'

/** A sealed verifier, and which of the tenant's data keys it is sealed under. */
export type SealedSecret = {
  readonly generation: number
  /** When the secret was made. */
  readonly issuedAt: number
  readonly dataKey: number
  readonly sealed: Uint8Array
  /** Tells guesses before any data key is needed (`crypto/verifier.ts`). Older secrets have none. */
  readonly fingerprint?: Uint8Array | undefined
  /** Roles that it never goes beyond: of who made it for somebody else. Null for one's own, and in older ones. */
  readonly ceiling: Ceiling
}
/** The secret before a reset with a grace period. `until`: milliseconds since the epoch. */
export type FormerSecret = SealedSecret & { readonly until: number }

/** What both items of a key say. */
export type KeyFacts = KeyRef & {
  readonly id: number
  readonly name: string
  /** Null once the user was deleted. */
  readonly username: string | null
  readonly uid: number
  readonly local: boolean
  readonly createdAt: number
  readonly expires: number | null
  readonly revoked: Revocation | null
  readonly generation: number
  /** There on the keys of devices: what is known of them has an item of its own. */
  readonly device?: true
}
/** A key as checked: with its secret, and with what a check needs of user and tenant. */
export type CheckedKey = KeyFacts & {
  readonly secret: SealedSecret
  readonly former: FormerSecret | null
  /** Null in keys from before it was kept beside the sealed verifier, until they log in. */
  readonly scram: ScramFacts | null
  readonly roles: readonly string[]
  readonly locked: boolean
  /** Version of the user's roles and lock that these are. */
  readonly userVersion: number
  /** True if the tenant is suspended. */
  readonly suspended: boolean
}

/** The user as a key copies them. */
export type Owner = {
  readonly username: string
  readonly uid: number
  readonly local: boolean
  readonly roles: readonly string[]
  readonly locked: boolean
  readonly version: number
}

/** What a change makes of a key. What isn't named stays. */
export type KeyChange = {
  /** Another than it has. */
  readonly name?: string
  readonly expires?: number | null
  readonly revoked?: Revocation | null
  readonly secret?: SealedSecret
  readonly scram?: ScramFacts
  readonly former?: FormerSecret | null
  /** The owner as read after the key: it gets this copy of them, or is refused if it has a newer one. */
  readonly owner?: Owner
}

/** What the checked kind of item says of the owner. */
export const copyOf = ({ roles, locked, version: userVersion }: Owner) => ({
  roles,
  locked,
  userVersion,
})

/** The key that an item of the checked kind belongs to, or null for any other kind. */
export const checkedRef = ({ pk, sk }: Key): KeyRef | null => {
  const [, tenant, n] = /^T#([0-9]+)#K#([0-9]+)$/.exec(sk === 'CHECK' ? pk : '') ?? []
  return tenant === undefined || n === undefined ? null : { tenant: Number(tenant), n: Number(n) }
}

export const toFacts = (item: Item, tenant: number): KeyFacts => {
  const facts: KeyFacts = {
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
  }
  return item.device === true ? Object.assign(facts, { device: true as const }) : facts
}

/** @param gate the key's tenant's, as read with the item. */
export const toChecked = (item: Item, { tenant }: KeyRef, gate: Gate): CheckedKey => {
  const facts = toFacts(item, tenant)
  const { generation, issuedAt, dataKey, sealed, fingerprint, uid, userVersion: version } = item
  const rights = rightsUnder(gate, { uid, roles: item.roles, locked: item.locked, version })
  // Assigned, for spreading objects is most of the work of reading one.
  return Object.assign(facts, {
    secret: { generation, issuedAt, dataKey, sealed, fingerprint, ceiling: item.ceiling ?? null },
    former: item.former ? { ...item.former, ceiling: item.former.ceiling ?? null } : null,
    scram: item.scram ?? null,
    // Here alone roles of keys come out of the table: whatever becomes of the copy, or of the user.
    roles: facts.device ? ofDevice(rights.roles) : rights.roles,
    locked: rights.locked,
    userVersion: rights.version,
    suspended: isSuspended(gate),
  })
}

/** Attributes of the expiry index: absent where there is nothing to visit. */
export const visit = (n: number, due: number | null): Record<string, unknown> =>
  due === null
    ? {}
    : {
        [TABLE.expiryIndex.partitionKey]: String(n % EXPIRY_SHARDS),
        [TABLE.expiryIndex.sortKey]: due,
      }
