/**
 * What sockets of an earlier run left in the table, on a machine where none outlives its gateway: it ended before their
 * `$disconnect`s did. Reads the whole table, so it is for a start, and for a table that no other gateway uses.
 */
import { type DynamoDBClient, ScanCommand, type ScanCommandOutput } from '@aws-sdk/client-dynamodb'
import { atOnce } from '../domain/at-once.ts'
import { fromAttributes } from './attributes.ts'
import { dropToken, forget } from './connection-changes.ts'
import { toConnection } from './connection-items.ts'
import { createDb, type Db } from './db.ts'
import { connectionRef, sessionRef } from './item-refs.ts'
import type { Item, UnauditedKey } from './write.ts'

type Options = {
  readonly table: string
  /** Sockets that opened, and sessions that began, from then on are alive: in milliseconds since the epoch. */
  readonly before: number
  /** Called after each socket. */
  readonly onForgotten: (count: number) => void
  readonly stopping: () => boolean
}

/** Forgets sockets of before as their `$disconnect`s would have, then what a `$disconnect` that was cut short left.
 * @returns how many sockets there were. */
export const forgetLeftovers = async (
  client: DynamoDBClient,
  { table, before, onForgotten, stopping }: Options,
): Promise<number> => {
  const db = createDb(client, table)
  const rest: UnauditedKey[] = []
  let count = 0
  const sockets = async function* () {
    for await (const at of socketItems(client, table)) {
      if (stopping()) return
      if (connectionRef(at) === null) rest.push(at)
      else yield at
    }
  }
  await atOnce(sockets(), AT_ONCE, async (at) => {
    const item = await db.get(at)
    if (item === null || item.connectedAt >= before) return
    await forget(db, toConnection(connectionRef(at) ?? '', item))
    onForgotten(++count)
  })
  await atOnce(rest, AT_ONCE, async (at) => {
    if (!stopping()) await dropIfBefore(db, at, before)
  })
  return count
}

// ---------------------------------------------------------------------------------------------

/** Few, for it isn't in a hurry and others are. */
const AT_ONCE = 4

/** Connections, sessions with their copies, and subscriptions. */
async function* socketItems(client: DynamoDBClient, table: string): AsyncGenerator<UnauditedKey> {
  let start: ScanCommandOutput['LastEvaluatedKey']
  do {
    const page: ScanCommandOutput = await client.send(
      new ScanCommand({
        TableName: table,
        ConsistentRead: true,
        ProjectionExpression: '#pk, #sk',
        FilterExpression:
          'begins_with(#pk, :connection) OR begins_with(#sk, :session) OR contains(#pk, :subscription)',
        ExpressionAttributeNames: { '#pk': 'pk', '#sk': 'sk' },
        ExpressionAttributeValues: {
          ':connection': { S: 'C#' },
          ':session': { S: 'SESSION#' },
          ':subscription': { S: '#SUB#' },
        },
        ExclusiveStartKey: start,
      }),
    )
    for (const raw of page.Items ?? []) yield fromAttributes(raw) as Item & UnauditedKey
    start = page.LastEvaluatedKey
  } while (start !== undefined)
}

const dropIfBefore = async (db: Db, at: UnauditedKey, before: number): Promise<void> => {
  const item = await db.get(at)
  if (item === null || item.session.loginAt >= before) return
  if (at.sk.startsWith('SESSION#') && !sessionRef(at).isCopy) await dropToken(db, item.session)
  await db.transact<never>([{ delete: at }])
}
