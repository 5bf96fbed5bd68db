/** Records as the DynamoDB Streams client reads them, turned into the event that Lambda gives a
 * function, and what the function said about it. */
import type { AttributeValue, _Record as StreamRecord } from '@aws-sdk/client-dynamodb-streams'
import { z } from 'zod'
import type { Outcome } from './lambda.ts'

export const streamEvent = (arn: string, records: readonly StreamRecord[]) => ({
  Records: records.map((record) => {
    const { dynamodb: change = {} } = record
    const { Keys, NewImage, OldImage, ApproximateCreationDateTime: at } = change
    return {
      eventID: record.eventID,
      eventName: record.eventName,
      eventVersion: record.eventVersion,
      eventSource: 'aws:dynamodb',
      awsRegion: record.awsRegion,
      dynamodb: {
        ...(at !== undefined && { ApproximateCreationDateTime: Math.floor(at.getTime() / 1000) }),
        ...(Keys && { Keys: imageOf(Keys) }),
        ...(NewImage && { NewImage: imageOf(NewImage) }),
        ...(OldImage && { OldImage: imageOf(OldImage) }),
        SequenceNumber: change.SequenceNumber,
        SizeBytes: change.SizeBytes,
        StreamViewType: change.StreamViewType,
      },
      // Present on what TTL deleted.
      ...(record.userIdentity && {
        userIdentity: {
          type: record.userIdentity.Type,
          principalId: record.userIdentity.PrincipalId,
        },
      }),
      eventSourceARN: arn,
    }
  }),
})

/** How far a batch got: `upTo` records are done; null if all are. */
export const progressOf = (
  outcome: Outcome,
  records: readonly StreamRecord[],
): { upTo: number; known: boolean } | null => {
  if (outcome.kind !== 'returned') return { upTo: 0, known: false }
  const answer = Answer.safeParse(outcome.value ?? {})
  if (!answer.success) return { upTo: 0, known: false }
  const failed = (answer.data.batchItemFailures ?? []).map(({ itemIdentifier }) =>
    records.findIndex((record) => record.dynamodb?.SequenceNumber === itemIdentifier),
  )
  if (failed.length === 0) return null
  // As in Lambda: the first that failed is the checkpoint; an unknown one fails the whole batch.
  const upTo = Math.max(0, Math.min(...failed))
  return { upTo, known: !failed.includes(-1) }
}

// ---------------------------------------------------------------------------------------------

const Answer = z.looseObject({
  batchItemFailures: z
    .array(z.object({ itemIdentifier: z.string().nullable().default('') }))
    .nullish(),
})

/** DynamoDB's JSON, where binary is base64. */
const imageOf = (image: Record<string, AttributeValue>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(image).map(([name, value]) => [name, plainOf(value)]))

const plainOf = (value: AttributeValue): unknown => {
  if (value.B !== undefined) return { B: base64(value.B) }
  if (value.BS !== undefined) return { BS: value.BS.map(base64) }
  if (value.L !== undefined) return { L: value.L.map(plainOf) }
  if (value.M !== undefined) return { M: imageOf(value.M) }
  return value
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
