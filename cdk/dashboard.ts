/** One screen for who is on call: what clients see, what becomes of changes, what AWS says. */
import type { Stack } from 'aws-cdk-lib'
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  MathExpression,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch'
import { metricsOf, type Watched } from './metrics.ts'

export const createDashboard = (stack: Stack, watched: Watched, alarms: Alarm[]): void => {
  new Dashboard(stack, 'Dashboard', {
    // Dashboards are the account's, not a Region's: two of a name would be one.
    dashboardName: `${watched.settings.name}-${stack.region}`,
    widgets: [
      [new AlarmStatusWidget({ title: 'Alarms', alarms, width: WIDTH, height: 4 })],
      [heading('Checks: introspection, tokens, questions of gateways')],
      checks(watched),
      [heading('Sockets and logins')],
      sockets(watched),
      [
        heading(
          'Changes: one reader of the stream closes what ended, one tells; the sweep makes what is due',
        ),
      ],
      changes(watched),
      [heading('Limits: what was turned away, and might have been let in')],
      limits(watched),
      [heading('AWS: the table, KMS, Lambda')],
      platform(watched),
    ],
  })
}

// ---------------------------------------------------------------------------------------------

/** Of a dashboard, in its own units. */
const WIDTH = 24

const heading = (markdown: string): IWidget =>
  new TextWidget({ markdown: `## ${markdown}`, width: WIDTH, height: 1 })

/** A row of these fills the screen. */
const graph = (title: string, left: IMetric[], right: IMetric[] = []): IWidget =>
  new GraphWidget({
    title,
    left,
    right,
    width: WIDTH / 4,
    height: 5,
    leftYAxis: { min: 0 },
    rightYAxis: { min: 0 },
  })

const perSecond = (label: string, counted: IMetric): IMetric =>
  new MathExpression({
    label,
    expression: 'counted / PERIOD(counted)',
    usingMetrics: { counted },
  })

const checks = (watched: Watched): IWidget[] => {
  const { http } = metricsOf(watched)
  const { Introspect } = watched.service.functions
  return [
    graph('Checks a second', [perSecond('checks', Introspect.metricInvocations())]),
    graph('Milliseconds of a check', [
      Introspect.metricDuration({ statistic: 'p50', label: 'p50' }),
      Introspect.metricDuration({ statistic: 'p99', label: 'p99' }),
    ]),
    graph('HTTP: refused and failed', [
      http('4xx').with({ label: '4xx: refused' }),
      http('5xx').with({ label: '5xx: failed' }),
    ]),
    graph('HTTP: milliseconds, gateway included', [
      http('Latency', 'p50').with({ label: 'p50' }),
      http('Latency', 'p99').with({ label: 'p99' }),
    ]),
  ]
}

const sockets = (watched: Watched): IWidget[] => {
  const { ours, sockets: api } = metricsOf(watched)
  return [
    graph(
      'Frames a second, and new sockets',
      [perSecond('frames', api('MessageCount'))],
      [api('ConnectCount').with({ label: 'new sockets' })],
    ),
    graph('Milliseconds of a call', [
      api('IntegrationLatency', 'p50').with({ label: 'p50' }),
      api('IntegrationLatency', 'p99').with({ label: 'p99' }),
    ]),
    graph('Logins', [
      ours('LoginSucceeded').with({ label: 'succeeded' }),
      ours('LoginFailed').with({ label: 'refused' }),
    ]),
    graph('What failed, and was refused', [
      ours('CallFailed').with({ label: 'calls answered with an error of ours' }),
      ours('CallsLimited').with({ label: 'calls over their tenant’s limit' }),
      api('IntegrationError').with({ label: 'refused or failed by the function' }),
      api('ExecutionError').with({ label: 'function not reached' }),
      api('ClientError').with({ label: 'refused by the gateway' }),
    ]),
  ]
}

const changes = (watched: Watched): IWidget[] => {
  const { ours, iteratorAge } = metricsOf(watched)
  const { functions, deadLetters } = watched.service
  return [
    graph(
      'Keys, and the sweep',
      [
        ours('KeyExpired').with({ label: 'expired' }),
        ours('KeyExposed').with({ label: 'revoked: used in clear' }),
        functions.Sweep.metricInvocations({ label: 'runs of the sweep' }),
      ],
      [ours('SweepLag', 'Maximum').with({ label: 'seconds overdue' })],
    ),
    graph(
      'Closing and telling: seconds after the change',
      [
        ours('CloseLag', 'Maximum').with({ label: 'closed' }),
        ours('TellLag', 'Maximum').with({ label: 'told' }),
      ],
      [ours('PushFailed').with({ label: 'not told' })],
    ),
    graph('Changes that wait for a reader', [iteratorAge]),
    graph(
      'Dead letters',
      Object.entries(deadLetters).map(([label, queue]) =>
        queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', label }),
      ),
    ),
  ]
}

/** A graph for each of the service's own limits; the last one has those of what it runs on. */
const limits = (watched: Watched): IWidget[] => {
  const { ours, sockets: api, functionsThrottled } = metricsOf(watched)
  const refused = { label: 'refused' }
  return [
    graph('Checks over their device’s or tenant’s limit', [ours('ChecksLimited').with(refused)]),
    graph('Calls over their tenant’s limit', [ours('CallsLimited').with(refused)]),
    graph('Calls before login over their address’s limit', [ours('RateLimited').with(refused)]),
    graph(
      'Busy: the queue before the table, connections, functions',
      [
        ours('QueueRefused').with({ label: 'requests that the queue refused' }),
        ours('CallFailed').with({ label: 'calls and handshakes that were refused so, or failed' }),
        api('ClientError').with({ label: 'connections and frames over the gateway’s limit' }),
        functionsThrottled.with({ label: 'calls that found no function' }),
      ],
      [ours('QueueWait', 'Maximum').with({ label: 'seconds in the queue, the longest' })],
    ),
  ]
}

const platform = (watched: Watched): IWidget[] => {
  const { ours, table, tableThrottled, tableFailed, functionsThrottled } = metricsOf(watched)
  const functions = Object.entries(watched.service.functions)
  return [
    graph('Table: units consumed', [
      table('ConsumedReadCapacityUnits').with({ label: 'read' }),
      table('ConsumedWriteCapacityUnits').with({ label: 'written' }),
    ]),
    graph('Throttles and failures', [
      tableThrottled.with({ label: 'DynamoDB throttles' }),
      tableFailed.with({ label: 'DynamoDB fails' }),
      ours('KmsThrottled').with({ label: 'KMS throttles' }),
      ours('KmsFailed').with({ label: 'KMS fails' }),
    ]),
    graph(
      'Functions: at once',
      functions.map(([label, fn]) =>
        fn.metric('ConcurrentExecutions', { statistic: 'Maximum', label }),
      ),
      [functionsThrottled],
    ),
    graph(
      'Functions: errors',
      functions.map(([label, fn]) => fn.metricErrors({ label })),
    ),
  ]
}
