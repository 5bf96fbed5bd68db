/**
 * A connection that is kept: it comes back by itself, logs in again, subscribes again, and calls wait
 * for it meanwhile.
 *
 *   connecting ──► online ──(socket ends)──► offline ──(retryAt, reconnect())──► connecting
 *        └──(login refused)──► signedOut ──(signedIn())──► online
 */
import { createCalls } from './calls.ts'
import { type Connection, openConnection } from './connection.ts'
import { isSessionGone, RpcError, SignedOut } from './errors.ts'
import { globalWebSocket, systemClock } from './platform.ts'
import { retryDelay } from './retry.ts'
import { createSubscriptions } from './subscriptions.ts'
import type { Call, Client, ClientOptions, State, StateDetail } from './types.ts'

/** API Gateway closes after 10 minutes without a message; a login token lives as long. */
export const KEEP_ALIVE_MS = 4 * 60_000
/** Who was online for so long isn't in a loop of failures. */
const STABLE_MS = 30_000

/**
 * A client whose connection opens at once, and comes back until `close()`.
 *
 * @throws TypeError for a login that must not go over `ws:`, and where there is no WebSocket.
 * @example
 * ```ts
 * const client = createClient({
 *   url: `wss://keys.example.com/api/${VERSION}`,
 *   login: keyLogin('admin', process.env.API_KEY ?? ''),
 * })
 * await client.call('core.ping')
 * client.close()
 * ```
 */
export const createClient = (options: ClientOptions): Client => {
  const { url, login, clock = systemClock, WebSocket = globalWebSocket() } = options
  if (login?.secureOnly && !url.startsWith('wss:'))
    throw new TypeError('A key must not be sent in clear: it would be revoked. Use a wss: address')
  const listeners = new Set<(state: State, detail: StateDetail) => void>()
  const subscriptions = createSubscriptions()
  const waiting = createCalls(clock)
  let state: State = 'connecting'
  /** The socket, from the first moment on. */
  let connection: Connection | null = null
  /** The same, once calls may be made. */
  let usable: Connection | null = null
  let failures = 0
  /** For how long the service asked to be left alone, when it refused the login. */
  let leastMs = 0
  let onlineAt: number | null = null
  let timer: unknown

  const change = (to: State, detail: StateDetail = {}): void => {
    state = to
    for (const listener of [...listeners]) listener(to, detail)
  }

  const open = (): void => {
    clock.clearTimeout(timer)
    if (state !== 'signedOut' && state !== 'connecting') change('connecting')
    const on: Connection = openConnection(
      { url, WebSocket, clock },
      {
        opened: () => void begin(on),
        ended: (reason) => ended(on, reason),
        notified: (notification) => subscriptions.notified(notification),
      },
    )
    connection = on
  }

  const begin = async (on: Connection): Promise<void> => {
    // Somebody wants to sign in, on a new socket: there is no login to do.
    const isSignedOut = state === 'signedOut'
    const greeting = on.call('core.set_options', {})
    const refusal = await failureOf(Promise.all([greeting, isSignedOut ? null : login?.(on.call)]))
    if (on !== connection) return
    if (refusal instanceof SignedOut) goSignedOut(on, refusal.message)
    else if (refusal !== null) {
      if (refusal instanceof RpcError) leastMs = (refusal.retryAfter ?? 0) * 1000
      on.end(refusal.message)
    } else if (isSignedOut) admit(on)
    else await goOnline(on)
  }

  /** Lets calls through. */
  const admit = (on: Connection): void => {
    usable = on
    waiting.release(on)
    clock.clearTimeout(timer)
    timer = clock.setTimeout(keepAlive, KEEP_ALIVE_MS)
  }

  const goOnline = async (on: Connection): Promise<void> => {
    onlineAt = clock.now()
    await subscriptions.attach(on.call)
    if (on !== connection) return
    admit(on)
    change('online')
  }

  const goSignedOut = (on: Connection, reason: string): void => {
    subscriptions.detach()
    admit(on)
    change('signedOut', { reason })
  }

  const keepAlive = (): void => {
    if (usable === null) return
    timer = clock.setTimeout(keepAlive, KEEP_ALIVE_MS)
    if (state === 'online' && login?.keepAlive) login.keepAlive(call).catch(() => {})
    else usable.check()
  }

  const ended = (on: Connection, reason: string): void => {
    if (on !== connection) return
    connection = null
    usable = null
    subscriptions.detach()
    clock.clearTimeout(timer)
    if (onlineAt !== null && clock.now() - onlineAt >= STABLE_MS) failures = 0
    onlineAt = null
    if (state === 'closed') return
    // Without a login there is nothing to come back for, unless somebody waits.
    if (state === 'signedOut' && waiting.size === 0) return
    const delay = retryDelay(failures++, clock.random(), leastMs)
    leastMs = 0
    timer = clock.setTimeout(open, delay)
    if (state !== 'signedOut') change('offline', { reason, retryAt: clock.now() + delay })
  }

  /** The socket to call on: now, or when there is one. */
  const ready = async (): Promise<Connection> => {
    if (usable !== null) await subscriptions.settled()
    if (usable !== null) return usable
    const coming = waiting.add(state === 'closed')
    if (state === 'signedOut' && connection === null) open()
    return coming
  }

  const call = (async (method: string, ...params: unknown[]) => {
    const on = await ready()
    try {
      const result = await (on.call as AnyCall)(method, ...params)
      if (method === 'auth.logout' && on === connection) goSignedOut(on, 'Signed out')
      return result
    } catch (error) {
      // The socket of a dead session is good for nothing: a new login decides what is next.
      if (login && on === connection && state === 'online' && isSessionGone(error))
        on.end('Session is expired')
      throw error
    }
  }) as Call

  open()
  return {
    call,
    rows: (method, filters = [], options = {}) =>
      (call as AnyCall)(method, filters, options) as never,
    count: (method, filters = []) => (call as AnyCall)(method, filters, { count: true }) as never,
    subscribe: (event, heard, onGap, onRefused) =>
      subscriptions.add(event, { heard, onGap, onRefused }),
    get state() {
      return state
    },
    onState(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    reconnect() {
      if (state === 'offline') open()
      else usable?.check()
    },
    signedIn() {
      if (usable !== null) void goOnline(usable)
      else if (state === 'signedOut') {
        const former = connection
        connection = null
        former?.end('Somebody has signed in')
        change('connecting')
        open()
      }
    },
    close() {
      if (state === 'closed') return
      change('closed')
      connection?.end('The client was closed')
      clock.clearTimeout(timer)
      waiting.refuse('The client was closed')
    },
  }
}

// ---------------------------------------------------------------------------------------------

type AnyCall = (method: string, ...params: unknown[]) => Promise<unknown>

const failureOf = async (promise: Promise<unknown>): Promise<Error | null> => {
  try {
    await promise
    return null
  } catch (error) {
    return error instanceof Error ? error : new Error('The login failed')
  }
}
