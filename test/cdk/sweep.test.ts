import { Match } from 'aws-cdk-lib/assertions'
import { beforeAll, test } from 'vitest'
import { type Synthesised, synth } from './synth.ts'

let stack: Synthesised
beforeAll(() => {
  stack = synth()
})

const sweep = Match.stringLikeRegexp('^Sweep[0-9A-F]{8}$')
const deadLetters = { 'Fn::GetAtt': [Match.stringLikeRegexp('^SweepDeadLetters'), 'Arn'] }

test('runs every minute; what cannot be handed over is retried once, then kept', () => {
  stack.service.hasResourceProperties('AWS::Scheduler::Schedule', {
    ScheduleExpression: 'rate(1 minute)',
    State: 'ENABLED',
    Target: {
      Arn: { 'Fn::GetAtt': [sweep, 'Arn'] },
      RetryPolicy: { MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 300 },
      DeadLetterConfig: { Arn: deadLetters },
    },
  })
})

test('a run that fails is retried once, then kept', () => {
  stack.service.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
    FunctionName: { Ref: sweep },
    MaximumRetryAttempts: 1,
    MaximumEventAgeInSeconds: 300,
    DestinationConfig: { OnFailure: { Destination: deadLetters } },
  })
})

test('dead letters are encrypted and stay for two weeks', () => {
  stack.service.allResourcesProperties('AWS::SQS::Queue', {
    SqsManagedSseEnabled: true,
    MessageRetentionPeriod: 14 * 24 * 3600,
  })
})
