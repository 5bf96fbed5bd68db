/**
 * List prices in US East (N. Virginia), in dollars, first tier, without free tiers and taxes. Another
 * Region differs by up to a quarter. Look at the pages before you rely on them.
 */
export const AS_OF = '2026-11-23'

type Price = {
  readonly usd: number
  /** What it is paid for, with the unit. */
  readonly per: string
  readonly page: string
}

const page = (service: string): string => `https://aws.amazon.com/${service}/pricing/`

export const PRICES = {
  httpRequests: { usd: 1, per: 'million HTTP requests', page: page('api-gateway') },
  frames: { usd: 1, per: 'million frames of up to 32 KB', page: page('api-gateway') },
  connectionMinutes: {
    usd: 0.25,
    per: 'million minutes of a connection',
    page: page('api-gateway'),
  },
  functionCalls: { usd: 0.2, per: 'million calls of functions', page: page('lambda') },
  functionSeconds: { usd: 13.3334, per: 'million GB-seconds, arm64', page: page('lambda') },
  readUnits: { usd: 0.125, per: 'million read units', page: page('dynamodb') },
  writeUnits: { usd: 0.625, per: 'million write units', page: page('dynamodb') },
  storage: { usd: 0.25, per: 'GB-month of the table', page: page('dynamodb') },
  recovery: { usd: 0.2, per: 'GB-month of point-in-time recovery', page: page('dynamodb') },
  kmsCalls: { usd: 3, per: 'million calls of KMS', page: page('kms') },
  kmsKey: {
    usd: 1,
    per: 'KMS key and month; one more for each of its first two rotations',
    page: page('kms'),
  },
  logs: { usd: 0.5, per: 'GB of logs taken in', page: page('cloudwatch') },
  metric: { usd: 0.3, per: 'custom metric and month', page: page('cloudwatch') },
  alarmMetric: { usd: 0.1, per: 'metric of an alarm and month', page: page('cloudwatch') },
  compositeAlarm: { usd: 0.5, per: 'composite alarm and month', page: page('cloudwatch') },
  dashboard: { usd: 3, per: 'dashboard and month', page: page('cloudwatch') },
  traces: { usd: 5, per: 'million traces recorded', page: page('xray') },
  secret: { usd: 0.4, per: 'secret and month', page: page('secrets-manager') },
  scheduled: { usd: 1, per: 'million scheduled runs', page: page('eventbridge') },
  edgeRequests: { usd: 1, per: 'million https requests', page: page('cloudfront') },
  edgeFunction: { usd: 0.1, per: 'million calls of its function', page: page('cloudfront') },
  firewallRequests: { usd: 0.6, per: 'million requests looked at', page: page('waf') },
  firewall: { usd: 5, per: 'web ACL and month', page: page('waf') },
  firewallRule: { usd: 1, per: 'rule and month', page: page('waf') },
} as const satisfies Record<string, Price>
