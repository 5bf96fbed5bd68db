/** From the table's stream to its readers. A batch that fails is halved until the bad record is alone. */
import { Duration, type Stack } from 'aws-cdk-lib'
import type { ITable } from 'aws-cdk-lib/aws-dynamodb'
import { FilterCriteria, type Function as Lambda, StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { DynamoEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { filterOf, type ReaderName } from '../shared/store/heard.ts'
import { createDeadLetters, failuresTo } from './dead-letters.ts'

/** Batches of one shard at the same time: Lambda keeps the order of each item, which is all that subscribers need, and
 * closing needs none. Few, for each takes a part of the account's concurrency. */
const PARALLEL: Readonly<Record<ReaderName, number>> = { close: 2, tell: 4 }

/** Calls a function for what the reader of its name hears of. @returns the queue of records that failed. */
export const readStream = (stack: Stack, table: ITable, fn: Lambda, reader: ReaderName): Queue => {
  const deadLetters = createDeadLetters(stack, `${fn.node.id}DeadLetters`)
  const source = new DynamoEventSource(table, {
    startingPosition: StartingPosition.TRIM_HORIZON,
    batchSize: 100,
    filters: [FilterCriteria.filter(filterOf(reader))],
    parallelizationFactor: PARALLEL[reader],
    bisectBatchOnError: true,
    reportBatchItemFailures: true,
    retryAttempts: 10,
    // After an hour clients have read anew, and a revoked key's socket has ended with its next call.
    maxRecordAge: Duration.hours(1),
    onFailure: failuresTo(deadLetters).ofStream,
  })
  fn.addEventSource(source)
  return deadLetters
}
