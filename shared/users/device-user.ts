/**
 * The user that owns the keys of all devices of a tenant. It has role KEY_VALIDATE, no password, and no
 * person behind it, so a device doesn't end with the person who set it up.
 */

import { invalid } from '../domain/fault.ts'
import { DEVICES } from '../domain/names.ts'
import { DEVICE_ROLE } from '../domain/roles.ts'
import type { Parts } from '../parts.ts'
import type { Actor } from '../store/audit.ts'
import { newUser, type User } from '../store/user-items.ts'

/**
 * Whether a user is as enrolment makes it, and as nobody can change it. One that only has the name, made by
 * hand before that was reserved, is a person's: it may have a password, or roles that nobody gave to devices.
 */
export const isDeviceUser = ({ username, roles, password, secondFactor, deleted }: User): boolean =>
  username === DEVICES &&
  roles.length === 1 &&
  roles[0] === DEVICE_ROLE &&
  password === null &&
  secondFactor === null &&
  !deleted

/** Makes it with the first invitation, for nothing makes users before login. @throws Fault INVALID where
 * another user has its name. */
export const ensureDeviceUser = async (
  service: Pick<Parts, 'users' | 'tenants' | 'now'>,
  tenant: number,
  actor: Actor,
): Promise<void> => {
  const found = await service.users.get(tenant, DEVICES)
  if (found !== null) {
    if (isDeviceUser(found)) return
    throw invalid(['device_invite', `User ${DEVICES} was not made by enrolment: delete it first`])
  }
  const uid = await service.tenants.next(tenant, 'users')
  const createdAt = service.now()
  const facts = { tenant, uid, username: DEVICES, fullName: 'Devices', roles: [DEVICE_ROLE] }
  // Refused where two invitations at once are the first ones: then it is there.
  await service.users.add(newUser({ ...facts, createdAt }), actor)
}

/** @returns null where it isn't there, or another user has its name. */
export const deviceUser = async (
  service: Pick<Parts, 'users'>,
  tenant: number,
): Promise<User | null> => {
  const user = await service.users.get(tenant, DEVICES)
  return user !== null && isDeviceUser(user) ? user : null
}
