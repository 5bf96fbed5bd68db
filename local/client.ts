/** A plain JSON-RPC client and a plain https client, for the first start and for the tests. They do
 * what any outside program would, and know nothing of the service's code but its extended JSON. */
import { request as overHttp } from 'node:http'
import { request as overHttps } from 'node:https'
import { WebSocket } from 'ws'
import { decode, encode } from '../shared/domain/ejson.ts'

/** `error` of an answer, thrown by {@link Rpc.call}. */
export class RpcError extends Error {
  readonly code: number
  readonly data: { error: number; reason: string; extra: [string | null, string, number][] } | null
  constructor(error: { code: number; message: string; data?: RpcError['data'] }) {
    super(error.data?.reason ?? error.message)
    this.code = error.code
    this.data = error.data ?? null
  }
}

export type Notification = { readonly method: string; readonly params: Record<string, unknown> }

export type Rpc = Awaited<ReturnType<typeof connect>>

/** Opens a socket. @param ca PEM of the certificate to trust, for `wss:`. */
export const connect = async (url: string, options: { ca?: string } = {}) => {
  const socket = new WebSocket(url, { perMessageDeflate: false, ...options })
  const waiting = new Map<number, (answer: Record<string, unknown>) => void>()
  const notifications: Notification[] = []
  const listeners = new Set<(one: Notification) => void>()
  let next = 0
  const closed = new Promise<{ code: number; reason: string }>((done) => {
    socket.on('close', (code, reason) => {
      for (const answer of waiting.values())
        answer({ error: { code: 0, message: `closed ${code} ${reason}` } })
      waiting.clear()
      done({ code, reason: String(reason) })
    })
  })
  socket.on('message', (data) => {
    const frame = decode(String(data)) as Record<string, unknown>
    if ('method' in frame) {
      notifications.push(frame as Notification)
      for (const listener of listeners) listener(frame as Notification)
      return
    }
    waiting.get(frame.id as number)?.(frame)
    waiting.delete(frame.id as number)
  })
  await new Promise<void>((open, fail) => socket.once('open', open).once('error', fail))
  socket.on('error', () => {})

  return {
    socket,
    closed,
    notifications,
    /** @throws RpcError with the error of the answer. */
    async call<T = unknown>(method: string, ...params: unknown[]): Promise<T> {
      const id = ++next
      if (socket.readyState !== WebSocket.OPEN) throw new RpcError({ code: 0, message: 'closed' })
      const answer = new Promise<Record<string, unknown>>((done) => waiting.set(id, done))
      socket.send(encode({ jsonrpc: '2.0', id, method, params }))
      const { result, error } = await answer
      if (error !== undefined) throw new RpcError(error as never)
      return result as T
    },
    /** The first notification, past or to come, that fits. */
    heard(fits: (one: Notification) => boolean): Promise<Notification> {
      const past = notifications.find(fits)
      if (past !== undefined) return Promise.resolve(past)
      return new Promise((done) => {
        const listener = (one: Notification): void => {
          if (!fits(one)) return
          listeners.delete(listener)
          done(one)
        }
        listeners.add(listener)
      })
    },
    close(): void {
      socket.close()
    },
  }
}

export type Reply = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  readonly json: () => unknown
}

/** One HTTP request. `form` is sent url-encoded, `body` as JSON. */
export const http = (
  url: string,
  {
    ca,
    method = 'GET',
    bearer,
    form,
    body,
    headers = {},
  }: {
    ca?: string
    method?: string
    bearer?: string
    form?: Readonly<Record<string, string>>
    body?: unknown
    headers?: Readonly<Record<string, string>>
  } = {},
): Promise<Reply> =>
  new Promise((done, fail) => {
    const payload = form ? new URLSearchParams(form).toString() : body && JSON.stringify(body)
    const type = form ? 'application/x-www-form-urlencoded' : 'application/json'
    const send = url.startsWith('https:') ? overHttps : overHttp
    const request = send(url, {
      method,
      ...(ca !== undefined && { ca }),
      headers: {
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        ...(typeof payload === 'string' && {
          'content-type': type,
          'content-length': Buffer.byteLength(payload),
        }),
        ...headers,
      },
    })
    request.on('error', fail)
    request.on('response', (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () => {
        const text = Buffer.concat(parts).toString()
        const { statusCode: status = 0, headers: got } = response
        done({ status, headers: got, text, json: () => JSON.parse(text) })
      })
    })
    request.end(typeof payload === 'string' ? payload : undefined)
  })
