/**
 * Puts many keys into the table at once, for measurements: as `keys.add` does, but in batches, without
 * audit, and sealed with nothing, so that none of them passes a check. No function uses it.
 */
import {
  BatchWriteItemCommand,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import { atOnce } from '../../shared/domain/at-once.ts'
import { idOf } from '../../shared/domain/key.ts'
import { itemKey } from '../../shared/store/item-keys.ts'
import { type NewKey, newItems, type Owner } from '../../shared/store/key-items.ts'
import { ownedItem } from '../../shared/store/key-owners.ts'
import { type Item, toItem } from '../../shared/store/write.ts'

type Wanted = {
  readonly tenant: number
  /** Numbers of the keys, the last one not included. The tenant's next number isn't changed by them. */
  readonly from: number
  readonly to: number
  readonly key: (n: number) => BulkKey
  readonly onProgress?: (made: number) => void
}

export type BulkKey = {
  readonly name: string
  readonly owner: Owner
  readonly createdAt: number
  readonly expires: number | null
}

/** DynamoDB's own limit (AWS: BatchWriteItem). */
const BATCH = 25
const AT_ONCE = 8

export const addKeysInBulk = async (
  client: DynamoDBClient,
  table: string,
  { tenant, from, to, key, onProgress }: Wanted,
): Promise<void> => {
  let made = 0
  await atOnce(batches(tenant, from, to, key), AT_ONCE, async (items) => {
    let requests = items.map((item) => ({ PutRequest: { Item: toItem(item) } }))
    while (requests.length > 0) {
      const answer = await client.send(
        new BatchWriteItemCommand({ RequestItems: { [table]: requests } }),
      )
      requests = (answer.UnprocessedItems?.[table] ?? []) as typeof requests
    }
    made += items.length / ITEMS
    onProgress?.(Math.floor(made))
  })
  // Counted on the tenant's item, as older versions do: that is part of the sum (`key-lists.ts`).
  const { pk, sk } = itemKey.tenant(tenant)
  await client.send(
    new UpdateItemCommand({
      TableName: table,
      Key: marshall({ pk, sk }),
      UpdateExpression: 'ADD keyCount :more',
      ExpressionAttributeValues: marshall({ ':more': to - from }),
    }),
  )
}

// ---------------------------------------------------------------------------------------------

/** Items of one key. */
const ITEMS = 4

async function* batches(
  tenant: number,
  from: number,
  to: number,
  key: (n: number) => BulkKey,
): AsyncGenerator<Item[]> {
  let batch: Item[] = []
  for (let n = from; n < to; n++) {
    batch.push(...itemsOf(tenant, n, key(n)))
    if (batch.length + ITEMS <= BATCH && n + 1 < to) continue
    yield batch
    batch = []
  }
}

const itemsOf = (
  tenant: number,
  n: number,
  { name, owner, createdAt, expires }: BulkKey,
): Item[] => {
  const ref = { tenant, n }
  const { username, uid, local } = owner
  const sealed = { dataKey: 1, sealed: new Uint8Array(180), fingerprint: undefined, ceiling: null }
  const secret = { generation: 1, issuedAt: createdAt, ...sealed }
  const facts = { name, username, uid, local, createdAt, expires, device: false, scram: null }
  const key: NewKey = { ...ref, id: idOf(ref), ...facts, secret }
  const { listed, checked } = newItems(key, owner)
  return [listed, checked, { ...itemKey.keyName(tenant, name), n }, ownedItem(key, secret)]
}
