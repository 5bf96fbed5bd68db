// @ts-check
/**
 * What AWS's managed Node.js runtime is in Lambda: the program of a function's process. It loads the
 * bundle's handler, then asks the Runtime API for one event at a time. Plain JavaScript without
 * dependencies, for it runs under whichever Node.js the bundles do.
 */
import { existsSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const { env } = process
const API = `http://${env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

/**
 * @typedef {{ headers: import('node:http').IncomingHttpHeaders, body: string }} Reply
 * @typedef {(event: unknown, context: object) => unknown} Handler
 */

/** Without the Runtime API there is nobody to work for: the process that started us is gone.
 * @type {() => never} */
const leave = () => process.exit(1)

/** @type {(method: string, path: string, payload?: unknown) => Promise<Reply>} */
const call = (method, path, payload) =>
  new Promise((done) => {
    const body = payload === undefined ? undefined : JSON.stringify(payload)
    const headers = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
    const asked = request(`${API}${path}`, { method, agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part) => {
        text += part
      })
      response.on('error', leave)
      response.on('end', () => done({ headers: response.headers, body: text }))
    })
    asked.on('error', leave)
    asked.end(body)
  })

/** @type {(error: unknown) => object} */
const described = (error) =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') }
    : { errorType: typeof error, errorMessage: String(error), trace: [] }

/** @type {() => Promise<Handler>} */
const load = async () => {
  const [, module = '', name = ''] = /^(.+)\.(\w+)$/.exec(env._HANDLER ?? '') ?? []
  const files = ['.mjs', '.js', '.cjs'].map((end) => join(env.LAMBDA_TASK_ROOT ?? '', module + end))
  const file = files.find((path) => existsSync(path))
  if (file === undefined) throw new Error(`Cannot find module '${module}'`)
  const handler = (await import(pathToFileURL(file).href))[name]
  if (typeof handler !== 'function') throw new Error(`${env._HANDLER} is not a function`)
  if (handler.length > 2) throw new Error('Node.js 24 on Lambda has no callbacks')
  return handler
}

/** @type {(headers: Reply['headers']) => object} */
const contextOf = (headers) => {
  const deadline = Number(headers['lambda-runtime-deadline-ms'])
  return {
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  }
}

/** @type {(handler: Handler) => Promise<void>} */
const serve = async (handler) => {
  const { headers, body } = await call('GET', '/invocation/next')
  const id = headers['lambda-runtime-aws-request-id']
  env._X_AMZN_TRACE_ID = String(headers['lambda-runtime-trace-id'])
  try {
    const result = await handler(JSON.parse(body), contextOf(headers))
    await call('POST', `/invocation/${id}/response`, result ?? null)
  } catch (error) {
    await call('POST', `/invocation/${id}/error`, described(error))
  }
}

// Who started us holds the other end. When that is killed, even a handler that hangs must end.
process.stdin.on('close', leave).resume()
// It is no reason to stay, though.
process.stdin.unref?.()

try {
  const handler = await load()
  for (;;) await serve(handler)
} catch (error) {
  await call('POST', '/init/error', described(error))
  leave()
}
