/** Whether a session still holds, judged at every call by what it depends on: key or user, and the tenant's gate. */

import { type Ceiling, under } from '../domain/roles.ts'
import { effectiveState, keyBy, secretsOf } from '../keys/rules.ts'
import type { Session } from '../store/connection-items.ts'
import { type Gate, isLoginOver, isSuspended, type MarkedLogin, newRootOf } from '../store/gate.ts'
import { toChecked } from '../store/key-items.ts'
import { toUser, type User } from '../store/user-items.ts'
import type { Item } from '../store/write.ts'

/** How long a login by key or password lasts, with all sessions that its tokens open: 30 days, as a session of
 * TrueNAS's authenticators of level 1 (docs/protocol/login.md §3.6; NIST SP 800-63B for AAL1). */
export const LOGIN_MS = 30 * 86_400_000

/** When a session is over at the latest, in milliseconds since the epoch. */
export const sessionEnd = ({ ends, loginAt }: Session): number => ends ?? loginAt + LOGIN_MS

/** The login by key or password that began a session's chain of tokens. Older sessions name the nearest to it that they
 * know. */
export const loginOf = (session: Session): MarkedLogin => {
  const { id, root = session.from?.[0]?.id ?? id } = session
  return { id, at: sessionEnd(session) - LOGIN_MS, root }
}

export type Rights = {
  readonly roles: readonly string[]
  /** The ceiling of the key or password that opened it. Nothing made in the session exceeds it. */
  readonly ceiling: Ceiling
  /** The version of the user's rights that the session was judged by. */
  readonly version: number
}

/** The rights of a session by password. */
export const rightsOf = ({ roles, version, passwordCeiling: ceiling }: User): Rights => ({
  roles: under(ceiling, roles),
  ceiling,
  version,
})

/** A session that holds, with the roles that its user has now. */
export type LiveSession = Session &
  Rights & {
    /** Present if a device's key opened it: it may call little, and makes no tokens. */
    readonly device?: true
  }

/**
 * @param holder the session's key or user as just read, null if it is gone.
 * @param gate its tenant's, read with it.
 */
export const resolveSession = (
  session: Session,
  holder: Item | null,
  gate: Gate,
  now: number,
): LiveSession | null => {
  if (holder === null || holder.uid !== session.uid || now >= sessionEnd(session)) return null
  if (isSuspended(gate)) return null
  if (isLoginOver(gate, loginOf(session))) return null
  const { key } = session
  const rights = key === null ? ofUser(session, holder) : ofKey(session, key, holder, gate, now)
  if (rights === null) return null
  const isDevice = key !== null && holder.device === true
  const root = newRootOf(gate, session.id)
  return { ...session, ...(root && { root }), ...rights, ...(isDevice && { device: true }) }
}

// ---------------------------------------------------------------------------------------------

const ofKey = (
  session: Session,
  opened: NonNullable<Session['key']>,
  item: Item,
  gate: Gate,
  now: number,
): Rights | null => {
  const key = toChecked(item, session, gate)
  if (effectiveState(key, now) !== 'active') return null
  const secret = secretsOf(key, now).find(({ generation }) => generation === opened.generation)
  if (secret === undefined) return null
  return { roles: keyBy(key, secret).roles, ceiling: secret.ceiling, version: key.userVersion }
}

const ofUser = ({ tenant, passwordVersion }: Session, item: Item): Rights | null => {
  const user = toUser(item, tenant)
  if (user.locked || user.deleted || user.passwordVersion !== passwordVersion) return null
  return rightsOf(user)
}
