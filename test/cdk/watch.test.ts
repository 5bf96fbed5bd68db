import { Match } from 'aws-cdk-lib/assertions'
import { beforeAll, describe, expect, test } from 'vitest'
import { METRICS } from '../../shared/metrics.ts'
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
  readonly TreatMissingData: string
  readonly Metrics?: { MetricStat?: { Metric: RawMetric }; Expression?: string }[]
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
/** `Namespace MetricName of Name=Value`, for each dimension of each metric that an alarm is about. */
const watched = (of = stack): string[] =>
  alarmsOf(of)
    .flatMap(metricsOf)
    .flatMap(({ Namespace, MetricName, Dimensions = [] }) =>
      Dimensions.map(
        ({ Name, Value }) => `${Namespace} ${MetricName} of ${Name}=${of.text(Value)}`,
      ),
    )
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
    const written = [...section.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading)
    const named = alarmsOf(stack).map(({ AlarmDescription: text }) => article.exec(text)?.[1])
    expect(written.length).toBeGreaterThan(0)
    expect([...new Set(named)].sort()).toEqual(written.sort())
  })
})

describe('what is watched', () => {
  test.each(FUNCTIONS)('function %s: its errors, and calls that are turned away', (name) => {
    for (const metric of ['Errors', 'Throttles'])
      expect(watched()).toContain(`AWS/Lambda ${metric} of FunctionName=KeyharborService.${name}`)
  })

  test('each dead-letter queue, also when it is idle', () => {
    const queues = Object.keys(stack.service.findResources('AWS::SQS::Queue'))
    expect(queues).toHaveLength(2)
    for (const name of ['Fanout', 'Sweep']) {
      const queue = `KeyharborService.${name}DeadLetters.QueueName`
      expect(watched()).toContain(
        `AWS/SQS ApproximateNumberOfMessagesVisible of QueueName=${queue}`,
      )
      expect(alarm(`Keyharbor-dead-letters-${name.toLowerCase()}`)).toMatchObject({
        Threshold: 1,
        TreatMissingData: 'ignore',
      })
    }
  })

  test('each API, the table and its index', () => {
    expect(alarmsOf(stack)).toHaveLength(23)
    expect(watched()).toEqual(
      expect.arrayContaining([
        'AWS/ApiGateway 5xx of ApiId=KeyharborService.HttpApi',
        'AWS/ApiGateway IntegrationError of ApiId=KeyharborService.SocketApi',
        'AWS/DynamoDB WriteThrottleEvents of TableName=Table',
        'AWS/DynamoDB WriteThrottleEvents of GlobalSecondaryIndexName=expiry',
        'AWS/DynamoDB SystemErrors of Operation=TransactWriteItems',
      ]),
    )
  })

  test('a sweep that does not run at all', () => {
    expect(alarm('Keyharbor-sweep-stopped')).toMatchObject({
      MetricName: 'Invocations',
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    })
  })

  test('of our own metrics those that there are, as the functions name them', () => {
    const ours = alarmsOf(stack)
      .flatMap(metricsOf)
      .filter(({ Namespace }) => Namespace === 'Keyharbor')
    expect(ours.length).toBeGreaterThan(0)
    for (const { MetricName, Dimensions } of ours) {
      expect(Object.keys(METRICS)).toContain(MetricName)
      expect(Dimensions).toEqual([
        { Name: 'service', Value: stack.environment('Socket').KEYHARBOR_DEPLOYMENT },
      ])
    }
    const shown = dashboard()
      .widgets.flatMap(({ properties }) => properties.metrics ?? [])
      .filter(([namespace]) => namespace === 'Keyharbor')
      .map(([, name]) => name)
    // What nobody looks at is not worth its price.
    expect(new Set([...ours.map(({ MetricName }) => MetricName), ...shown])).toEqual(
      new Set(Object.keys(METRICS)),
    )
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
  expect(watched(second)).toContain('Keyharbor LoginFailed of service=Second')
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
