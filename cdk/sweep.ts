/** The sweep's clock. The next minute is the best retry, so few are made before a run is given up. */
import { Duration, type Stack } from 'aws-cdk-lib'
import type { Function as Lambda } from 'aws-cdk-lib/aws-lambda'
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations'
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler'
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets'
import { createDeadLetters } from './dead-letters.ts'

export const scheduleSweep = (stack: Stack, fn: Lambda): void => {
  const deadLetters = createDeadLetters(stack, 'SweepDeadLetters')
  const bounds = { retryAttempts: 1, maxEventAge: Duration.minutes(5) }
  // The scheduler only hands the event over: runs that throw are Lambda's to retry and to report.
  fn.configureAsyncInvoke({ ...bounds, onFailure: new SqsDestination(deadLetters) })
  new Schedule(stack, 'SweepSchedule', {
    schedule: ScheduleExpression.rate(Duration.minutes(1)),
    target: new LambdaInvoke(fn, { ...bounds, deadLetterQueue: deadLetters }),
  })
}
