/** A queue that keeps events that couldn't be processed, for two weeks. */
import { Duration, type Stack, Validations } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { DestinationConfig, IEventSourceDlq, IFunction } from 'aws-cdk-lib/aws-lambda'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'

export const createDeadLetters = (stack: Stack, name: string): Queue => {
  const queue = new Queue(stack, name, {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  })
  Validations.of(queue).acknowledge({
    id: 'AwsSolutions-SQS3',
    reason:
      'This is a dead-letter queue: an alarm watches it, and nothing reads it that could fail.',
  })
  return queue
}

/** The queue as a function's place for failures. CDK's own may ask the queue for its attributes too. */
export const failuresTo = (queue: Queue) => {
  const destination = (fn: IFunction): { destination: string } => {
    fn.addToRolePolicy(
      new PolicyStatement({
        sid: 'DeadLetters',
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
      }),
    )
    return { destination: queue.queueArn }
  }
  return {
    ofStream: { bind: (_source, fn) => destination(fn) } satisfies IEventSourceDlq,
    ofCalls: { bind: (_scope: unknown, fn: IFunction): DestinationConfig => destination(fn) },
  }
}
