/** From Lambda's batch of a table's stream to a reader of changes, and back to where the batch is to go on from. */
import { unmarshall } from '@aws-sdk/util-dynamodb'
import type {
  AttributeValue,
  Context,
  DynamoDBRecord,
  DynamoDBStreamEvent as Event,
  DynamoDBBatchResponse as Reply,
} from 'aws-lambda'
import type { Change, inRounds } from '../../shared/live/rounds.ts'
import type { Metrics } from '../../shared/metrics.ts'
import type { Item } from '../../shared/store/write.ts'
import { metered } from './metered.ts'
import { namedRun } from './named.ts'

/** @returns the function's handler. A stream is in order: what comes after the first record that isn't done waits for it. */
export const readStream = <S extends { metrics: Metrics }>(
  service: S,
  read: (service: S, changes: Change[], timeLeft: () => number) => ReturnType<typeof inRounds>,
) =>
  metered(
    service,
    namedRun(async ({ Records }: Event, context: Run): Promise<Reply> => {
      const changes = Records.map(changeOf)
      const undone = await read(service, changes, () => context.getRemainingTimeInMillis())
      if (undone === null) return { batchItemFailures: [] }
      const { SequenceNumber = '' } = Records[undone]?.dynamodb ?? {}
      return { batchItemFailures: [{ itemIdentifier: SequenceNumber }] }
    }),
  )

// ---------------------------------------------------------------------------------------------

type Run = Pick<Context, 'getRemainingTimeInMillis'> & Partial<Pick<Context, 'awsRequestId'>>

const changeOf = ({ dynamodb }: DynamoDBRecord): Change => {
  const { ApproximateCreationDateTime: seconds } = dynamodb ?? {}
  const { pk, sk } = item(dynamodb?.Keys) ?? {}
  return {
    key: { pk, sk },
    before: item(dynamodb?.OldImage),
    after: item(dynamodb?.NewImage),
    ...(seconds !== undefined && { at: seconds * 1000 }),
  }
}

/** Stream images carry binary values as base64 text; nothing here reads those. */
const item = (image: Record<string, AttributeValue> | undefined): Item | null =>
  image === undefined ? null : unmarshall(image as never)
