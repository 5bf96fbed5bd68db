/** Calls the functions as Lambda does: an event, a context, a time limit, and an outcome instead of an
 * exception. One process serves them all, so nothing here isolates one call from another. */
import { randomUUID } from 'node:crypto'
import type { Context } from 'aws-lambda'
import { log, requestOf } from './log.ts'

export type Handler = (event: unknown, context: Context) => Promise<unknown>

export type Outcome =
  | { readonly kind: 'returned'; readonly value: unknown }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'timedOut' }

/** One function, ready to be called. It says in the log what went wrong, and never rejects. */
export const lambda = (name: string, handler: Handler, seconds: number) => {
  const sayLate = createSayer('a function took too long', { function: name, seconds })
  const call = async (event: unknown, context: Context): Promise<Outcome> => {
    try {
      return { kind: 'returned', value: await handler(event, context) }
    } catch (error) {
      log.error('a function threw', error, {
        function: name,
        request: requestOf(event) ?? context.awsRequestId,
      })
      return { kind: 'threw', error }
    }
  }
  return async (event: unknown): Promise<Outcome> => {
    let timer: NodeJS.Timeout | undefined
    const context = contextOf(name, seconds)
    const tooLate = new Promise<Outcome>((resolve) => {
      timer = setTimeout(() => {
        sayLate(requestOf(event) ?? context.awsRequestId)
        resolve({ kind: 'timedOut' })
      }, seconds * 1000)
    })
    try {
      return await Promise.race([call(event, context), tooLate])
    } finally {
      clearTimeout(timer)
    }
  }
}

export type Lambda = ReturnType<typeof lambda>

// ---------------------------------------------------------------------------------------------

/** Says a line no more than once a second: thousands of calls may be late at once. */
const createSayer = (message: string, fields: Readonly<Record<string, unknown>>) => {
  let isQuiet = false
  return (request: string | undefined): void => {
    if (isQuiet) return
    isQuiet = true
    setTimeout(() => {
      isQuiet = false
    }, 1000).unref()
    log.error(message, undefined, { ...fields, request })
  }
}

const contextOf = (name: string, seconds: number): Context => {
  const deadline = Date.now() + seconds * 1000
  const functionName = `keyharbor-${name}`
  return {
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
    memoryLimitInMB: '512',
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    // The callback style, which Node.js 24 on Lambda no longer has.
    done: () => {},
    fail: () => {},
    succeed: () => {},
  }
}
