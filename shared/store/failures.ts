/**
 * Failures of requests to AWS: as errors of ours, and whether the write may have been done all the same. The SDK tries three
 * times and reports the last attempt only, which may fail on the effect of an earlier one whose answer was lost.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { Fault, type FaultCode } from '../domain/fault.ts'

/**
 * UNAVAILABLE for what the caller may try again. Anything else is a mistake of ours and stays as it is.
 * @param input of the command that failed.
 */
export const unavailable = (error: unknown, input?: object): unknown => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const { $metadata } = error as Failure
  const passes =
    PASSING.has(nameOf(error)) || PASSING.has(code) || ($metadata?.httpStatusCode ?? 0) >= 500
  return passes || (input !== undefined && mayBeDone(input))
    ? new Fault('UNAVAILABLE', {}, { cause: error })
    : error
}

export const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '')

/** Makes a client that has sent nothing yet note its attempts. */
export const noteAttempts = (client: DynamoDBClient): void =>
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args)
      } catch (error) {
        if (isOpen(error)) open.add(args.input)
        throw error
      }
    },
    // Around the reading of one attempt's answer; the retries are further out.
    { step: 'deserialize', priority: 'high', name: 'noteAttempts', override: true },
  )

/** Whether an attempt with this command's input failed in a way that it may have been done. */
export const mayBeDone = (input: object): boolean => open.has(input)

// ---------------------------------------------------------------------------------------------

/** The SDK has tried three times by then, and a quick read once before. */
const PASSING = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'InternalServerError',
  'TransactionCanceledException',
  'TransactionInProgressException',
  'TransactionConflictException',
  'TimeoutError',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
])

const open = new WeakSet<object>()

/** The request was never sent, for want of a connection, or refused by the queue before the table (`admission.ts`). */
const NEVER_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UNAVAILABLE' satisfies FaultCode,
])

type Failure = {
  readonly name?: string
  readonly code?: unknown
  readonly $metadata?: { readonly httpStatusCode?: number }
  readonly $response?: { readonly statusCode?: number }
}

/** Time-outs, resets, 500s and half answers; not what DynamoDB refused. */
const isOpen = (error: unknown): boolean => {
  const { name, code, $metadata, $response } = error as Failure
  // An earlier attempt is under way.
  if (name === 'TransactionInProgressException') return true
  const status = $metadata?.httpStatusCode ?? $response?.statusCode
  if (status !== undefined && status >= 400 && status < 500) return false
  return !NEVER_SENT.has(String(code))
}
