/** AWS's errors as ours. */
import { Fault } from '../domain/fault.ts'
import { mayBeDone } from './attempts.ts'

/**
 * UNAVAILABLE for what the caller may try again. Anything else is a mistake of ours and stays as it is.
 * @param input of the command that failed.
 */
export const unavailable = (error: unknown, input?: object): unknown => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const passes = PASSING.has(nameOf(error)) || PASSING.has(code)
  return passes || (input !== undefined && mayBeDone(input))
    ? new Fault('UNAVAILABLE', {}, { cause: error })
    : error
}

export const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '')

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
  'ENOTFOUND',
  'EAI_AGAIN',
])
