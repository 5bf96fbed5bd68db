/** Whether a session still holds, judged at every call by the item that it hangs on. */
import { standing } from '../keys/check.ts'
import type { Session } from '../store/connection-items.ts'
import { toChecked } from '../store/key-items.ts'
import { toUser } from '../store/users.ts'
import type { Item } from '../store/write.ts'

/** How long a login by key or password lasts, with all that goes on from it by tokens: 30 days, as a session of
 * TrueNAS's authenticators of level 1 (PROTOCOL 3.6; NIST SP 800-63B for AAL1). */
export const LOGIN_MS = 30 * 86_400_000

/** When a session is over at the latest, in milliseconds since the epoch. */
export const endOf = ({ ends, loginAt }: Session): number => ends ?? loginAt + LOGIN_MS

/** A session that holds, with the roles that its user has now. */
export type LiveSession = Session & {
  readonly roles: readonly string[]
  /** Version of the user's rights by which it was judged. */
  readonly version: number
  /** There if a device's key opened it: it may call little, and makes no tokens. */
  readonly device?: true
}

/** @param holder the session's key or user as just read, null if it is gone. */
export const live = (session: Session, holder: Item | null, now: number): LiveSession | null => {
  if (holder === null || holder.uid !== session.uid || now >= endOf(session)) return null
  const rights = session.key === null ? ofUser(session, holder) : ofKey(session, holder, now)
  if (rights === null) return null
  const isDevice = session.key !== null && holder.device === true
  return { ...session, ...rights, ...(isDevice && { device: true }) }
}

// ---------------------------------------------------------------------------------------------

type Rights = Pick<LiveSession, 'roles' | 'version'>

const ofKey = ({ tenant, key: opened }: Session, item: Item, now: number): Rights | null => {
  const key = toChecked(item, { tenant, n: item.n })
  if (standing(key, now) !== 'active') return null
  const { former } = key
  const current = opened?.generation === key.generation
  const graced = former !== null && former.generation === opened?.generation && now < former.until
  return current || graced ? { roles: key.roles, version: key.userVersion } : null
}

const ofUser = ({ tenant, passwordVersion }: Session, item: Item): Rights | null => {
  const user = toUser(item, tenant)
  const { roles, version } = user
  const isOver = user.locked || user.deleted || user.passwordVersion !== passwordVersion
  return isOver ? null : { roles, version }
}
