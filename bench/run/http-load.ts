/** The load of all HTTP subjects: autocannon, on connections that stay open. */
import autocannon from 'autocannon'
import type { Done } from './many.ts'
import { AT_ONCE } from './protocol.ts'

export type HttpRequest = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** For how long requests are sent, or how many of them: of what is so slow that those which are cut off at
 * the end would count. */
export type Load = { readonly seconds: number } | { readonly amount: number }

/**
 * Sends the requests in turn, on each connection one after the other.
 * @throws Error if anything was answered with an error: its numbers would mean nothing.
 */
export const sendHttp = async (
  origin: string,
  requests: readonly HttpRequest[],
  load: Load,
  connections = AT_ONCE,
): Promise<Done> => {
  const times: number[] = []
  let began = performance.now()
  let last = began
  let connected = 0
  const options = {
    url: origin,
    connections,
    ...('amount' in load ? { amount: load.amount } : { duration: load.seconds }),
    // In milliseconds: how soon it sees that the time is over.
    sampleInt: 100,
    timeout: 60,
    // Each connection begins elsewhere: all of them asking the same at one moment is nobody's load.
    setupClient: (client: autocannon.Client) => {
      const from = Math.floor((connected++ * requests.length) / connections)
      client.setRequests([...requests.slice(from), ...requests.slice(0, from)].map(copy))
    },
  }
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const run = autocannon(options, (error, found) => (error ? reject(error) : resolve(found)))
    run.on('start', () => {
      began = performance.now()
    })
    run.on('response', (_client, _status, _bytes, ms) => {
      times.push(ms)
      last = performance.now()
    })
  })
  const { errors, timeouts, non2xx, statusCodeStats } = result
  if (errors + timeouts + non2xx > 0)
    throw new Error(
      `${origin}: ${errors} errors, ${timeouts} time-outs, answers ${JSON.stringify(statusCodeStats)}`,
    )
  if (times.length === 0) throw new Error(`${origin} answered nothing in the time that it had`)
  return { times, ms: last - began }
}

// ---------------------------------------------------------------------------------------------

/** autocannon keeps its own things in them. */
const copy = (request: HttpRequest): HttpRequest => ({ ...request })
