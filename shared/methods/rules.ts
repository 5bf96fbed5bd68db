/** Who may do what to whom: rules that several methods share. All of them judge by the session. */

import { Fault } from '../domain/fault.ts'
import { type KeyRef, refOf } from '../domain/key.ts'
import { covers, holds } from '../domain/roles.ts'
import type { SessionCall } from '../rpc/method.ts'
import type { User } from '../store/users.ts'

/** The place of an id in the caller's tenant; null for any other tenant's, as for one that isn't there. */
export const refIn = ({ session }: SessionCall, id: number): KeyRef | null => {
  const ref = refOf(id)
  return ref?.tenant === session.tenant ? ref : null
}

/** @throws Fault NOT_YOUR_KEYS for another user's key without API_KEY_WRITE (docs/protocol/keys.md §4.4, step 3). */
export const mayManage = ({ session }: SessionCall, username: string | null): void => {
  if (username === session.username || holds(session.roles, 'API_KEY_WRITE')) return
  throw new Fault('NOT_YOUR_KEYS', { me: session.username })
}

/** The same for a key that is there: a namesake of a user who was deleted has no part in their keys, whose change is
 * on its way. */
export const mayManageKey = (
  call: SessionCall,
  { uid, username }: { readonly uid: number; readonly username: string | null },
): void => mayManage(call, uid === call.session.uid ? username : null)

/** Nobody hands out roles that he lacks: not to a user, not in a key, not in a new secret of one. */
export const mayGive = ({ session }: SessionCall, roles: readonly string[]): void => {
  if (covers(session.roles, roles)) return
  const beyond = roles.filter((role) => !holds(session.roles, role)).join(', ')
  throw new Fault('ROLES_BEYOND_YOURS', { me: session.username, roles: beyond })
}

/** ACCOUNT_WRITE reaches users who hold no more than the caller: else it would amount to any role. */
export const mayTouch = (call: SessionCall, user: User): void => {
  if (!holds(call.session.roles, 'ACCOUNT_WRITE')) throw new Fault('NOT_AUTHORIZED')
  mayGive(call, user.roles)
}

/** A key must not lead to a password or second factor: who finds one would keep the account. That holds for
 * sessions that came from it by token, too. @throws Fault NOT_BY_KEY */
export const assertCanChangeSecrets = ({ session }: SessionCall): void => {
  if (session.key !== null) throw new Fault('NOT_BY_KEY')
}
