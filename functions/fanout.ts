/** Lambda entry of the table's stream. Reports which record failed, so that the stream goes on from there. */
import { unmarshall } from '@aws-sdk/util-dynamodb'
import type {
  AttributeValue,
  DynamoDBStreamEvent as Event,
  DynamoDBBatchResponse as Reply,
} from 'aws-lambda'
import { parseEnv } from '../shared/env.ts'
import { fanOut } from '../shared/live/fanout.ts'
import { createTelling } from '../shared/service.ts'
import type { Item } from '../shared/store/write.ts'
import { metered } from './events/metered.ts'

const service = createTelling({ env: parseEnv(process.env) })

export const handler = metered(service, async ({ Records }: Event): Promise<Reply> => {
  for (const { dynamodb } of Records) {
    const { pk, sk } = item(dynamodb?.Keys) ?? {}
    try {
      await fanOut(service, {
        key: { pk, sk },
        before: item(dynamodb?.OldImage),
        after: item(dynamodb?.NewImage),
      })
    } catch (error) {
      service.log.error('fan-out failed', error, { item: `${pk} ${sk}` })
      // A stream is in order: what comes after the failed record waits for it.
      return { batchItemFailures: [{ itemIdentifier: dynamodb?.SequenceNumber ?? '' }] }
    }
  }
  return { batchItemFailures: [] }
})

// ---------------------------------------------------------------------------------------------

/** Stream images carry binary values as base64 text; nothing here reads those. */
const item = (image: Record<string, AttributeValue> | undefined): Item | null =>
  image === undefined ? null : unmarshall(image as never)
