/** Structured log lines on standard error, one JSON object each. Secrets have a type that prints as
 * `[secret]`; request bodies and results are never logged. A line for a request has its id as `request`. */
import { requestNow } from './domain/carried.ts'
import { Fault } from './domain/fault.ts'

type Fields = Readonly<Record<string, unknown>>

export const createLog = (now: () => number) => {
  const line = (level: 'info' | 'error', message: string, fields: Fields): void => {
    const at = new Date(now()).toISOString()
    const request = fields.request ?? requestNow()
    process.stderr.write(
      `${JSON.stringify({ at, level, message, ...fields, ...(request !== undefined && { request }) })}\n`,
    )
  }
  return {
    info: (message: string, fields: Fields = {}) => line('info', message, fields),
    /** Says what broke, with the chain of causes; the stack only of what is no Fault of ours. */
    error: (message: string, error?: unknown, fields: Fields = {}) =>
      line('error', message, {
        ...fields,
        ...(error !== undefined && { error: describe(error) }),
      }),
  }
}

export type Log = ReturnType<typeof createLog>

// ---------------------------------------------------------------------------------------------

const describe = (error: unknown): unknown => {
  if (!(error instanceof Error)) return String(error)
  const { name, message, stack, cause } = error
  const code = error instanceof Fault ? { code: error.code } : { stack }
  return { name, message, ...code, ...(cause !== undefined && { cause: describe(cause) }) }
}
