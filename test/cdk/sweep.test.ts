import { Match } from 'aws-cdk-lib/assertions'
import { beforeAll, expect, test } from 'vitest'
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

test('the scheduler may call it, and put what it could not hand over into the queue: no more', () => {
  const [{ Properties } = { Properties: {} }] = Object.values(
    stack.service.findResources('AWS::Scheduler::Schedule'),
  )
  const role = stack.text(Properties.Target.RoleArn).replace('.Arn', '')
  const resources = stack.service.toJSON().Resources as Record<string, Resource>
  const [trusted] = Object.entries(resources)
    .filter(([id, { Type }]) => Type === 'AWS::IAM::Role' && id.startsWith(role))
    .map(([, { Properties }]) => Properties.AssumeRolePolicyDocument.Statement)
  expect(trusted).toEqual([
    expect.objectContaining({
      Action: 'sts:AssumeRole',
      Principal: { Service: 'scheduler.amazonaws.com' },
    }),
  ])
  const statements = Object.values(resources)
    .filter(
      ({ Type, Properties }) =>
        Type === 'AWS::IAM::Policy' && stack.text(Properties.Roles) === role,
    )
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .map(({ Action, Resource }) => [Action, [Resource].flat().map(stack.text)])
  expect(statements).toEqual(
    expect.arrayContaining([
      ['lambda:InvokeFunction', ['Sweep.Arn', 'Sweep.Arn:*']],
      ['sqs:SendMessage', ['SweepDeadLetters.Arn']],
    ]),
  )
  expect(statements).toHaveLength(2)
})

// biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own, of any shape.
type Resource = { readonly Type: string; readonly Properties: any }
