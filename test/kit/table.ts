/** The table as it is, past the service: items to read and to put there, and what is written. */
import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import { vi } from 'vitest'
import type { Item, ItemKey } from '../../shared/store/write.ts'

const OPTIONS = { removeUndefinedValues: true }

/** @returns null where there is none. */
export const readItem = async (table: string, key: ItemKey): Promise<Item | null> => {
  const client = new DynamoDBClient({})
  const { pk, sk } = key
  const { Item: found } = await client.send(
    new GetItemCommand({ TableName: table, Key: marshall({ pk, sk }), ConsistentRead: true }),
  )
  client.destroy()
  return found === undefined ? null : unmarshall(found)
}

export const scan = async (table: string): Promise<(Item & ItemKey)[]> => {
  const client = new DynamoDBClient({})
  const found: (Item & ItemKey)[] = []
  let start: Record<string, never> | undefined
  do {
    const page = await client.send(
      new ScanCommand({ TableName: table, ExclusiveStartKey: start, ConsistentRead: true }),
    )
    for (const raw of page.Items ?? []) found.push(unmarshall(raw) as Item & ItemKey)
    start = page.LastEvaluatedKey as typeof start
  } while (start !== undefined)
  client.destroy()
  return found
}

export const putItems = async (table: string, items: readonly Item[]): Promise<void> => {
  const client = new DynamoDBClient({})
  for (const item of items)
    await client.send(new PutItemCommand({ TableName: table, Item: marshall(item, OPTIONS) }))
  client.destroy()
}

/** Counts the items that are written while something is done, conditions on items included. */
export const countWrites = async (work: () => Promise<unknown>): Promise<number> => {
  let written = 0
  const send = vi.spyOn(DynamoDBClient.prototype, 'send')
  try {
    await work()
    for (const [command] of send.mock.calls) written += writesOf(command)
  } finally {
    send.mockRestore()
  }
  return written
}

// ---------------------------------------------------------------------------------------------

const writesOf = (command: object): number => {
  if (command instanceof TransactWriteItemsCommand) return command.input.TransactItems?.length ?? 0
  if (command instanceof BatchWriteItemCommand)
    return Object.values(command.input.RequestItems ?? {}).flat().length
  const single = [PutItemCommand, UpdateItemCommand, DeleteItemCommand]
  return single.some((kind) => command instanceof kind) ? 1 : 0
}
