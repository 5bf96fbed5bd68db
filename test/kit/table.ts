/** All that a table has, and items put into it as they are: what an older version may have left there. */
import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import type { Item, Key } from '../../shared/store/write.ts'

export const scan = async (table: string): Promise<(Item & Key)[]> => {
  const client = new DynamoDBClient({})
  const found: (Item & Key)[] = []
  let start: Record<string, never> | undefined
  do {
    const page = await client.send(
      new ScanCommand({ TableName: table, ExclusiveStartKey: start, ConsistentRead: true }),
    )
    for (const raw of page.Items ?? []) found.push(unmarshall(raw) as Item & Key)
    start = page.LastEvaluatedKey as typeof start
  } while (start !== undefined)
  client.destroy()
  return found
}

export const put = async (table: string, item: Item & Key): Promise<void> => {
  const client = new DynamoDBClient({})
  const Item = marshall(item, { removeUndefinedValues: true })
  await client.send(new PutItemCommand({ TableName: table, Item }))
  client.destroy()
}
