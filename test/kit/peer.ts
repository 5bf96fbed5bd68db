/** A client's socket, without a gateway in between: frames go to the socket's message function. */

import { decode, encode } from '../../shared/domain/ejson.ts'
import { createSocket } from '../../shared/live/socket.ts'
import { METHODS } from '../../shared/methods/index.ts'
import { createDispatch } from '../../shared/rpc/dispatch.ts'
import type { Service } from '../../shared/service.ts'
import type { Close } from '../../shared/sessions/push.ts'
import type { User } from '../../shared/store/user-items.ts'
import { addKey, slugOf } from './service.ts'

/** An answer's `error`, thrown. */
export class Refused extends Error {
  readonly code: number
  readonly data:
    | { error: number; errname: string; reason: string; extra: unknown; retry_after?: number }
    | undefined
  constructor(error: { code: number; message: string; data?: Refused['data'] }) {
    super(error.data?.reason ?? error.message)
    this.code = error.code
    this.data = error.data
  }
}

let connections = 0

export type PeerOptions = {
  readonly version?: string
  readonly proto?: string
  readonly host?: string
  readonly address?: string
}

/**
 * A process that serves sockets: several may serve one table. `pushed` and `closed` record.
 * @param around runs a call whose caller was judged already.
 */
export const startSockets = (
  service: Service,
  around: (call: () => Promise<string | null>) => Promise<string | null> = (call) => call(),
) => {
  const pushed: { connection: string; frame: Record<string, unknown> }[] = []
  const closed = new Map<string, Close>()
  const recording: Service = {
    ...service,
    push: {
      send: async (connection, text) => {
        pushed.push({ connection, frame: decode(text) as Record<string, unknown> })
        return closed.has(connection) ? 'gone' : 'sent'
      },
      close: async (connection, how) => {
        closed.set(connection, how)
      },
    },
  }
  const dispatch = createDispatch(recording, METHODS)
  const socket = createSocket(recording, (frame, peer) => around(() => dispatch(frame, peer)))

  const open = async ({
    version,
    proto = 'https',
    host = '127.0.0.1',
    address = `192.0.2.${++connections % 250}-${connections}`,
  }: PeerOptions = {}) => {
    const id = `c${++connections}`
    const status = await socket.connect({
      connection: id,
      version,
      secure: proto === 'https',
      host,
      address,
    })
    if (status !== 200) throw new Error(`the handshake was answered ${status}`)
    return on(id)
  }

  /** A socket that is open already. */
  const on = (id: string) => {
    let next = 0
    const raw = (frame: string) => socket.message(id, frame)
    return {
      id,
      raw,
      /** The answer as it stands on the wire, decoded. */
      async exchange(method: string, ...params: unknown[]): Promise<Record<string, unknown>> {
        const call = ++next
        const text = await raw(encode({ jsonrpc: '2.0', id: call, method, params }))
        if (text !== null) return decode(text) as Record<string, unknown>
        // A socket that ends with its answer is sent it first.
        const sent = pushed.find(({ connection, frame }) => connection === id && frame.id === call)
        if (sent === undefined) throw new Error(`${method} was not answered`)
        return sent.frame
      },
      async call<T = unknown>(method: string, ...params: unknown[]): Promise<T> {
        const { result, error } = await this.exchange(method, ...params)
        if (error !== undefined) throw new Refused(error as never)
        return result as T
      },
      disconnect: () => socket.disconnect(id),
    }
  }

  /** A socket on which a user is logged in with a key that is made for it. */
  const openAs = async (user: User, options: PeerOptions = {}) => {
    const { raw } = await addKey(service, user)
    const peer = await open(options)
    const login = await peer.call('auth.login_with_api_key', raw.reveal())
    if (login !== true) throw new Error(`the login was answered ${login}`)
    return peer
  }

  /** A socket on which a user is logged in with their password; of a new tenant's administrator unless said. */
  const signIn = async (user: User, password = 'correct horse', options: PeerOptions = {}) => {
    const peer = await open(options)
    const username = `${user.username}@${await slugOf(service, user)}`
    const login = { mechanism: 'PASSWORD_PLAIN', username, password }
    const answer = await peer.call<{ response_type: string }>('auth.login_ex', login)
    if (answer.response_type !== 'SUCCESS') throw new Error(`answered ${answer.response_type}`)
    return peer
  }
  return { service: recording, open, on, openAs, signIn, pushed, closed }
}

export type Sockets = ReturnType<typeof startSockets>
export type Peer = Awaited<ReturnType<Sockets['open']>>

/** What a call was refused with: `code reason`. */
export const refusalOf = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call
  } catch (error) {
    if (error instanceof Refused) return `${error.code} ${error.message.trimEnd()}`
    throw error
  }
  return 'not refused'
}
