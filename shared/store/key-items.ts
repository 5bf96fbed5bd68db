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
  /** Refuses guesses before any data key is needed (`crypto/verifier.ts`). Older secrets have none. */
  readonly fingerprint?: Uint8Array | undefined
  /** Roles that it never exceeds: those of who made it for somebody else. Null for one's own, and in older secrets. */
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
  /** Present on the keys of devices, which have an item of their own beside it. */
  readonly device?: true
}
/** A key as checked: with its secret, and with what a check needs of user and tenant. */
export type CheckedKey = KeyFacts & {
  readonly secret: SealedSecret
  readonly former: FormerSecret | null
  /** Salt and rounds in clear. Null in older keys until they log in. */
  readonly scram: ScramFacts | null
  readonly roles: readonly string[]
  readonly locked: boolean
  /** Version of the user's roles and lock that are copied here. */
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
    // Older dates may be out of bounds: the next change stores them within.
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

/** Attributes of the expiry index; none where the sweep has nothing to do. */
export const visit = (n: number, due: number | null): Record<string, unknown> =>
  due === null
    ? {}
    : {
        [TABLE.expiryIndex.partitionKey]: String(n % EXPIRY_SHARDS),
        [TABLE.expiryIndex.sortKey]: due,
      }
