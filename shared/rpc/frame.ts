/** JSON-RPC 2.0 frames as TrueNAS reads and writes them (docs/protocol/wire.md §1.3, §1.4). Pure text to object. */
import { randomUUID } from 'node:crypto'
import { requestNow } from '../domain/carried.ts'
import { decodeFrame, encode } from '../domain/ejson.ts'
import { ERRNO, FAULTS, Fault, type Violation } from '../domain/fault.ts'

/** The seven codes: clients raise an internal error at any other. */
export const RPC = {
  INVALID_JSON: -32700,
  INVALID_REQUEST: -32600,
  METHOD_NOT_FOUND: -32601,
  INVALID_PARAMS: -32602,
  INTERNAL: -32603,
  TOO_MANY_CALLS: -32000,
  CALL_ERROR: -32001,
} as const
export type RpcCode = (typeof RPC)[keyof typeof RPC]

/** Null or absent: a notification has no id and gets no answer. */
export type RequestId = string | number | bigint | null | undefined

export type Request = {
  readonly id: RequestId
  readonly method: string
  readonly params: readonly unknown[]
}
/** A frame that is no request, with the answer that it gets (none for a broken notification). */
export type BadFrame = { readonly answer: string | null }

export const readFrame = (text: string): Request | BadFrame => {
  let id: unknown = null
  let message: unknown
  try {
    const parsed: unknown = JSON.parse(text)
    id = idIn(parsed, text)
    message = decodeFrame(text, parsed)
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'Invalid JSON'
    return { answer: failure(id, RPC.INVALID_JSON, reason) }
  }
  if (Array.isArray(message)) {
    const reason = 'Batch messages are not supported at this time'
    return { answer: failure(null, RPC.INVALID_JSON, reason) }
  }
  if (message === null || typeof message !== 'object' || Object.getPrototypeOf(message) !== null)
    return { answer: failure(null, RPC.INVALID_JSON, 'Invalid Message Format') }
  const request = message as Record<string, unknown>
  const broken = brokenRule(request)
  if (broken === null)
    return {
      id: ('id' in request ? id : undefined) as RequestId,
      method: request.method as string,
      params: (request.params as unknown[] | undefined) ?? [],
    }
  return { answer: 'id' in request ? failure(id, RPC.INVALID_REQUEST, broken) : null }
}

/**
 * A whole result whose extended JSON is known already: it is sent as it stands, and not written anew for each
 * call. For what is large and the same for everybody; it can't be part of another value.
 */
export class Encoded {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** An object of members that are encoded already. */
export const encodedObject = (members: readonly (readonly [string, string])[]): Encoded =>
  new Encoded(`{${members.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`)

export const success = (id: RequestId, result: unknown): string =>
  `{"jsonrpc":"2.0","result":${textOf(result)},"id":${idText(id)}}`

export const failure = (id: unknown, code: RpcCode, message: string, data?: ErrorData): string =>
  `{"jsonrpc":"2.0","error":${encode({ code, message, ...(data && { data }) })},"id":${idText(id)}}`

export const notification = (method: string, params: Readonly<Record<string, unknown>>): string =>
  encode({ jsonrpc: '2.0', method, params })

/** `error.data` of −32001 and −32602. `trace` is always null, so that stack traces stay inside. */
export type ErrorData = {
  readonly error: number
  readonly errname: string
  readonly reason: string
  readonly trace: null
  readonly extra: readonly Violation[] | null
  /** Ours: the number of what an earlier call with the same idempotency key made or changed. */
  readonly made?: number
  /** Ours: seconds after which calling again may help. */
  readonly retry_after?: number
}

/** A failure as the wire has it. What is no Fault becomes INTERNAL with a reference for the log: the id of the request. */
export const dataOf = (error: unknown): { fault: Fault; data: ErrorData; reference?: string } => {
  if (!(error instanceof Fault)) {
    const reference = requestNow() ?? randomUUID()
    return { ...dataOf(new Fault('INTERNAL', { reference }, { cause: error })), reference }
  }
  const { errno, text, bare } = FAULTS[error.code] as { errno: string; text: string; bare?: true }
  const number = ERRNO[errno as keyof typeof ERRNO]
  const reason =
    error.violations !== null
      ? reasonOf(error.violations)
      : bare || text === ''
        ? error.message
        : `[${errno}] ${error.message}`
  const data = {
    error: number,
    errname: errno,
    reason,
    trace: null,
    extra: error.violations,
    ...(error.made !== null && { made: error.made }),
    ...(error.retryAfterSeconds !== null && { retry_after: error.retryAfterSeconds }),
  }
  return { fault: error, data }
}

/** The answer to a call that failed. */
export const faultAnswer = (id: RequestId, { fault, data }: ReturnType<typeof dataOf>): string =>
  fault.code === 'INVALID'
    ? failure(id, RPC.INVALID_PARAMS, 'Invalid params', data)
    : failure(id, RPC.CALL_ERROR, 'Method call error', data)

// ---------------------------------------------------------------------------------------------

/** The id of what may be a request, so that the error reaches its call. One of a wrong type isn't sent back, since it
 * may be anything, of any depth. */
const idIn = (parsed: unknown, text: string): unknown => {
  if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) return null
  const { id } = parsed as { id?: unknown }
  return typeof id === 'string' || typeof id === 'number' ? exactId(id, text) : null
}

/** An id comes back as it was sent. A whole number beyond 2⁵³, such as a time in nanoseconds, has
 * lost digits in a JavaScript number: they are still in the text. */
const exactId = (id: unknown, text: string): unknown => {
  if (typeof id !== 'number' || Number.isSafeInteger(id) || !Number.isInteger(id)) return id
  const sent = [...text.matchAll(/"id"\s*:\s*(-?\d+)(?![\d.eE])/g)]
  const digits = sent.map(([, number]) => number).find((number) => Number(number) === id)
  return digits === undefined ? id : BigInt(digits)
}

const textOf = (result: unknown): string =>
  result instanceof Encoded ? result.text : encode(result ?? null)

const idText = (id: unknown): string => (typeof id === 'bigint' ? String(id) : encode(id ?? null))

const brokenRule = (request: Record<string, unknown>): string | null => {
  if (!('jsonrpc' in request)) return "Missing 'jsonrpc' member"
  if (request.jsonrpc !== '2.0')
    return "'jsonrpc' member must be of type string and must be exactly '2.0'"
  const { id } = request
  if ('id' in request && id !== null && typeof id !== 'string' && !Number.isInteger(id))
    return "'id' member must be of type null, string or number"
  if (!('method' in request)) return "Missing 'method' member"
  if (typeof request.method !== 'string' || request.method === '')
    return "'method' member must be of type string"
  if ('params' in request && !Array.isArray(request.params))
    return "'params' member must be of type array"
  return null
}

const ERRNO_NAMES = new Map<number, string>(
  Object.entries(ERRNO).map(([name, number]) => [number, name]),
)

/** One line for each violation; a single bare one ends without a newline (docs/protocol/wire.md §1.4). */
const reasonOf = (violations: readonly Violation[]): string => {
  const lines = violations.map(
    ([at, text, errno]) => `[${ERRNO_NAMES.get(errno) ?? 'EUNKNOWN'}] ${at ?? 'None'}: ${text}`,
  )
  const [only] = violations
  return violations.length === 1 && only?.[0] === null ? lines.join('') : `${lines.join('\n')}\n`
}
