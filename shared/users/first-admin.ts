/** The way back in for who runs the service, and lost the password or the second factor of the only administrator. */
import { attempts } from '../domain/retry.ts'
import { holds } from '../domain/roles.ts'
import type { Secret } from '../domain/secret.ts'
import { endSessionsOfUser, INSISTING } from '../keys/ends.ts'
import type { Parts } from '../parts.ts'
import { byProof } from '../store/audit.ts'
import type { User } from '../store/user-items.ts'

/**
 * Gives a tenant's first administrator a password, and takes the second factor away: the first that isn't locked, or else
 * the first, unlocked. Sessions by the password before end; keys stay as they are.
 * @param operator who did it, for the audit.
 * @returns the administrator as they are then; null where nobody has FULL_ADMIN.
 * @throws Error where others change them all the time.
 */
export const letAdminIn = async (
  service: Pick<Parts, 'now' | 'passwords' | 'sessions' | 'users'>,
  tenant: number,
  password: Secret,
  operator: string,
): Promise<User | null> => {
  const hash = await service.passwords.hash(password)
  for await (const _ of attempts(INSISTING)) {
    const user = await firstAdmin(service, tenant)
    if (user === null) return null
    const after = await service.users.change(
      user,
      {
        password: hash,
        passwordCeiling: null,
        secondFactor: null,
        pendingFactor: null,
        ...(user.locked && { locked: false }),
      },
      {
        event: 'user.set_password',
        at: service.now(),
        actor: byProof({ username: operator, keyId: null, address: null }),
      },
    )
    if ('reason' in after) continue
    await endSessionsOfUser(service, user, after, null)
    return after
  }
  throw new Error('the administrator was changed by others meanwhile')
}

// ---------------------------------------------------------------------------------------------

const firstAdmin = async (
  { users }: Pick<Parts, 'users'>,
  tenant: number,
): Promise<User | null> => {
  const admins: User[] = []
  for await (const user of users.all(tenant))
    if (!user.deleted && holds(user.roles, 'FULL_ADMIN')) admins.push(user)
  admins.sort((one, other) => Number(one.locked) - Number(other.locked) || one.uid - other.uid)
  return admins[0] ?? null
}
