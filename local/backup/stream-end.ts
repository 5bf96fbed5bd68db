/** Where the embedded table's stream begins and ends. It has one shard, whose records have numbers without gaps (dynoxide). */
import { createHash } from 'node:crypto'
import {
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  type _Record as StreamRecord,
} from '@aws-sdk/client-dynamodb-streams'
import { iteratorAt, listShards } from '../shards.ts'
import { streamEvent } from '../stream-records.ts'

/** Reads on behind a number, in order. */
export const readBehind = async (client: DynamoDBStreamsClient, arn: string, n: number) => {
  const [shard] = await listShards(client, arn)
  if (shard === undefined) throw new Error('the stream has no shard')
  let iterator = await iteratorAt(client, arn, shard.id, { after: String(n) })
  return async (limit: number) => {
    const page = await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: limit }))
    iterator = page.NextShardIterator
    return page.Records ?? []
  }
}

export const numberOf = (record: StreamRecord | undefined): number =>
  Number(record?.dynamodb?.SequenceNumber)

/** What tells a record from another table's of the same number: the hash of what it says. Attributes come in any order. */
export const identityOf = (record: StreamRecord): string => {
  const [event] = streamEvent('', [record]).Records
  const sorted = (_: string, value: unknown): unknown =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort())
      : value
  return createHash('sha256').update(JSON.stringify(event, sorted)).digest('base64')
}

/** @returns the last record there was, as a journal names it. */
export const lastOf = async (
  client: DynamoDBStreamsClient,
  arn: string,
): Promise<{ to: number; was: string }> => {
  const to = await lastNumber(client, arn)
  return { to, was: (await identityAt(client, arn, to)) ?? '' }
}

/** @returns null where there is no such record, or no longer. */
export const identityAt = async (
  client: DynamoDBStreamsClient,
  arn: string,
  n: number,
): Promise<string | null> => {
  if (n === 0) return null
  const [record] = await (await readBehind(client, arn, n - 1))(1)
  return record !== undefined && numberOf(record) === n ? identityOf(record) : null
}

/** @returns the number of the last record there was; 0 for none. The last one is never trimmed away. */
export const lastNumber = async (client: DynamoDBStreamsClient, arn: string): Promise<number> => {
  const hasBehind = async (n: number): Promise<boolean> =>
    (await (await readBehind(client, arn, n))(1)).length > 0
  let [low, high] = [0, 1]
  if (!(await hasBehind(0))) return 0
  for (; await hasBehind(high); high *= 2) low = high
  // There is one behind `low`, and none behind `high`.
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (await hasBehind(middle)) low = middle
    else high = middle
  }
  return high
}
