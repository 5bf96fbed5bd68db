/** From the table's stream to the fan-out. A batch that fails is halved until the bad record is alone. */
import { Duration, type Stack } from 'aws-cdk-lib'
import type { ITable } from 'aws-cdk-lib/aws-dynamodb'
import {
  FilterCriteria,
  FilterRule,
  type Function as Lambda,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda'
import { DynamoEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { HEARD } from '../shared/store/item-keys.ts'
import { createDeadLetters, failuresTo } from './dead-letters.ts'

/** What sockets and logins write is not worth an invocation. */
const SORT_KEYS = Object.values(HEARD).flatMap<unknown>((pattern) =>
  pattern.endsWith('*') ? FilterRule.beginsWith(pattern.slice(0, -1)) : [pattern],
)

/** @returns the queue of records that failed. */
export const fanOutChanges = (stack: Stack, table: ITable, fn: Lambda): Queue => {
  const deadLetters = createDeadLetters(stack, 'FanoutDeadLetters')
  const source = new DynamoEventSource(table, {
    startingPosition: StartingPosition.TRIM_HORIZON,
    batchSize: 100,
    filters: [FilterCriteria.filter({ dynamodb: { Keys: { sk: { S: SORT_KEYS } } } })],
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
