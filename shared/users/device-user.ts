/**
 * The user whom the keys of all devices of a tenant belong to. He has role KEY_VALIDATE, no password, and no
 * person behind him: no device ends with who set it up.
 */

import { invalid } from '../domain/fault.ts'
import { DEVICES } from '../domain/names.ts'
import { DEVICE_ROLE } from '../domain/roles.ts'
import type { Parts } from '../parts.ts'
import type { Actor } from '../store/audit.ts'
import { newUser, type User } from '../store/users.ts'

/**
 * Whether a user is as enrolment makes him, and as nobody can change him. One that only has the name, made by
 * hand before it was reserved, is somebody's: he may have a password, or roles that nobody gave to devices.
 */
export const isDeviceUser = ({ username, roles, password, secondFactor, deleted }: User): boolean =>
  username === DEVICES &&
  roles.length === 1 &&
  roles[0] === DEVICE_ROLE &&
  password === null &&
  secondFactor === null &&
  !deleted

/** Makes him with the first invitation, for nothing makes users before login. @throws Fault INVALID where
 * another user has his name. */
export const ensureDeviceUser = async (
  service: Pick<Parts, 'users' | 'tenants' | 'now'>,
  tenant: number,
  actor: Actor,
): Promise<void> => {
  const found = await service.users.get(tenant, DEVICES)
  if (found !== null) {
    if (isDeviceUser(found)) return
    throw invalid(['device_invite', `User ${DEVICES} was not made by enrolment: delete him first`])
  }
  const uid = await service.tenants.next(tenant, 'users')
  const createdAt = service.now()
  const facts = { tenant, uid, username: DEVICES, fullName: 'Devices', roles: [DEVICE_ROLE] }
  // Refused where two invitations at once are the first ones: then he is there.
  await service.users.add(newUser({ ...facts, createdAt }), actor)
}

/** @returns null where he isn't there, or another has his name. */
export const deviceUser = async (
  service: Pick<Parts, 'users'>,
  tenant: number,
): Promise<User | null> => {
  const user = await service.users.get(tenant, DEVICES)
  return user !== null && isDeviceUser(user) ? user : null
}
