/** The sweep's clock. The next minute is the best retry, so few are made before a run is given up. */
import { Duration, type Stack } from 'aws-cdk-lib'
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { Function as Lambda } from 'aws-cdk-lib/aws-lambda'
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler'
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { createDeadLetters, failuresTo } from './dead-letters.ts'
import { acceptWildcard } from './nag.ts'

/** @returns the queue of the runs that failed. */
export const scheduleSweep = (stack: Stack, fn: Lambda): Queue => {
  const deadLetters = createDeadLetters(stack, 'SweepDeadLetters')
  const bounds = { retryAttempts: 1, maxEventAge: Duration.minutes(5) }
  // The scheduler only hands the event over: runs that throw are Lambda's to retry and to report.
  fn.configureAsyncInvoke({ ...bounds, onFailure: failuresTo(deadLetters).ofCalls })
  const role = new Role(stack, 'SchedulerRole', {
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
    }),
  })
  acceptWildcard(role, `${fn.functionArn}:*`, 'Versions of the sweep: CDK grants them all at once.')
  new Schedule(stack, 'SweepSchedule', {
    schedule: ScheduleExpression.rate(Duration.minutes(1)),
    target: new LambdaInvoke(fn, { ...bounds, role, deadLetterQueue: deadLetters }),
  })
  return deadLetters
}
