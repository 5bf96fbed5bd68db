/** The metrics that the alarms and the dashboard look at: ours (`shared/metrics.ts`) and AWS's own. */
import { Duration } from 'aws-cdk-lib'
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { DIMENSION, type MetricName, NAMESPACE } from '../shared/metrics.ts'
import { TABLE } from '../shared/store/table.ts'
import type { Data } from './data.ts'
import type { Service } from './service.ts'
import type { Settings } from './settings.ts'

/** What is watched. */
export type Watched = {
  readonly settings: Settings
  readonly data: Data
  readonly service: Service
}

export const metricsOf = ({ settings, data, service }: Watched) => {
  const { functions, httpApi, socketApi } = service
  const table = (metricName: string, more: Record<string, string> = {}): Metric =>
    new Metric({
      namespace: 'AWS/DynamoDB',
      metricName,
      dimensionsMap: { TableName: data.table.tableName, ...more },
      statistic: 'Sum',
    })
  const index = (metricName: string): Metric =>
    table(metricName, { GlobalSecondaryIndexName: TABLE.expiryIndex.name })

  return {
    ours: (metricName: MetricName, statistic = 'Sum'): Metric =>
      new Metric({
        namespace: NAMESPACE,
        metricName,
        dimensionsMap: { [DIMENSION]: settings.name },
        statistic,
      }),
    table,
    http: (metricName: string, statistic = 'Sum'): Metric =>
      httpApi.stage.metric(metricName, { statistic }),
    sockets: (metricName: string, statistic = 'Sum'): Metric =>
      socketApi.stage.metric(metricName, { statistic }),

    functionsThrottled: sum(
      'function',
      'calls turned away',
      Object.values(functions).map((fn) => fn.metricThrottles()),
    ),
    /** The table's and its index's, which holds up the table when it can't follow. */
    tableThrottled: sum('throttled', 'throttles', [
      table('ReadThrottleEvents'),
      table('WriteThrottleEvents'),
      index('ReadThrottleEvents'),
      index('WriteThrottleEvents'),
    ]),
    tableFailed: sum(
      'failed',
      'errors of DynamoDB',
      OPERATIONS.map((Operation) => table('SystemErrors', { Operation })),
    ),
    /** Milliseconds that the oldest change has waited for a reader of the stream: seen also where that does nothing. */
    iteratorAge: new MathExpression({
      label: 'waiting, ms',
      expression: 'MAX(METRICS())',
      usingMetrics: named(
        'm',
        [functions.Close, functions.Tell].map((fn) =>
          fn.metric('IteratorAge', { statistic: 'Maximum' }),
        ),
      ),
      period: Duration.minutes(1),
    }),
    /** Milliseconds of the longest call that somebody waits for. */
    slowest: new MathExpression({
      label: 'slowest call',
      expression: 'MAX(METRICS())',
      usingMetrics: named(
        'm',
        [functions.Introspect, functions.Socket, functions.Http].map((fn) =>
          fn.metricDuration({ statistic: 'Maximum' }),
        ),
      ),
      period: Duration.minutes(5),
    }),
  }
}

/** @param id begins the names of the metrics in the expression; in one graph they must differ. */
export const sum = (id: string, label: string, metrics: readonly IMetric[]): MathExpression =>
  new MathExpression({
    label,
    expression: added(id, metrics),
    usingMetrics: named(id, metrics),
    period: Duration.minutes(5),
  })

/** Per cent of what failed; none while less than `least` did: at night, one of three calls is no news. */
export const rate = (
  failed: readonly IMetric[],
  all: readonly IMetric[],
  least: number,
): MathExpression =>
  new MathExpression({
    label: '% failed',
    expression: `IF(${added('failed', failed)} >= ${least}, 100 * (${added('failed', failed)}) / (${added('all', all)}), 0)`,
    usingMetrics: { ...named('failed', failed), ...named('all', all) },
    period: Duration.minutes(5),
  })

// ---------------------------------------------------------------------------------------------

/** What `shared/store/db.ts` sends. */
const OPERATIONS = ['BatchGetItem', 'Query', 'UpdateItem', 'TransactWriteItems']

/** Some may have nothing to tell while others do: DynamoDB sends no zeros. */
const added = (prefix: string, metrics: readonly IMetric[]): string =>
  metrics.map((_, at) => `FILL(${prefix}${at}, 0)`).join(' + ')

const named = (prefix: string, metrics: readonly IMetric[]): Record<string, IMetric> =>
  Object.fromEntries(metrics.map((metric, at) => [`${prefix}${at}`, metric]))
