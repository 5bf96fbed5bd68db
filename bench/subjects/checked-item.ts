/** The read of one key's item, as a GetItem. */
import { marshall } from '@aws-sdk/util-dynamodb'
import { parseKey } from '../../shared/domain/key.ts'
import { itemKey } from '../../shared/store/item-keys.ts'

export const checkedItemOf = (table: string, raw: string): object => {
  const ref = parseKey(raw)
  if (ref === null) throw new Error('that is no key')
  return { TableName: table, Key: marshall(itemKey.check(ref)), ConsistentRead: true }
}
