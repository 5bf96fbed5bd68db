/** Which keys a user has: a reference item for each, so that other users' keys needn't be read. */
import { KEYS_PER_TENANT, type KeyRef } from '../domain/key.ts'
import { type Db, LONG } from './db.ts'
import { itemKey, owned, ownedBy, tenantPk } from './item-keys.ts'
import { copyOf, type KeyFacts, type Owner, type SealedSecret } from './key-items.ts'
import { type Item, type ItemKey, PRESENT, unaudited } from './write.ts'

/** One of a user's keys. `planted`: somebody else made its secret, which has a ceiling. */
export type OwnedKey = { readonly n: number; readonly planted: boolean }

export const createKeyOwners = (db: Db) => ({
  /** Numbers of a user's keys. */
  async ownedBy(tenant: number, uid: number): Promise<number[]> {
    return (await listOwned(db, tenant, uid)).map(({ n }) => n)
  },

  /** A user's keys, and which of them others made for them. */
  owned: (tenant: number, uid: number): Promise<OwnedKey[]> => listOwned(db, tenant, uid),

  /** Numbers of a user's keys from a number on (and up to one), in order, `most` at the most. */
  async ownedFrom(
    tenant: number,
    uid: number,
    from: number,
    most: number,
    to = KEYS_PER_TENANT - 1,
  ): Promise<number[]> {
    const numbers: number[] = []
    const range = { from: owned(uid, from), to: owned(uid, to), most }
    for await (const { n } of db.range(tenantPk(tenant), range)) {
      numbers.push(n as number)
      if (numbers.length === most) break
    }
    return numbers
  },

  /** The same of all users of a tenant, by their ids; null if those are more than `most` keys. */
  async owners(tenant: number, most: number): Promise<Map<number, OwnedKey[]> | null> {
    const owners = new Map<number, OwnedKey[]>()
    let count = 0
    for await (const { uid, ...item } of db.list(tenantPk(tenant), 'OWN#', LONG)) {
      if (++count > most) return null
      if (!owners.get(uid)?.push(toOwned(item))) owners.set(uid, [toOwned(item)])
    }
    return owners
  },

  /** Brings a key's copy of its user up to a version; a newer copy stays, a deleted key too. The change of the user has
   * an entry. */
  async copyOwner(ref: KeyRef, owner: Owner): Promise<void> {
    await db.update({
      update: unaudited(itemKey.check(ref)),
      set: copyOf(owner),
      when: `${PRESENT} AND #userVersion < :version`,
      values: { version: owner.version },
    })
  },
})

export const isPlanted = ({ ceiling }: SealedSecret): boolean => ceiling !== null

export const ownedItem = (
  key: Pick<KeyFacts, 'tenant' | 'n' | 'uid'>,
  secret: SealedSecret,
): ItemKey & Item => ({
  ...itemKey.owned(key, key.uid),
  n: key.n,
  uid: key.uid,
  planted: isPlanted(secret),
})

// ---------------------------------------------------------------------------------------------

const toOwned = (item: Item): OwnedKey => ({ n: item.n, planted: item.planted === true })

const listOwned = async (db: Db, tenant: number, uid: number): Promise<OwnedKey[]> => {
  const owned: OwnedKey[] = []
  for await (const item of db.list(tenantPk(tenant), ownedBy(uid))) owned.push(toOwned(item))
  return owned
}
