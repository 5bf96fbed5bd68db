/**
 * The one error class and the closed table that maps each failure to the wire.
 * A wrong credential is an answer, not a Fault; a Fault is a call that could not be carried out.
 */

/** Numbers of the errnos that appear in `error.data` (docs/protocol/wire.md §1.4). */
export const ERRNO = {
  ENOENT: 2,
  EIO: 5,
  EAGAIN: 11,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  EINVAL: 22,
  EMSGSIZE: 90,
  ENOTAUTHENTICATED: 207,
} as const
export type Errno = keyof typeof ERRNO

/** `[attribute, message, errno]`: one entry of `error.data.extra` in a −32602. */
export type Violation = readonly [attribute: string | null, message: string, errno: number]

type Row = {
  /** JSON-RPC code: −32602 Invalid params, −32001 Method call error. */
  readonly rpc: -32602 | -32001
  readonly errno: Errno
  /** Public text; `{x}` is filled from the Fault's data. */
  readonly text: string
  /** True where the genuine server sends the bare text, without its `[ERRNAME]`. */
  readonly bare?: true
  /** True for reasons that a genuine server doesn't have. */
  readonly ours?: true
}

const row = <const T extends Record<string, Row>>(rows: T): { readonly [K in keyof T]: Row } => rows

export const FAULTS = row({
  NOT_AUTHENTICATED: { rpc: -32001, errno: 'ENOTAUTHENTICATED', text: 'Not authenticated' },
  NOT_AUTHORIZED: { rpc: -32001, errno: 'EACCES', text: 'Not authorized' },
  SESSION_EXPIRED: { rpc: -32001, errno: 'EACCES', text: 'Session is expired' },
  RATE_LIMITED: { rpc: -32001, errno: 'EBUSY', text: 'Rate Limit Exceeded' },
  NOT_YOUR_KEYS: {
    rpc: -32001,
    errno: 'EACCES',
    text: '{me}: authenticated user lacks privileges to create or modify API keys of other users.',
  },
  ROLES_BEYOND_YOURS: {
    rpc: -32001,
    errno: 'EACCES',
    text: '{me}: authenticated user lacks these roles and can not hand them out: {roles}',
    ours: true,
  },
  USER_BUILT_IN: {
    rpc: -32001,
    errno: 'EACCES',
    text: 'User {username} belongs to the service: it can be locked, and nothing else.',
    ours: true,
  },
  TOO_MANY_INVITATIONS: {
    rpc: -32001,
    errno: 'EBUSY',
    text: 'A tenant makes {most} enrolment tokens an hour at the most.',
    ours: true,
  },
  /** One answer for everything that can be wrong with a token, so that nobody learns which tokens there were. */
  ENROLMENT_REFUSED: {
    rpc: -32001,
    errno: 'EACCES',
    text: 'The enrolment token is not valid.',
    ours: true,
  },
  NOT_ENCRYPTED: {
    rpc: -32001,
    errno: 'EACCES',
    text: 'This call takes an encrypted connection only: use wss. An enrolment token that was sent in clear is dead.',
    ours: true,
  },
  NO_OTP_PENDING: {
    rpc: -32001,
    errno: 'EINVAL',
    text: 'OTP_TOKEN: no authentication in progress',
  },
  SCRAM_NOT_IN_PROGRESS: {
    rpc: -32001,
    errno: 'EFAULT',
    text: 'SCRAM authentication is not in progress',
  },
  TOO_MANY_TOKENS: {
    rpc: -32001,
    errno: 'EBUSY',
    text: 'A session has {most} open tokens at the most. Use one, wait until the next one expires ({next}), or log in anew.',
    ours: true,
  },
  NO_JOB: { rpc: -32001, errno: 'EFAULT', text: '{job}: job does not exist.' },
  NOT_BY_KEY: {
    rpc: -32001,
    errno: 'EACCES',
    text: 'Not authorized: a session that a key opened sets no password and no second factor. Log in with a password.',
    ours: true,
  },
  TOO_MANY_TRIES: {
    rpc: -32001,
    errno: 'EBUSY',
    text: 'Too many wrong passwords or codes for this account. Try again after {next}.',
    ours: true,
  },
  MATCH_NOT_FOUND: { rpc: -32001, errno: 'EINVAL', text: 'MatchNotFound()', bare: true },
  /** A filter or sort met values that have no order, such as null and a number (docs/protocol/queries.md §6.1). */
  NOT_COMPARABLE: { rpc: -32001, errno: 'EINVAL', text: '{detail}', bare: true },
  RESULT_TOO_LARGE: {
    rpc: -32001,
    errno: 'EMSGSIZE',
    text: 'The result has {bytes} bytes, and one message carries {most} at the most. Ask for fewer rows with the option `limit` (and `offset`), or for fewer fields with `select`.',
    ours: true,
  },
  QUERY_TOO_COSTLY: {
    rpc: -32001,
    errno: 'EINVAL',
    text: 'The query would take more than {most} steps, each a condition on a row or a comparison of two. Ask with fewer conditions or sort keys, with simpler patterns, or for fewer rows, such as by a range of `id`.',
    ours: true,
  },
  /** What no index finds is looked for among so many rows, and no further (`domain/query/bound.ts`). */
  QUERY_TOO_WIDE: {
    rpc: -32001,
    errno: 'EINVAL',
    text: 'The query would look at more than {most} {rows}, and one call looks at no more. {advice}',
    ours: true,
  },
  /** Two resets at once have one winner: the other must not kill the secret that the winner was shown. */
  RESET_TWICE: {
    rpc: -32001,
    errno: 'EBUSY',
    text: 'The key was reset by another call at the same moment, and this call changed nothing. Use the secret that call was given, or reset again.',
    ours: true,
  },
  /** A reset beside a revoke must not bring the key back. */
  REVOKED_MEANWHILE: {
    rpc: -32001,
    errno: 'EBUSY',
    text: 'The key was revoked by another call at the same moment, and this reset changed nothing: the key stays revoked. Reset it again if it is to come back.',
    ours: true,
  },
  RIGHTS_CHANGED: {
    rpc: -32001,
    errno: 'EBUSY',
    text: 'The roles of {username} were changed by another call at the same moment, and this call changed nothing. Repeat it if it is still wanted.',
    ours: true,
  },
  USER_CHANGED: {
    rpc: -32001,
    errno: 'EBUSY',
    text: 'User {username} was changed by another call at the same moment, and this call changed nothing. Look at the user again, and repeat the call if it is still wanted.',
    ours: true,
  },
  /** A repeat of a call that showed a secret. */
  ALREADY_DONE: {
    rpc: -32001,
    errno: 'EEXIST',
    text: '{what} by an earlier call with this idempotency_key, and this call changed nothing. The secret was shown then, and is kept nowhere. If that answer never came, {advice}',
    ours: true,
  },
  IDEMPOTENCY_KEY_REUSED: {
    rpc: -32001,
    errno: 'EINVAL',
    text: 'The idempotency_key belongs to an earlier call with other parameters, and this call changed nothing. A new call takes a new one.',
    ours: true,
  },
  /** Every check reads the gate, so the number of users' changes in it is bounded. */
  TOO_MANY_CHANGES: {
    rpc: -32001,
    errno: 'EBUSY',
    text: 'Changes of {most} users are on their way to their keys already, and this call changed nothing. Try again in some minutes. To end one key at once, revoke it; to stop all of the tenant, have the operator suspend it.',
    ours: true,
  },
  LIMIT_REACHED: { rpc: -32001, errno: 'EBUSY', text: '{detail}', ours: true },
  /** AWS was throttled or out of reach. Nothing was changed, or only what may be done twice. */
  UNAVAILABLE: {
    rpc: -32001,
    errno: 'EAGAIN',
    text: 'The service is busy. Try again in a moment.',
    ours: true,
  },
  /** AWS didn't answer whether it made a change, and couldn't be asked either. */
  OUTCOME_UNKNOWN: {
    rpc: -32001,
    errno: 'EIO',
    text: 'Whether this change was made is not known. Look whether it was, or repeat the call with the idempotency_key that it had: nothing is made twice then.',
    ours: true,
  },
  INTERNAL: { rpc: -32001, errno: 'EFAULT', text: 'Internal error, reference {reference}' },
  INVALID: { rpc: -32602, errno: 'EINVAL', text: 'Invalid params' },
})
export type FaultCode = keyof typeof FAULTS

/** A failure with a stable code. Throw data, never prose: the text comes from {@link FAULTS}. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly code: FaultCode
  readonly violations: readonly Violation[] | null
  /** The number of what an earlier call made; null where there is none. */
  readonly made: number | null
  /** After how many seconds calling again may help; null where that isn't known. */
  readonly retryAfterSeconds: number | null

  constructor(
    code: FaultCode,
    data: Readonly<Record<string, string | number>> = {},
    options: {
      cause?: unknown
      violations?: readonly Violation[]
      made?: number
      retryAfterSeconds?: number
    } = {},
  ) {
    const { text } = FAULTS[code]
    super(
      text.replace(/\{(\w+)\}/g, (_, name: string) => String(data[name] ?? '')),
      'cause' in options ? { cause: options.cause } : undefined,
    )
    this.code = code
    this.violations = options.violations ?? null
    this.made = options.made ?? null
    this.retryAfterSeconds = options.retryAfterSeconds ?? null
  }
}

/** Parameters that break a rule: −32602 with its list of violations (docs/protocol/wire.md §1.4). */
export const invalid = (...violations: (readonly [string | null, string, number?])[]): Fault =>
  new Fault(
    'INVALID',
    {},
    {
      violations: violations.map(([at, text, errno = ERRNO.EINVAL]) => [at, text, errno] as const),
    },
  )

/** A row that isn't there: what `get_instance`, `update` and `delete` answer (docs/protocol/keys.md §4.4). */
export const missing = (kind: string, id: number | string): Fault =>
  invalid([null, `${kind} ${id} does not exist`, ERRNO.ENOENT])
