/**
 * What the service counts about itself, for the alarms and the dashboard: only what AWS doesn't count
 * already. A metric is a line of JSON on standard output, which CloudWatch reads (embedded metric
 * format): names from the list below, numbers, and which deployment it is. There is no place for text.
 */
import { channel } from 'node:diagnostics_channel'
import { Metrics as Emf, MetricUnit } from '@aws-lambda-powertools/metrics'

export const NAMESPACE = 'Keyharbor'

/** The one dimension: the deployment, as Powertools names it. Each value of another would be one more metric to pay
 * for, and tenants as a dimension would tell about tenants. */
export const DIMENSION = 'service'

/**
 * Not counted: checks and their refusals (the API's requests and 4xx say how many, and a line for each
 * piece of garbage would cost more than the answer), throttles of the table (its own metrics have them, also
 * those that a retry mended).
 */
export const METRICS = {
  /** Logins that succeeded, and that were refused, by any mechanism. */
  LoginSucceeded: MetricUnit.Count,
  LoginFailed: MetricUnit.Count,
  /** Unauthenticated calls that were over an address's limit, and not even tried. */
  RateLimited: MetricUnit.Count,
  /** Requests for checks that were refused because a device or its tenant had used up its limit. */
  ChecksLimited: MetricUnit.Count,
  CallsLimited: MetricUnit.Count,
  /** Frames that were answered with an error of ours: to API Gateway they are answers like others. */
  CallFailed: MetricUnit.Count,
  /** Keys revoked because they were used over plain http or ws. */
  KeyExposed: MetricUnit.Count,
  /** Keys that the sweep marked as expired. */
  KeyExpired: MetricUnit.Count,
  /** How long the oldest item that a sweep found had been due. */
  SweepLag: MetricUnit.Seconds,
  /** Attempts of calls to KMS that were throttled, also those that a retry mended. */
  KmsThrottled: MetricUnit.Count,
  /** Calls to KMS that failed for good: the callers that waited for them were told to try again. */
  KmsFailed: MetricUnit.Count,
  /** How long ago a change was made whose sockets were just closed, and whose subscribers just told: the oldest of a round. */
  CloseLag: MetricUnit.Seconds,
  TellLag: MetricUnit.Seconds,
  /** How long the longest request to the table waited in the process's queue, and which were refused there: the queue was full, or
   * nobody waited any more when their turn came. Told once a second while somebody waits, and when nobody does any more. */
  QueueWait: MetricUnit.Seconds,
  QueueRefused: MetricUnit.Count,
  /** Subscribers who were not told of a change, though they are there and keep up. */
  PushFailed: MetricUnit.Count,
} as const

export type MetricName = keyof typeof METRICS

/** Hears of each {@link Counted} in this process, where somebody listens: on one machine (`local/metrics.ts`). */
export const COUNTED = channel('keyharbor:counted')
export type Counted = { readonly name: MetricName; readonly value: number }

/** @param deployment by which CloudWatch tells deployments in one account apart. */
export const createMetrics = (deployment: string) => {
  const emf = new Emf({ namespace: NAMESPACE, serviceName: deployment })
  let news = false
  return {
    /** Counts once, or records a value. */
    add(name: MetricName, value = 1): void {
      emf.addMetric(name, METRICS[name], value)
      news = true
      if (COUNTED.hasSubscribers) COUNTED.publish({ name, value } satisfies Counted)
    },
    /**
     * Prints what was added since the last time; without news, nothing. Calls at the same time in one
     * process print each other's, since no number depends on the call that it comes from.
     */
    flush(): void {
      if (!news) return
      news = false
      emf.publishStoredMetrics()
    },
  }
}

export type Metrics = ReturnType<typeof createMetrics>
