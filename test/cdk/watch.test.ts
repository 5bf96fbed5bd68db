import { Match } from 'aws-cdk-lib/assertions'
import { beforeAll, describe, expect, test } from 'vitest'
import { DIMENSION, METRICS, NAMESPACE } from '../../shared/metrics.ts'
import { FUNCTIONS, read, type Synthesised, synth } from './synth.ts'

let stack: Synthesised
beforeAll(() => {
  stack = synth()
})

type Dimension = { readonly Name: string; readonly Value: unknown }
type RawMetric = {
  readonly Namespace: string
  readonly MetricName: string
  readonly Dimensions?: Dimension[]
}
type Alarm = RawMetric & {
  readonly AlarmName: string
  readonly AlarmDescription: string
  readonly AlarmActions?: unknown[]
  readonly OKActions?: unknown[]
  readonly Threshold: number
  readonly ComparisonOperator: string
  readonly DatapointsToAlarm: number
  readonly EvaluationPeriods: number
  readonly TreatMissingData: string
  readonly Statistic: string
  readonly Period: number
  readonly Metrics?: {
    MetricStat?: { Metric: RawMetric; Stat: string; Period: number }
    Expression?: string
  }[]
}

const alarmsOf = (of: Synthesised): Alarm[] =>
  Object.values(of.watch.findResources('AWS::CloudWatch::Alarm')).map(
    ({ Properties }) => Properties,
  )
const alarm = (name: string, of = stack): Alarm => {
  const found = alarmsOf(of).find(({ AlarmName }) => AlarmName === name)
  if (found === undefined) throw new Error(`there is no alarm ${name}`)
  return found
}
const metricsOf = ({ Metrics, ...single }: Alarm): RawMetric[] =>
  Metrics?.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []) ?? [single]
const dashboard = (of = stack) => {
  const [board] = Object.values(of.watch.findResources('AWS::CloudWatch::Dashboard'))
  return JSON.parse(of.text(board?.Properties.DashboardBody)) as {
    widgets: { width: number; x: number; y: number; properties: { metrics?: unknown[][] } }[]
  }
}

describe('what an alarm says', () => {
  const article = /^.+\. See docs\/operations\.md#([a-z0-9-]+)$/

  test('is what it means, and which article says what to do', () => {
    for (const { AlarmName, AlarmDescription } of alarmsOf(stack)) {
      expect(AlarmDescription, AlarmName).toMatch(article)
      expect(AlarmDescription.length).toBeLessThan(1024)
    }
  })

  test('has its article, and there is no article without an alarm', () => {
    const [, alarms = ''] = read('docs', 'operations.md').split(/^## Alarms$/m)
    const [section = ''] = alarms.split(/^## /m)
    const articles = section.split(/^### /m).slice(1)
    const written = articles.map((text) => text.split('\n')[0])
    const named = alarmsOf(stack).map(({ AlarmDescription: text }) => article.exec(text)?.[1])
    expect(
      written.sort(),
      'under "## Alarms" of docs/operations.md each alarm has "### " and its name, or that of its `article`',
    ).toEqual([...new Set(named)].sort())
    for (const text of articles) expect(text.trim(), 'an article says what to do').toContain('\n')
  })
})

/**
 * Each alarm: at which value, in how many periods if it isn't one of five minutes, what silence means if that isn't that
 * all is well; then what it looks at, and `%` for a share.
 */
const ALARMS: Readonly<Record<string, readonly string[]>> = {
  'calls-failed': [
    'from 1 %',
    'Sum of Keyharbor CallFailed of Keyharbor',
    'Sum of AWS/ApiGateway MessageCount of SocketApi api',
  ],
  'calls-slow': [
    'from 20000, 2 of 3 x 300 s',
    'Maximum of AWS/Lambda Duration of Introspect',
    'Maximum of AWS/Lambda Duration of Socket',
    'Maximum of AWS/Lambda Duration of Http',
  ],
  'close-late': ['from 10, 3 of 5 x 60 s', 'Maximum of Keyharbor CloseLag of Keyharbor'],
  'dead-letters-close': [
    'from 1, without data ignore',
    'Maximum of AWS/SQS ApproximateNumberOfMessagesVisible of CloseDeadLetters.QueueName',
  ],
  'dead-letters-sweep': [
    'from 1, without data ignore',
    'Maximum of AWS/SQS ApproximateNumberOfMessagesVisible of SweepDeadLetters.QueueName',
  ],
  'dead-letters-tell': [
    'from 1, without data ignore',
    'Maximum of AWS/SQS ApproximateNumberOfMessagesVisible of TellDeadLetters.QueueName',
  ],
  'dynamodb-failing': [
    'from 5',
    'Sum of AWS/DynamoDB SystemErrors of BatchGetItem Table',
    'Sum of AWS/DynamoDB SystemErrors of Query Table',
    'Sum of AWS/DynamoDB SystemErrors of UpdateItem Table',
    'Sum of AWS/DynamoDB SystemErrors of TransactWriteItems Table',
  ],
  'dynamodb-throttled': [
    'from 10',
    'Sum of AWS/DynamoDB ReadThrottleEvents of Table',
    'Sum of AWS/DynamoDB WriteThrottleEvents of Table',
    'Sum of AWS/DynamoDB ReadThrottleEvents of expiry Table',
    'Sum of AWS/DynamoDB WriteThrottleEvents of expiry Table',
  ],
  'errors-close': [
    'from 1 %',
    'Sum of AWS/Lambda Errors of Close',
    'Sum of AWS/Lambda Invocations of Close',
  ],
  'errors-http': [
    'from 1 %',
    'Sum of AWS/Lambda Errors of Http',
    'Sum of AWS/Lambda Invocations of Http',
  ],
  'errors-introspect': [
    'from 1 %',
    'Sum of AWS/Lambda Errors of Introspect',
    'Sum of AWS/Lambda Invocations of Introspect',
  ],
  'errors-socket': [
    'from 1 %',
    'Sum of AWS/Lambda Errors of Socket',
    'Sum of AWS/Lambda Invocations of Socket',
  ],
  'errors-tell': [
    'from 1 %',
    'Sum of AWS/Lambda Errors of Tell',
    'Sum of AWS/Lambda Invocations of Tell',
  ],
  'functions-throttled': [
    'from 10',
    'Sum of AWS/Lambda Throttles of Socket',
    'Sum of AWS/Lambda Throttles of Introspect',
    'Sum of AWS/Lambda Throttles of Http',
    'Sum of AWS/Lambda Throttles of Close',
    'Sum of AWS/Lambda Throttles of Tell',
    'Sum of AWS/Lambda Throttles of Sweep',
  ],
  'http-api-errors': [
    'from 1 %',
    'Sum of AWS/ApiGateway 5xx of HttpApi $default',
    'Sum of AWS/ApiGateway Count of HttpApi $default',
  ],
  'http-api-refusals': [
    'from 50 %',
    'Sum of AWS/ApiGateway 4xx of HttpApi $default',
    'Sum of AWS/ApiGateway Count of HttpApi $default',
  ],
  'keys-exposed': ['from 5', 'Sum of Keyharbor KeyExposed of Keyharbor'],
  'kms-failed': ['from 3', 'Sum of Keyharbor KmsFailed of Keyharbor'],
  'kms-throttled': ['from 10', 'Sum of Keyharbor KmsThrottled of Keyharbor'],
  'logins-failed': ['from 100', 'Sum of Keyharbor LoginFailed of Keyharbor'],
  'pushes-failed': ['from 10', 'Sum of Keyharbor PushFailed of Keyharbor'],
  'socket-api-errors': [
    'from 5 %',
    'Sum of AWS/ApiGateway IntegrationError of SocketApi api',
    'Sum of AWS/ApiGateway ExecutionError of SocketApi api',
    'Sum of AWS/ApiGateway MessageCount of SocketApi api',
    'Sum of AWS/ApiGateway ConnectCount of SocketApi api',
  ],
  'sweep-failed': ['from 1, 3 of 5 x 60 s', 'Sum of AWS/Lambda Errors of Sweep'],
  'sweep-late': ['from 600, 3 of 5 x 60 s', 'Maximum of Keyharbor SweepLag of Keyharbor'],
  'stream-stuck': [
    'from 60000, 3 of 5 x 60 s',
    'Maximum of AWS/Lambda IteratorAge of Close',
    'Maximum of AWS/Lambda IteratorAge of Tell',
  ],
  'sweep-stopped': [
    'below 1, 2 of 2 x 300 s, without data breaching',
    'Sum of AWS/Lambda Invocations of Sweep',
  ],
  'tell-late': ['from 60, 3 of 5 x 60 s', 'Maximum of Keyharbor TellLag of Keyharbor'],
}

const alarmText = ({ Metrics, ...one }: Alarm): string[] => {
  const stats = Metrics?.flatMap(({ MetricStat }) => MetricStat ?? []) ?? [
    { Metric: one, Stat: one.Statistic, Period: one.Period },
  ]
  const often = `, ${one.DatapointsToAlarm} of ${one.EvaluationPeriods} x ${stats[0]?.Period} s`
  const silence = `, without data ${one.TreatMissingData}`
  const isShare = Metrics?.some(({ Expression }) => Expression?.startsWith('IF')) ?? false
  return [
    `${one.ComparisonOperator === 'LessThanThreshold' ? 'below' : 'from'} ${one.Threshold}` +
      (isShare ? ' %' : '') +
      (often === ', 1 of 1 x 300 s' ? '' : often) +
      (one.TreatMissingData === 'notBreaching' ? '' : silence),
    ...stats.map(({ Metric: { Namespace, MetricName, Dimensions = [] }, Stat }) => {
      const of = Dimensions.map(({ Value }) => stack.text(Value).replace('KeyharborService.', ''))
      return `${Stat} of ${Namespace} ${MetricName} of ${of.join(' ')}`
    }),
  ]
}

describe('what is watched', () => {
  test('by each alarm is what its row says', () => {
    const found = alarmsOf(stack).map((one) => [one.AlarmName.slice(10), alarmText(one)])
    expect(
      Object.fromEntries(found),
      'each alarm of cdk/alarms.ts has a row in ALARMS of test/cdk/watch.test.ts',
    ).toEqual(ALARMS)
  })

  test.each(FUNCTIONS)('function %s: its errors, and calls that are turned away', (name) => {
    for (const metric of ['Errors', 'Throttles'])
      expect(Object.values(ALARMS).flat()).toContain(`Sum of AWS/Lambda ${metric} of ${name}`)
  })

  test('of our own metrics those that there are, as the functions name them', () => {
    const ours = alarmsOf(stack)
      .flatMap(metricsOf)
      .filter(({ Namespace }) => Namespace === 'Keyharbor')
    expect(ours.length).toBeGreaterThan(0)
    for (const { MetricName, Dimensions } of ours) {
      expect(Object.keys(METRICS), 'METRICS of shared/metrics.ts has it').toContain(MetricName)
      expect(Dimensions).toEqual([
        { Name: 'service', Value: stack.environment('Socket').KEYHARBOR_DEPLOYMENT },
      ])
    }
    const shown = dashboard()
      .widgets.flatMap(({ properties }) => properties.metrics ?? [])
      .filter(([namespace]) => namespace === 'Keyharbor')
      .map(([, name]) => name)
    // What nobody looks at is not worth its price.
    const todo = 'each of METRICS has an alarm of cdk/alarms.ts or a line of cdk/dashboard.ts'
    const seen = new Set([...ours.map(({ MetricName }) => MetricName), ...shown])
    expect(seen, todo).toEqual(new Set(Object.keys(METRICS)))
  })
})

describe('a rate', () => {
  /** CloudWatch's expression as JavaScript: the same but for its functions. */
  const errors = (failed0: number, all0: number): number => {
    const expression = alarm('Keyharbor-errors-socket').Metrics?.find(
      ({ Expression }) => Expression !== undefined,
    )?.Expression
    const IF = (is: boolean, then: number, otherwise: number) => (is ? then : otherwise)
    const evaluate = new Function('IF', 'FILL', 'failed0', 'all0', `return ${expression}`)
    return evaluate(IF, (value: number) => value, failed0, all0)
  }

  test('is none while few failed, whatever their share', () => {
    expect(errors(3, 3)).toBe(0)
    expect(errors(5, 5)).toBe(100)
    expect(errors(5, 10_000)).toBeLessThan(alarm('Keyharbor-errors-socket').Threshold)
    expect(errors(200, 10_000)).toBeGreaterThan(alarm('Keyharbor-errors-socket').Threshold)
  })
})

describe('who hears of an alarm, and of its end', () => {
  const heard = (of: Synthesised): string[] => [
    ...new Set(
      alarmsOf(of).map(({ AlarmActions = [], OKActions = [] }) =>
        JSON.stringify([AlarmActions.map(of.text), OKActions.map(of.text)]),
      ),
    ),
  ]

  test('nobody by default: alarms only show', () => {
    expect(heard(stack)).toEqual(['[[],[]]'])
    stack.watch.resourceCountIs('AWS::SNS::Topic', 0)
  })

  test('an address, by a topic that is encrypted and that CloudWatch may use', () => {
    const mailed = synth({ alarmEmail: 'ops@example.com' })
    expect(heard(mailed)).toEqual(['[["AlarmTopic"],["AlarmTopic"]]'])
    mailed.watch.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'ops@example.com',
    })
    mailed.watch.hasResourceProperties('AWS::SNS::Topic', {
      KmsMasterKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^AlarmKey'), 'Arn'] },
    })
    const mayBeUsed = (action: unknown) =>
      Match.arrayWith([
        Match.objectLike({
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: action,
        }),
      ])
    mailed.watch.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: { Statement: mayBeUsed('sns:Publish') },
    })
    mailed.watch.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: { Statement: mayBeUsed(['kms:Decrypt', 'kms:GenerateDataKey*']) },
    })
  })

  test('a topic that there is', () => {
    const alarmTopicArn = 'arn:aws:sns:eu-central-1:111122223333:pager'
    const paged = synth({ alarmTopicArn })
    expect(heard(paged)).toEqual([JSON.stringify([[alarmTopicArn], [alarmTopicArn]])])
    paged.watch.resourceCountIs('AWS::SNS::Topic', 0)
  })
})

test('how many refused logins are too many is a setting', () => {
  const quiet = synth({ loginFailuresPer5Minutes: 7 })
  expect(alarm('Keyharbor-logins-failed', quiet).Threshold).toBe(7)
})

test('another deployment in the account has alarms and metrics of its own', () => {
  const second = synth({ name: 'Second' })
  const names = new Set(alarmsOf(second).map(({ AlarmName }) => AlarmName.split('-')[0]))
  expect(names).toEqual(new Set(['Second']))
  const ours = alarmsOf(second)
    .flatMap(metricsOf)
    .filter(({ Namespace }) => !Namespace.startsWith('AWS/'))
  for (const { Namespace, Dimensions } of ours)
    expect([Namespace, Dimensions]).toEqual([NAMESPACE, [{ Name: DIMENSION, Value: 'Second' }]])
  expect(second.environment('Socket').KEYHARBOR_DEPLOYMENT).toBe('Second')
})

test('nothing depends on being watched', () => {
  for (const of of [stack.stacks.data, stack.stacks.service])
    expect(of.dependencies).not.toContain(stack.stacks.watch)
})

test('the dashboard fits the screen, row by row', () => {
  const widths = new Map<number, number>()
  for (const { y, width } of dashboard().widgets) widths.set(y, (widths.get(y) ?? 0) + width)
  expect([...new Set(widths.values())]).toEqual([24])
})

test('saved queries look into the logs of all functions', () => {
  const queries = Object.values(stack.watch.findResources('AWS::Logs::QueryDefinition'))
  expect(queries.length).toBeGreaterThan(0)
  for (const { Properties } of queries)
    expect(Properties.LogGroupNames.map(stack.text)).toEqual(
      FUNCTIONS.map((name) => `KeyharborService.${name}Log`),
    )
})
