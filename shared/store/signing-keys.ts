/** Signing keys in the table: a partition of their own, so that a function that may read them reads nothing else. */

import type { PublishedKey, SigningKey } from '../crypto/signing-key.ts'
import type { Db } from './db.ts'
import { itemKey, signingPk } from './item-keys.ts'
import { ABSENT } from './write.ts'

export const createSigningKeys = (db: Db) => ({
  /** All of them, with their private halves as they are kept. */
  async all(): Promise<SigningKey[]> {
    const found: SigningKey[] = []
    for await (const { pk: _, sk: __, ...key } of db.list(signingPk)) found.push(key as SigningKey)
    return found
  },

  /** The same without their private halves, for functions that sign nothing. */
  async published(): Promise<PublishedKey[]> {
    const found: PublishedKey[] = []
    for await (const { n, kid, signsFrom, jwk } of db.listProjection(signingPk, PUBLIC))
      found.push({ n, kid, signsFrom, jwk })
    return found
  },

  /** Adds the next key of the chain. @returns false if somebody else did. */
  async add(key: SigningKey): Promise<boolean> {
    const put = { ...itemKey.signingKey(key.n), ...key }
    return (await db.transact([{ put, when: ABSENT, conflict: 'THERE' }])) === null
  },

  /** Deletes a key, unless another has its number by now. @returns whether it was there. */
  async remove({ n, kid }: PublishedKey): Promise<boolean> {
    const conflict = await db.transact([
      { delete: itemKey.signingKey(n), when: '#kid = :kid', values: { kid }, conflict: 'GONE' },
    ])
    return conflict === null
  },
})

export type SigningKeys = ReturnType<typeof createSigningKeys>

// ---------------------------------------------------------------------------------------------

const PUBLIC = ['n', 'kid', 'signsFrom', 'jwk']
