/**
 * What the audit speaks of: a closed list. An entry is made of what its event asks for here, so a change without an event,
 * about something else, or without what was before it doesn't compile. docs/storage.md says it in words.
 */
import type { RevocationCause } from './lifecycle.ts'

/** What an event is about, and how an entry names it. */
type Subjects = {
  /** By its id. */
  readonly key: number
  /** By the id of its key. */
  readonly device: number
  /** By the name that it gives to a device; empty where it gives none. */
  readonly invitation: string
  /** By the username. */
  readonly user: string
  /** By the slug. */
  readonly tenant: string
  /** By its id in `auth.sessions`. */
  readonly session: string
}

/** Fields that entries may show, by the API's names: nothing secret, sealed or hashed. Moments are in milliseconds since
 * the epoch. */
type Fields = {
  readonly name: string
  readonly username: string | null
  readonly expires_at: number | null
  readonly revoked_reason: string | null
  /** Counts a key's secrets. */
  readonly generation: number
  /** Until when the secret before the present one is good. */
  readonly grace_until: number | null
  readonly model: string | null
  readonly serial: string | null
  readonly version: string | null
  readonly invited_by: string
  readonly full_name: string
  readonly roles: readonly string[]
  readonly locked: boolean
  readonly password_disabled: boolean
  readonly twofactor_auth_configured: boolean
  /** Counts the changes of a user's password and second factor. */
  readonly password_version: number
  /** Username of a tenant's first administrator. */
  readonly admin: string
  readonly suspended: boolean
  /** Network address of a session's client. */
  readonly origin: string
  readonly tries: number
  readonly since: number
  readonly budget: string
}

type Row = {
  readonly of: keyof Subjects
  /** What is compared with what was there. Alone: of something that is gone then. */
  readonly before?: readonly (keyof Fields)[]
  /** What is there from then on. Alone: of something that is new. */
  readonly after?: readonly (keyof Fields)[]
  /** What an entry says that stands for several things. */
  readonly sums?: readonly (keyof Fields)[]
}

const KEY = ['name', 'expires_at', 'revoked_reason', 'generation', 'grace_until'] as const
const KEY_CHANGE = { of: 'key', before: KEY, after: KEY } as const
const KEY_END = { of: 'key', before: ['username'], after: ['username', 'revoked_reason'] } as const

const NEW_USER = ['full_name', 'roles', 'locked', 'password_disabled'] as const
const USER = [...NEW_USER, 'twofactor_auth_configured', 'password_version'] as const
const USER_CHANGE = { of: 'user', before: USER, after: USER } as const

const SUSPENSION = { of: 'tenant', before: ['suspended'], after: ['suspended'] } as const

export const AUDIT_EVENTS = {
  'key.create': { of: 'key', after: ['name', 'username', 'expires_at'] },
  'key.update': KEY_CHANGE,
  'key.reset': KEY_CHANGE,
  'key.grace.end': KEY_CHANGE,
  'key.revoke.expired': KEY_CHANGE,
  'key.revoke.asked': KEY_END,
  'key.revoke.insecure': KEY_END,
  'key.revoke.no-user': KEY_END,
  'key.delete': { of: 'key', before: ['name'] },
  'device.invite': { of: 'invitation', after: ['expires_at'] },
  'device.invite.insecure': { of: 'invitation' },
  'device.enroll': {
    of: 'device',
    after: ['name', 'model', 'serial', 'version', 'invited_by'],
  },
  'user.create': { of: 'user', after: NEW_USER },
  'user.update': USER_CHANGE,
  'user.set_password': USER_CHANGE,
  'user.renew_2fa_secret': USER_CHANGE,
  'user.confirm_2fa_secret': USER_CHANGE,
  'user.unset_2fa_secret': USER_CHANGE,
  'user.use_recovery_code': { of: 'user' },
  'user.delete': { of: 'user', before: ['roles'] },
  'user.tries_spent': { of: 'user', sums: ['tries', 'since', 'budget'] },
  'session.terminate': { of: 'session', before: ['username', 'origin'] },
  // Of the session that stays.
  'session.terminate_others': { of: 'session' },
  'tenant.create': { of: 'tenant', after: ['name', 'admin'] },
  'tenant.suspend': SUSPENSION,
  'tenant.resume': SUSPENSION,
} as const satisfies Readonly<Record<string, Row>> &
  Readonly<Record<`key.revoke.${RevocationCause}`, Row>>

export type AuditEvent = keyof typeof AUDIT_EVENTS
/** Events of a change of a key, and of a user. */
export type KeyEvent = Like<typeof KEY_CHANGE>
export type UserEvent = Like<typeof USER_CHANGE> | 'user.delete'

/** What has happened, as its event asks for it. Undefined stands for what a change doesn't name, and in `before` for what
 * it doesn't hold: that may have been another when it was made, so an entry doesn't say it. */
export type AuditData<E extends AuditEvent = AuditEvent> = {
  [K in E]: { readonly event: K; readonly subject: Pick<Subjects, Rows[K]['of']> } & Part<
    Rows[K],
    'before'
  > &
    Part<Rows[K], 'after'> &
    Part<Rows[K], 'sums'>
}[E]

/** What has changed, by field. `from` lacks where there was nothing, or where the change doesn't hold what there was;
 * `to` where there is nothing any more. */
export type Changes = Readonly<Record<string, { readonly from?: Value; readonly to?: Value }>>

/** @returns undefined where nothing has. */
export const changesOf = ({ event, before = {}, after }: Compared): Changes | undefined => {
  const row: Row = AUDIT_EVENTS[event]
  const changes: Record<string, Changes[string]> = {}
  // What the table doesn't name isn't told, whatever else is in the objects.
  for (const field of new Set([...(row.before ?? []), ...(row.after ?? [])])) {
    const [from, to] = [before[field], after?.[field]]
    if ((after !== undefined && to === undefined) || isSame(from, to)) continue
    changes[field] = {
      ...(from !== undefined && { from: shortened(from, to) }),
      ...(to !== undefined && { to: shortened(to, from) }),
    }
  }
  return Object.keys(changes).length === 0 ? undefined : changes
}

// ---------------------------------------------------------------------------------------------

type Rows = typeof AUDIT_EVENTS
type Like<R> = { [E in AuditEvent]: Rows[E] extends R ? E : never }[AuditEvent]
type Part<R, P extends 'before' | 'after' | 'sums'> =
  R extends Readonly<Record<P, readonly (infer F extends keyof Fields)[]>>
    ? { readonly [_ in P]: { readonly [N in F]: Fields[N] | undefined } }
    : unknown

type Value = string | number | boolean | null | readonly string[]
type Values = Readonly<Record<string, Value | undefined>>
type Compared = { readonly event: AuditEvent; readonly before?: Values; readonly after?: Values }

/** Elements of a list in an entry, which is to stay within a write unit of 1 KB. */
const MOST_LISTED = 8

/** A long list begins with all that the other side lacks, so that nothing is hidden behind it, and ends with how many of
 * the rest are left out. */
const shortened = (value: Value, other: Value | undefined): Value => {
  if (!isList(value) || value.length <= MOST_LISTED) return value
  const isShared = (one: string) => isList(other) && other.includes(one)
  const [own, shared] = [value.filter((one) => !isShared(one)), value.filter(isShared)]
  const room = Math.max(0, MOST_LISTED - own.length)
  const left = shared.length - room
  return left <= 0 ? [...own, ...shared] : [...own, ...shared.slice(0, room), `… ${left} more`]
}

const isList = (value: Value | undefined): value is readonly string[] => Array.isArray(value)

const isSame = (a: Value | undefined, b: Value | undefined): boolean =>
  JSON.stringify(a) === JSON.stringify(b)
