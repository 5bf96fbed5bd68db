/** A socket's calls without a gateway in between: frames go to the function's own dispatch. */
import { parseEnv } from '../../shared/env.ts'
import { createSocket } from '../../shared/live/socket.ts'
import { METHODS } from '../../shared/methods/index.ts'
import { createDispatch } from '../../shared/rpc/dispatch.ts'
import { createService } from '../../shared/service.ts'
import { repeat } from '../run/many.ts'
import { toSample } from '../run/stats.ts'
import { answerQuestions } from './parts/answering.ts'

type Call = { readonly method: string; readonly params: readonly unknown[] }

const service = createService({ env: parseEnv(process.env) })
const socket = createSocket(service, createDispatch(service, METHODS))
const connection = 'bench'
let asked: Call = { method: 'core.ping', params: [] }

const call = async ({ method, params }: Call): Promise<unknown> => {
  const text = await socket.message(
    connection,
    JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  )
  const { result, error } = JSON.parse(text ?? '{}')
  if (error !== undefined) throw new Error(`${method}: ${error.data?.reason ?? error.message}`)
  return result
}

answerQuestions({
  start: async ({ key }: { key: string }) => {
    const handshake = {
      version: undefined,
      secure: true,
      host: 'localhost',
      address: '192.0.2.1',
    }
    await socket.connect({ connection, ...handshake })
    if ((await call({ method: 'auth.login_with_api_key', params: [key] })) !== true)
      throw new Error('the login was refused')
  },
  /** What is called from now on. @returns the result, once. */
  ask: (wanted: Call) => {
    asked = wanted
    return call(wanted)
  },
  times: async (count: number) => {
    for (let turn = 0; turn < count; turn++) await call(asked)
  },
  run: async (seconds: number) => {
    const before = process.cpuUsage()
    // One connection, which is what a page has; its calls come one after the other.
    const { times, ms } = await repeat(seconds, () => call(asked), 1)
    const { user, system } = process.cpuUsage(before)
    return toSample(times, ms, user + system)
  },
})
