/** Counts failures of KMS: CloudWatch has no metric of them, and cached data keys hide them for a while. */
import type { KMSClient } from '@aws-sdk/client-kms'
import type { Metrics } from '../metrics.ts'

/** @returns the same client. */
export const countFailures = (kms: KMSClient, metrics: Metrics): KMSClient => {
  // Outside the SDK's retries: failures of whole calls.
  kms.middlewareStack.add(
    (next) => (args) =>
      next(args).catch((error: unknown) => {
        metrics.add('KmsFailed')
        throw error
      }),
    { step: 'initialize', name: 'countFailures' },
  )
  // Inside them: failures of each attempt.
  kms.middlewareStack.add(
    (next) => (args) =>
      next(args).catch((error: unknown) => {
        if (isThrottle(error)) metrics.add('KmsThrottled')
        throw error
      }),
    { step: 'deserialize', priority: 'high', name: 'countThrottles' },
  )
  return kms
}

// ---------------------------------------------------------------------------------------------

/** `LimitExceededException` is no throttle: it is about how many keys there may be. */
const isThrottle = (error: unknown): boolean =>
  error instanceof Error && /^(ThrottlingException|Throttling|TooManyRequests\w*)$/.test(error.name)
