/** Fills a tenant with keys: a fleet's names, a hundred owners, every third with an expiry. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { parseEnv } from '../../shared/env.ts'
import type { Owner } from '../../shared/store/key-items.ts'
import { addKeysInBulk, type BulkKey } from './bulk.ts'

const OWNERS = 100
const DAY = 86_400_000

/** A word that one key in a thousand has in its name. */
export const RARE = 'atlantis'

/** What the key with a number is like. */
export const keyOf = (n: number, now: number): BulkKey => ({
  name: `nas-${String(n).padStart(6, '0')} ${n % 1000 === 500 ? RARE : 'backup'}`,
  owner: ownerOf(n % OWNERS),
  createdAt: now - 400 * DAY + n * 1000,
  expires: n % 3 === 0 ? now + ((n % 900) + 1) * DAY : null,
})

/** @param numbers of the keys, the last one not included. */
export const seed = async (
  tenant: number,
  numbers: { readonly from: number; readonly to: number },
  onProgress: (made: number) => void,
): Promise<void> => {
  const client = new DynamoDBClient({})
  const { KEYHARBOR_TABLE } = parseEnv(process.env)
  const now = Date.now()
  await addKeysInBulk(client, KEYHARBOR_TABLE, {
    tenant,
    ...numbers,
    key: (n) => keyOf(n, now),
    onProgress,
  })
  client.destroy()
}

// ---------------------------------------------------------------------------------------------

/** The administrator, who is there, has one in a hundred. */
const ownerOf = (at: number): Owner => ({
  username: at === 0 ? 'admin' : `fleet${at}`,
  uid: at === 0 ? 1 : 1000 + at,
  local: true,
  roles: ['READONLY_ADMIN'],
  locked: false,
  version: 1,
})
