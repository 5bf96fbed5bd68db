/** What of a deployment has its price: read from the templates, of one with everything. */
import type { Assembly, Resource } from '../../local/assembly/assembly.ts'
import { METRICS } from '../../shared/metrics.ts'
import type { Facts } from './price.ts'
import { PRICES } from './prices.ts'

/** X-Ray's rule where nobody makes another: the first of each second, and 5 % of the rest. */
const TRACED = 0.05

/**
 * What Lambda itself logs of each call, as its documentation shows it, and the 26 bytes that CloudWatch
 * adds to each event.
 */
const LAMBDA_LINES = [
  'START RequestId: 79104EXAMPLE-b08e-4dea-8f0c-93e0f9ab6b5d Version: $LATEST',
  'END RequestId: 79104EXAMPLE-b08e-4dea-8f0c-93e0f9ab6b5d',
  'REPORT RequestId: 79104EXAMPLE-b08e-4dea-8f0c-93e0f9ab6b5d\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 1024 MB\tMax Memory Used: 100 MB\t',
]
const EVENT_BYTES = 26

/** Of what API Gateway puts into an access log. */
const SAMPLES: Readonly<Record<string, string>> = {
  requestTime: '23/Nov/2026:10:00:00 +0000',
  requestId: 'JKJaXmPLvHcESHA=',
  'identity.sourceIp': '203.0.113.255',
  routeKey: 'ANY /oauth2/introspect',
  status: '200',
  responseLength: '123',
  integrationLatency: '12',
  integrationErrorMessage: '-',
}

export const factsOf = (assembly: Assembly): Facts => {
  const of = finder(assembly)
  const memory = of('AWS::Lambda::Function').flatMap(({ id, properties }) => {
    const name = id.replace(/[0-9A-F]{8}$/, '')
    return typeof properties.MemorySize === 'number' ? [[name, properties.MemorySize / 1024]] : []
  })
  const formats = of('AWS::ApiGatewayV2::Stage').flatMap(({ properties }) => {
    const { Format } = (properties.AccessLogSettings ?? {}) as { Format?: string }
    return Format === undefined ? [] : [Format]
  })
  const [format = ''] = formats
  const line = format.replace(/\$context\.([\w.]+)/g, (_, name: string) => {
    const sample = SAMPLES[name]
    if (sample === undefined) throw new Error(`what is $context.${name} like? Say it in facts.ts`)
    return sample
  })
  return {
    memory: Object.fromEntries(memory),
    accessLine: line.length + EVENT_BYTES,
    functionLines: LAMBDA_LINES.reduce((sum, text) => sum + text.length + EVENT_BYTES, 0),
    traced: of('AWS::Lambda::Function').some(({ properties }) => 'TracingConfig' in properties)
      ? TRACED
      : 0,
  }
}

export type Fixed = {
  readonly what: string
  readonly number: number
  /** Dollars a month for each. */
  readonly each: number
  /** Only where there is an edge. */
  readonly edge: boolean
}

/** What a deployment costs a month that nobody uses, but for the sweep. */
export const fixedOf = (assembly: Assembly): Fixed[] => {
  const of = finder(assembly)
  const alarms = of('AWS::CloudWatch::Alarm')
  const looked = alarms.map(({ properties: { Metrics } }) =>
    Array.isArray(Metrics) ? Metrics.filter((metric) => 'MetricStat' in metric).length : 1,
  )
  const rules = of('AWS::WAFv2::WebACL').flatMap(({ properties: { Rules } }) => Rules)
  const fixed: [string, number, number, boolean?][] = [
    [
      "KMS keys: the wrapping key, and that of the alarms' topic",
      of('AWS::KMS::Key').length,
      PRICES.kmsKey.usd,
    ],
    [
      `metrics that ${alarms.length} alarms look at`,
      looked.reduce((sum, n) => sum + n, 0),
      PRICES.alarmMetric.usd,
    ],
    ['composite alarms', of('AWS::CloudWatch::CompositeAlarm').length, PRICES.compositeAlarm.usd],
    ['metrics of our own, if each has news', Object.keys(METRICS).length, PRICES.metric.usd],
    ['dashboard', of('AWS::CloudWatch::Dashboard').length, PRICES.dashboard.usd],
    ["the edge's secret", of('AWS::SecretsManager::Secret').length, PRICES.secret.usd, true],
    ['web ACL', of('AWS::WAFv2::WebACL').length, PRICES.firewall.usd, true],
    ['rules of it', rules.length, PRICES.firewallRule.usd, true],
  ]
  return fixed
    .filter(([, number]) => number > 0)
    .map(([what, number, each, edge = false]) => ({ what, number, each, edge }))
}

// ---------------------------------------------------------------------------------------------

const finder =
  ({ resources }: Assembly) =>
  (type: string): Resource[] =>
    resources.filter((resource) => resource.type === type)
