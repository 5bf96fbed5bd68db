/** Where the embedded table's stream begins and ends. It has one shard, whose records have numbers without gaps (dynoxide). */
import { type DynamoDBStreamsClient, GetRecordsCommand } from '@aws-sdk/client-dynamodb-streams'
import { iteratorAt, listShards } from '../shards.ts'

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
