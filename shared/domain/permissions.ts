/** Who may do what to whom: rules that several commands share. All judge by the caller's session. */
import { Fault } from './fault.ts'
import { type KeyRef, refOf } from './key.ts'
import { covers, holds } from './roles.ts'

/** Who calls, and with which roles. */
export type Caller = {
  readonly uid: number
  readonly username: string
  readonly roles: readonly string[]
}

/** The key that an id names in the caller's tenant; null for another tenant's, as for one that doesn't exist. */
export const refIn = ({ tenant }: { readonly tenant: number }, id: number): KeyRef | null => {
  const ref = refOf(id)
  return ref?.tenant === tenant ? ref : null
}

/** @throws Fault NOT_YOUR_KEYS for another user's keys without API_KEY_WRITE (docs/protocol/keys.md §4.4, step 3). */
export const assertCanManageKeysOf = (caller: Caller, username: string | null): void => {
  if (username === caller.username || holds(caller.roles, 'API_KEY_WRITE')) return
  throw new Fault('NOT_YOUR_KEYS', { me: caller.username })
}

/** The same for an existing key. It compares numbers too, since a new user may have the name of a deleted one, whose
 * keys aren't all changed yet. */
export const assertCanManageKey = (
  caller: Caller,
  { uid, username }: { readonly uid: number; readonly username: string | null },
): void => assertCanManageKeysOf(caller, uid === caller.uid ? username : null)

/** Nobody hands out roles that they lack: not to a user, not in a key, not in a new secret of one.
 * @throws Fault ROLES_BEYOND_YOURS */
export const assertCanGrant = (caller: Caller, roles: readonly string[]): void => {
  if (covers(caller.roles, roles)) return
  const beyond = roles.filter((role) => !holds(caller.roles, role)).join(', ')
  throw new Fault('ROLES_BEYOND_YOURS', { me: caller.username, roles: beyond })
}

/** ACCOUNT_WRITE reaches users who hold no more than the caller. Otherwise it would amount to any role.
 * @throws Fault NOT_AUTHORIZED, ROLES_BEYOND_YOURS */
export const assertCanChangeUser = (
  caller: Caller,
  { roles }: { readonly roles: readonly string[] },
): void => {
  if (!holds(caller.roles, 'ACCOUNT_WRITE')) throw new Fault('NOT_AUTHORIZED')
  assertCanGrant(caller, roles)
}

/** A key must not lead to a password or second factor: who finds one would keep the account. That holds for
 * sessions that came from it by token, too. @throws Fault NOT_BY_KEY */
export const assertCanChangeSecrets = ({ key }: { readonly key: object | null }): void => {
  if (key !== null) throw new Fault('NOT_BY_KEY')
}
