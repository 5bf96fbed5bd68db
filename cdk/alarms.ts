/** The alarms: when, what it means, and where docs/operations.md says what to do. */
import { Duration, type Stack } from 'aws-cdk-lib'
import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type MathExpression,
  type Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import { metricsOf, rate, type Watched } from './metrics.ts'

type When = {
  /** One or two sentences for who is woken by it. */
  readonly means: string
  /** Heading in docs/operations.md. Default: the alarm's name. */
  readonly article?: string
  readonly metric: Metric | MathExpression
  /** The alarm goes off at this value and over it; or, with `below`, under that. */
  readonly from?: number
  readonly below?: number
  /** So many of so many periods. Default: one of one. */
  readonly of?: readonly [number, number]
  /** What a period without data means. Default: that all is well. */
  readonly missing?: TreatMissingData
}

export const createAlarms = (stack: Stack, watched: Watched, action: IAlarmAction | null) => {
  const { name } = watched.settings
  const all = { ...whenCalled(watched), ...whenChanged(watched), ...whenAwsFails(watched) }
  return Object.entries<When>(all).map(([id, { article = id, of = [1, 1], ...when }]) => {
    const alarm = new Alarm(stack, id, {
      alarmName: `${name}-${id}`,
      alarmDescription: `${when.means} See docs/operations.md#${article}`,
      metric: when.metric,
      threshold: when.from ?? when.below ?? 1,
      comparisonOperator:
        when.below === undefined
          ? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
          : ComparisonOperator.LESS_THAN_THRESHOLD,
      datapointsToAlarm: of[0],
      evaluationPeriods: of[1],
      treatMissingData: when.missing ?? TreatMissingData.NOT_BREACHING,
    })
    if (action !== null) {
      alarm.addAlarmAction(action)
      alarm.addOkAction(action)
    }
    return alarm
  })
}

// ---------------------------------------------------------------------------------------------

const minutely = { period: Duration.minutes(1) }

/** What clients see. */
const whenCalled = (watched: Watched) => {
  const { functions } = watched.service
  const { ours, http, sockets, slowest, functionsThrottled } = metricsOf(watched)
  const errorsOf = (name: keyof typeof functions): When => ({
    article: 'function-errors',
    means: `Function ${name} throws, runs out of time or out of memory, for 1 % of its calls or more.`,
    metric: rate([functions[name].metricErrors()], [functions[name].metricInvocations()], 5),
  })
  return {
    'errors-introspect': errorsOf('Introspect'),
    'errors-socket': errorsOf('Socket'),
    'errors-http': errorsOf('Http'),
    'http-api-errors': {
      means:
        'The HTTP API answers 1 % of its requests or more with 5xx: devices can not check keys.',
      metric: rate([http('5xx')], [http('Count')], 5),
    },
    'http-api-refusals': {
      means:
        'The HTTP API refuses half of its requests or more: the key by which devices check is dead, or edge and functions do not know each other.',
      metric: rate([http('4xx')], [http('Count')], 20),
      from: 50,
    },
    'socket-api-errors': {
      means:
        'Function Socket refuses or fails 5 % or more of what the socket API hands it: clients do not get in, or get no answers.',
      metric: rate(
        [sockets('IntegrationError'), sockets('ExecutionError')],
        [sockets('MessageCount'), sockets('ConnectCount')],
        20,
      ),
      from: 5,
    },
    'calls-failed': {
      means:
        'Calls over sockets end with an internal error or "the service is busy": 1 % of all frames or more.',
      metric: rate([ours('CallFailed')], [sockets('MessageCount')], 5),
    },
    'calls-slow': {
      means: 'Calls take 20 seconds and more; at 29 API Gateway gives up on them.',
      metric: slowest,
      from: 20_000,
      of: [2, 3],
    },
    'functions-throttled': {
      means: 'Lambda turns calls away: the concurrency of the account or of a function is used up.',
      metric: functionsThrottled,
      from: 10,
    },
    'logins-failed': {
      means: 'Many logins are refused: somebody guesses, or a fleet uses dead keys or passwords.',
      metric: ours('LoginFailed'),
      from: watched.settings.loginFailuresPer5Minutes,
    },
    'keys-exposed': {
      means:
        'Several keys came over plain http or ws and were revoked. If the edge is set up wrongly, every key that is used is lost.',
      metric: ours('KeyExposed'),
      from: 5,
    },
  } satisfies Record<string, When>
}

/** What becomes of changes: sockets and subscribers, expiry. */
const whenChanged = (watched: Watched) => {
  const { functions, deadLetters } = watched.service
  const { ours, iteratorAge } = metricsOf(watched)
  const errorsOf = (name: 'Close' | 'Tell', so: string): When => ({
    article: 'function-errors',
    means: `Function ${name} throws, runs out of time or out of memory: ${so}.`,
    metric: rate([functions[name].metricErrors()], [functions[name].metricInvocations()], 5),
  })
  const lettersOf = (name: keyof typeof deadLetters): When => ({
    article: 'dead-letters',
    means: `Function ${name} gave up on an event, which waits in its dead-letter queue for two weeks.`,
    metric: deadLetters[name].metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' }),
    // A queue without traffic sends nothing, and the letters are still there.
    missing: TreatMissingData.IGNORE,
  })
  return {
    'errors-close': errorsOf('Close', 'sockets of what ended stay open'),
    'errors-tell': errorsOf('Tell', 'subscribers are not told'),
    'dead-letters-close': lettersOf('Close'),
    'dead-letters-tell': lettersOf('Tell'),
    'dead-letters-sweep': lettersOf('Sweep'),
    'close-late': {
      means:
        'Sockets of keys and users that ended stay open for ten seconds and longer, though no call on them passes.',
      metric: ours('CloseLag', 'Maximum').with(minutely),
      from: 10,
      of: [3, 5],
    },
    'tell-late': {
      means: 'Subscribers are told of changes a minute after them and later.',
      metric: ours('TellLag', 'Maximum').with(minutely),
      from: 60,
      of: [3, 5],
    },
    'stream-stuck': {
      means:
        'Changes wait a minute and longer until function Close or Tell gets them: it fails on a change again and again, or is turned away.',
      metric: iteratorAge,
      from: 60_000,
      of: [3, 5],
    },
    'pushes-failed': {
      means: 'Subscribers who are there were not told of changes.',
      metric: ours('PushFailed'),
      from: 10,
    },
    'sweep-failed': {
      means: 'Runs of the sweep fail again and again: items that it can not handle stay due.',
      metric: functions.Sweep.metricErrors(minutely),
      of: [3, 5],
    },
    'sweep-stopped': {
      means:
        'The sweep does not run. Expired keys are refused all the same, but are not marked, and their sockets stay open.',
      metric: functions.Sweep.metricInvocations(),
      below: 1,
      of: [2, 2],
      missing: TreatMissingData.BREACHING,
    },
    'sweep-late': {
      means: 'Items are due for ten minutes and longer, though the sweep runs each minute.',
      metric: ours('SweepLag', 'Maximum').with(minutely),
      from: 600,
      of: [3, 5],
    },
  } satisfies Record<string, When>
}

const whenAwsFails = (watched: Watched) => {
  const { ours, tableThrottled, tableFailed } = metricsOf(watched)
  return {
    'dynamodb-throttled': {
      means: 'DynamoDB throttles reads or writes of the table or its index.',
      metric: tableThrottled,
      from: 10,
    },
    'dynamodb-failing': {
      means: 'DynamoDB answers with errors of its own.',
      metric: tableFailed,
      from: 5,
    },
    'kms-throttled': {
      means: 'KMS throttles: data keys that are not in memory can not be opened in time.',
      metric: ours('KmsThrottled'),
      from: 10,
    },
    'kms-failed': {
      means:
        'KMS does not open data keys: checks and logins fail wherever none is in memory, after 15 minutes everywhere.',
      metric: ours('KmsFailed'),
      from: 3,
    },
  } satisfies Record<string, When>
}
