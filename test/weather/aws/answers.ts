/** Answers of DynamoDB and KMS as they stand on the wire, the good and the others. */
import { Readable } from 'node:stream'
import type { Answer } from './engine.ts'

export const success = (body: object): Answer => ({ status: 200, body: JSON.stringify(body) })

export const failure = (type: string, more: object = {}, status = 400): Answer => ({
  status,
  body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, ...more }),
})

export const internalError = (): Answer =>
  failure('InternalServerError', { message: 'Internal server error' }, 500)

/** A transaction that was refused: one reason for each of its items. */
export const cancelled = (codes: readonly string[]): Answer =>
  failure('TransactionCanceledException', {
    Message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes.join(', ')}]`,
    CancellationReasons: codes.map((Code) => ({ Code })),
  })

/** What the SDK's handler of requests would make of an answer. */
export const toResponse = ({ status, body }: Answer) => ({
  response: {
    statusCode: status,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: Readable.from([Buffer.from(body)]),
  },
})

/** The same, broken off in its middle. */
export const toHalfResponse = ({ status, body }: Answer) => {
  const bytes = Buffer.from(body)
  async function* half() {
    yield bytes.subarray(0, Math.floor(bytes.length / 2))
    throw connectionReset()
  }
  const whole = toResponse({ status, body })
  return { response: { ...whole.response, body: Readable.from(half()) } }
}

export const connectionReset = (): Error =>
  Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })

/** @see NodeHttpHandler of the SDK, with `throwOnRequestTimeout`. */
export const timedOut = (ms: number): Error =>
  Object.assign(new Error(`a request took longer than ${ms} ms`), { name: 'TimeoutError' })
