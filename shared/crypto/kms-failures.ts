/**
 * Failures of KMS: those that pass, and those that somebody must mend. They are counted, since CloudWatch has no metric of
 * them, and cached data keys hide them for a while.
 */
import type { KMSClient } from '@aws-sdk/client-kms'
import { Fault } from '../domain/fault.ts'
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

/**
 * UNAVAILABLE for what the caller may try again. What KMS refuses for good is an error of its own, which says to the log what
 * to do: to a client it is no better in a moment.
 */
export const kmsFault = (error: unknown): Error => {
  const { name = '', message = '' } = error instanceof Error ? error : {}
  const cure = CURES.get(name)
  if (cure === undefined) return new Fault('UNAVAILABLE', {}, { cause: error })
  const why = `KMS refuses, and will until this is mended: ${cure} (${name}: ${message})`
  return new Error(why, { cause: error })
}

// ---------------------------------------------------------------------------------------------

/** KMS API reference, errors of Decrypt and GenerateDataKey, and "Common Errors". Decrypt finds its key by what it is to open. */
const CURES: ReadonlyMap<string, string> = new Map([
  [
    'AccessDeniedException',
    'let the role of this function use the key, by its own policy and by that of the key; or the key is gone, or of another account or Region',
  ],
  ['DisabledException', 'enable the key'],
  [
    'KMSInvalidStateException',
    'look at the state of the key: it is to be deleted, lacks its material, or its key store is away',
  ],
  ['NotFoundException', 'set KEYHARBOR_KMS_KEY to a key of this account and Region'],
  ['InvalidKeyUsageException', 'set KEYHARBOR_KMS_KEY to a symmetric key for encryption'],
  ['ValidationException', 'set KEYHARBOR_KMS_KEY to the id, ARN or alias of a key'],
  [
    'InvalidCiphertextException',
    'bring back the key that wrapped this data key, or the data key as it was in the table',
  ],
  ['UnrecognizedClientException', 'give the process credentials of this account'],
  ['CredentialsProviderError', 'give the process credentials'],
  ['ExpiredTokenException', 'give the process credentials that last'],
  [
    'InvalidSignatureException',
    'give the process the secret that belongs to its access key, and the right time',
  ],
])

/** `LimitExceededException` is no throttle: it is about how many keys there may be. */
const isThrottle = (error: unknown): boolean =>
  error instanceof Error && /^(ThrottlingException|Throttling|TooManyRequests\w*)$/.test(error.name)
