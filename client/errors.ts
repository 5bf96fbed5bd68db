/** What a call can fail with. No error carries a key, a password, a token or a parameter. */

/** `[attribute, message, errno]`: one thing that is wrong with the parameters. */
export type Violation = readonly [attribute: string | null, message: string, errno: number]

/** `error` of an answer, as it stands on the wire. */
export type WireError = {
  readonly code: number
  readonly message: string
  readonly data?: {
    readonly error: number
    readonly errname: string
    readonly reason: string
    readonly extra: readonly Violation[] | null
    readonly made?: number
    readonly retry_after?: number
  }
}

/**
 * The service refused a call, or failed at it.
 *
 * @example
 * ```ts
 * try {
 *   await client.call('api_key.delete', 1000000007)
 * } catch (error) {
 *   if (!(error instanceof RpcError)) throw error
 *   show(error.errname, error.text)
 * }
 * ```
 */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  /** JSON-RPC code: -32602 for wrong parameters, -32001 for a call that failed. */
  readonly code: number
  /** Number and name of the errno, such as 13 and `EACCES`; 0 and an empty text where there is none. */
  readonly errno: number
  readonly errname: string
  /** As the service says it, `[ERRNAME] ` included. */
  readonly reason: string
  /** For code -32602: each thing that is wrong. */
  readonly violations: readonly Violation[]
  /** For a repeat of a call with an idempotency key: the number of what it made. */
  readonly made: number | null
  /** Seconds after which calling again may help; null where the service doesn't say. */
  readonly retryAfter: number | null

  constructor({ code, message, data }: WireError) {
    const reason = (data?.reason ?? message).trimEnd()
    super(reason)
    this.code = code
    this.errno = data?.error ?? 0
    this.errname = data?.errname ?? ''
    this.reason = reason
    this.violations = data?.extra ?? []
    this.made = data?.made ?? null
    this.retryAfter = data?.retry_after ?? null
  }

  /** The reason in words for people: without errnos, and without the names of parameters. */
  get text(): string {
    if (this.violations.length === 0) return withoutErrno(this.reason)
    return this.violations.map(([, message]) => message.replace(/^Value error, /, '')).join('\n')
  }
}

/**
 * The connection went before the answer came, or didn't come about in time.
 *
 * @example
 * ```ts
 * const keys = await client.rows('api_key.query').catch((error) => {
 *   if (error instanceof Disconnected) return null
 *   throw error
 * })
 * ```
 */
export class Disconnected extends Error {
  override readonly name = 'Disconnected'
  /** False if the call never left, so that it can be made again. If true, it may have been carried out. */
  readonly sent: boolean

  constructor(message: string, { sent }: { sent: boolean }) {
    super(message)
    this.sent = sent
  }
}

/**
 * The login was refused. Thrown by a login, it keeps the client from logging in again.
 *
 * @example
 * ```ts
 * const login = async (call: Call) => {
 *   const isGood = await call('auth.login_with_token', await askForToken())
 *   if (!isGood) throw new SignedOut('The token was refused')
 * }
 * ```
 */
export class SignedOut extends Error {
  override readonly name = 'SignedOut'
}

/** Whether a call failed because nobody is logged in (any more). */
export const isSessionGone = (error: unknown): boolean =>
  error instanceof RpcError &&
  (error.errname === 'ENOTAUTHENTICATED' || error.reason === '[EACCES] Session is expired')

// ---------------------------------------------------------------------------------------------

const withoutErrno = (reason: string): string => reason.replace(/^\[E[A-Z0-9]+\] /, '')
