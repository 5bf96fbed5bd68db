/** The shards of a stream: which of them are to be read now, and from where. A shard is read after its
 * parent has ended, so that the changes of one item come in order. */
import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams'

/** How far a shard was read: after a sequence number, to its end, or not at all (absent). */
export type Positions = Record<string, { readonly after: string } | 'ended'>

export type Shard = { readonly id: string; readonly parent: string | undefined }

export const listShards = async (client: DynamoDBStreamsClient, arn: string): Promise<Shard[]> => {
  const shards: Shard[] = []
  let start: string | undefined
  do {
    const page = await client.send(
      new DescribeStreamCommand({
        StreamArn: arn,
        ...(start !== undefined && { ExclusiveStartShardId: start }),
      }),
    )
    for (const { ShardId, ParentShardId } of page.StreamDescription?.Shards ?? [])
      if (ShardId !== undefined) shards.push({ id: ShardId, parent: ParentShardId })
    start = page.StreamDescription?.LastEvaluatedShardId
  } while (start !== undefined)
  return shards
}

/** Those that haven't ended and whose parent has, or is trimmed away. */
export const readable = (shards: readonly Shard[], positions: Readonly<Positions>): Shard[] => {
  const open = new Set(shards.map(({ id }) => id).filter((id) => positions[id] !== 'ended'))
  return shards.filter(
    ({ id, parent }) => open.has(id) && !(parent !== undefined && open.has(parent)),
  )
}

/** Where to go on; at the oldest record there is when the position was trimmed away. */
export const iteratorAt = async (
  client: DynamoDBStreamsClient,
  arn: string,
  shard: string,
  position: Positions[string] | undefined,
): Promise<string | undefined> => {
  const ask = { StreamArn: arn, ShardId: shard }
  const horizon = () =>
    client.send(new GetShardIteratorCommand({ ...ask, ShardIteratorType: 'TRIM_HORIZON' }))
  if (position === undefined || position === 'ended') return (await horizon()).ShardIterator
  try {
    const command = new GetShardIteratorCommand({
      ...ask,
      ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
      SequenceNumber: position.after,
    })
    return (await client.send(command)).ShardIterator
  } catch (error) {
    const name = error instanceof Error ? error.name : ''
    if (name !== 'TrimmedDataAccessException' && name !== 'ValidationException') throw error
    return (await horizon()).ShardIterator
  }
}
