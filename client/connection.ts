/** One socket from its opening to its end, as JSON-RPC: frames out, answers and notifications in. */
import { decode, encode } from './ejson.ts'
import { Disconnected, RpcError, type WireError } from './errors.ts'
import { bytesOf, type Clock, type SocketConstructor } from './platform.ts'
import type { Call } from './types.ts'

/** Calls that may wait for their answers on one socket; the service refuses more. */
export const IN_FLIGHT = 20
/** Bytes of a frame: API Gateway cuts the connection at more. */
export const FRAME_BYTES = 32 * 1024
/** What comes before the body, at the most. */
const HEAD_BYTES = 48
const OPEN_MS = 20_000
/** No call lasts longer than 29 s; API Gateway says so without naming the call. */
export const ANSWER_MS = 35_000

const PING_MS = 10_000

export type Notification = {
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
}

export type Handlers = {
  opened(): void
  /** Once. Calls in flight have been told. */
  ended(reason: string): void
  notified(notification: Notification): void
}

export type Connection = ReturnType<typeof openConnection>

export const openConnection = (
  { url, WebSocket, clock }: { url: string; WebSocket: SocketConstructor; clock: Clock },
  handlers: Handlers,
) => {
  const socket = new WebSocket(url)
  const queue: Waiting[] = []
  const inFlight = new Map<number, Waiting>()
  let isEnded = false
  let ids = 0

  const end = (reason: string): void => {
    if (isEnded) return
    isEnded = true
    clock.clearTimeout(opening)
    for (const { fail } of inFlight.values())
      fail(new Disconnected(`The connection ended before the answer: ${reason}`, { sent: true }))
    for (const { fail } of queue) fail(new Disconnected(reason, { sent: false }))
    socket.close()
    handlers.ended(reason)
  }

  const send = (waiting: Waiting): void => {
    const id = ++ids
    const late = clock.setTimeout(() => {
      finish()
      waiting.fail(new Disconnected(`No answer within ${ANSWER_MS / 1000} s`, { sent: true }))
      check()
    }, ANSWER_MS)
    const finish = (): void => {
      clock.clearTimeout(late)
      inFlight.delete(id)
      pump()
    }
    inFlight.set(id, {
      body: waiting.body,
      done: (result) => {
        finish()
        waiting.done(result)
      },
      fail: (error) => {
        finish()
        waiting.fail(error)
      },
    })
    socket.send(`{"jsonrpc":"2.0","id":${id},${waiting.body}`)
  }

  /** Ends the connection if it gives no sign of life. Passes by the queue: a refusal is a sign too. */
  const check = (): void => {
    if (isEnded) return
    const late = clock.setTimeout(() => end(`No sign of life within ${PING_MS / 1000} s`), PING_MS)
    const alive = (): void => clock.clearTimeout(late)
    send({ body: bodyOf('core.ping', []), done: alive, fail: alive })
  }

  const pump = (): void => {
    while (!isEnded && inFlight.size < IN_FLIGHT) {
      const next = queue.shift()
      if (next === undefined) return
      send(next)
    }
  }

  const opening = clock.setTimeout(() => end(`No connection within ${OPEN_MS / 1000} s`), OPEN_MS)
  socket.addEventListener('open', () => {
    clock.clearTimeout(opening)
    if (!isEnded) handlers.opened()
  })
  // What follows is a `close`, but not everywhere.
  socket.addEventListener('error', () => end('The connection failed'))
  socket.addEventListener('close', ({ code, reason }) =>
    end(reason || `The connection was closed (code ${code})`),
  )
  socket.addEventListener('message', ({ data }) => {
    const message = readMessage(data)
    if (message === null || isEnded) return
    if ('method' in message) return handlers.notified(message as Notification)
    const waiting = inFlight.get(message.id as number)
    if (message.error === undefined) waiting?.done(message.result)
    else waiting?.fail(new RpcError(message.error as WireError))
  })

  const call = (method: string, ...params: unknown[]): Promise<unknown> =>
    new Promise((done, fail) => {
      const body = bodyOf(method, params)
      if (isEnded) throw new Disconnected('The connection has ended', { sent: false })
      queue.push({ body, done, fail })
      pump()
    })

  return {
    call: call as Call,
    end,
    check,
  }
}

// ---------------------------------------------------------------------------------------------

type Waiting = {
  /** The frame, but for its beginning with the id. */
  readonly body: string
  done(result: unknown): void
  fail(error: Error): void
}

const bodyOf = (method: string, params: readonly unknown[]): string => {
  const body = encode({ method, params }).slice(1)
  const bytes = bytesOf(body) + HEAD_BYTES
  if (bytes <= FRAME_BYTES) return body
  throw new RangeError(
    `The call of ${method} has ${bytes} bytes, and a message may have ${FRAME_BYTES}`,
  )
}

const readMessage = (data: unknown): Record<string, unknown> | null => {
  try {
    const message = typeof data === 'string' ? decode(data) : null
    return typeof message === 'object' ? (message as Record<string, unknown> | null) : null
  } catch {
    return null
  }
}
