/** What callers of the client see of methods, events and connection. */
import type { Events, Filters, Methods, QueryOptions } from './api.ts'
import type { RpcError } from './errors.ts'
import type { Clock, SocketConstructor } from './platform.ts'

export type MethodName = keyof Methods
export type Params<M extends MethodName> = Methods[M]['params']
export type Result<M extends MethodName> = Methods[M]['result']

/** Methods that list rows. */
export type QueryName = {
  [M in MethodName]: Methods[M] extends { row: unknown } ? M : never
}[MethodName]
export type Row<M extends QueryName> = Methods[M] extends { row: infer R } ? R : never
export type RowOptions = Omit<QueryOptions, 'count' | 'get'>

export type EventName = keyof Events
export type Change<E extends EventName> =
  | { readonly msg: 'added' | 'changed'; readonly id: number; readonly fields: Events[E] }
  | { readonly msg: 'removed'; readonly id: number }

/** @throws RpcError as the service refuses, Disconnected if the socket goes or doesn't come. */
export type Call = <M extends MethodName>(method: M, ...params: Params<M>) => Promise<Result<M>>

/** Logs in on a new socket. Throws SignedOut to have the client give up; after anything else it tries again. */
export type Login = ((call: Call) => Promise<void>) & {
  /** Must not go over `ws:`. */
  readonly secureOnly?: true
  /** Done every four minutes while online, instead of a ping. */
  readonly keepAlive?: (call: Call) => Promise<void>
}

/**
 * `connecting` until the socket is open and the login done; `offline` until the next try; `signedOut`
 * when the login was refused: methods that need none can be called; `closed` for good.
 */
export type State = 'connecting' | 'online' | 'offline' | 'signedOut' | 'closed'

export type StateDetail = {
  readonly reason?: string
  /** When it will be tried again, in milliseconds since the epoch. */
  readonly retryAt?: number
}

export type ClientOptions = {
  /** Such as `wss://host/api/v26.0.0`. */
  readonly url: string
  /** Default: the platform's own. */
  readonly WebSocket?: SocketConstructor
  /** Done after each connect, the first one included. Absent: nobody logs in. */
  readonly login?: Login
  readonly clock?: Clock
}

export type Client = {
  /**
   * Calls a method; waits up to 30 s for a connection.
   * @example
   * ```ts
   * const key = await client.call('api_key.get_instance', 1000000007)
   * ```
   */
  readonly call: Call
  /**
   * The rows that a query lists; without a `limit`, all of them.
   * @example
   * ```ts
   * const expired = await client.rows('api_key.query', [['expires_at', '<', new Date()]], { limit: 50 })
   * ```
   */
  rows<M extends QueryName>(method: M, filters?: Filters, options?: RowOptions): Promise<Row<M>[]>
  /**
   * How many rows a query has.
   * @example
   * ```ts
   * const revoked = await client.count('api_key.query', [['revoked', '=', true]])
   * ```
   */
  count<M extends QueryName>(method: M, filters?: Filters): Promise<number>
  /**
   * Hears of changes until the returned function is called. Calls made after it see nothing older than
   * what it hears.
   * @param onGap after each reconnect: changes may have been missed, so read again.
   * @param onRefused the service doesn't let the caller listen, or not any more.
   * @example
   * ```ts
   * const stop = client.subscribe('api_key.query', (change) => {
   *   if (change.msg !== 'removed') show(change.fields.name)
   * })
   * ```
   */
  subscribe<E extends EventName>(
    event: E,
    listener: (change: Change<E>) => void,
    onGap?: () => void,
    onRefused?: (error: RpcError) => void,
  ): () => void
  readonly state: State
  /** Hears of each state that comes, until the returned function is called; not of the present one. */
  onState(listener: (state: State, detail: StateDetail) => void): () => void
  /** Offline: tries now instead of at `retryAt`. Else: sees whether the connection is still alive. */
  reconnect(): void
  /** Says that somebody has logged in by `call`: subscribes, and is online. */
  signedIn(): void
  /** For good: calls that wait or have no answer yet fail with Disconnected. */
  close(): void
}
