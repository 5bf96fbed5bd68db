/** Makes a tenant with its data key and its first administrator, and before the very first the service's own data key.
 * Suspends tenants. */
import { randomBase62 } from '../crypto/random.ts'
import { Secret } from '../domain/secret.ts'
import { afterMark } from '../keys/ends.ts'
import type { Parts } from '../parts.ts'
import type { Actor } from '../store/audit.ts'
import type { Once } from '../store/once.ts'
import type { Tenant } from '../store/tenants.ts'
import { newUser } from '../store/user-items.ts'

export type NewTenant = Omit<Tenant, 'tenant' | 'createdAt' | 'suspended'> & {
  /** The first user, with role FULL_ADMIN. Without a password they get a random one. */
  readonly admin: {
    readonly username: string
    readonly fullName: string
    readonly password: Secret | null
  }
}

/**
 * Suspends a tenant, or lets it go on. It holds for every check, login and frame from the answer on, and for calls that
 * were under way.
 * @returns the tenant as it is then; null if there is none.
 */
export const suspendTenant = async (
  { tenants, sessions, now }: Pick<Parts, 'tenants' | 'sessions' | 'now'>,
  tenant: number,
  suspended: boolean,
  actor: Actor,
): Promise<Tenant | null> => {
  const after = await tenants.setSuspended(tenant, suspended, now(), actor)
  if (after !== null && suspended) await afterMark(() => sessions.dropAllCopies(tenant))
  return after
}

/** @returns the tenant and its administrator's password, or null if the slug is taken. */
export const createTenant = async (
  service: Pick<Parts, 'tenants' | 'vault' | 'passwords' | 'now'>,
  { admin, ...facts }: NewTenant,
  actor: Actor,
  once?: Once,
): Promise<{ tenant: Tenant; password: Secret } | null> => {
  if ((await service.tenants.bySlug(facts.slug)) !== null) return null
  if ((await service.tenants.wrappedKey('service', 1)) === null)
    await service.tenants.addServiceKey(await service.vault.newKey('service', 1))
  const tenant = await service.tenants.nextTenant()
  const createdAt = service.now()
  const password = admin.password ?? new Secret(randomBase62(24))
  const key = await service.vault.newKey(tenant, 1)
  const user = newUser({
    tenant,
    uid: 1,
    username: admin.username,
    fullName: admin.fullName,
    roles: ['FULL_ADMIN'],
    createdAt,
    password: await service.passwords.hash(password),
  })
  const after = await service.tenants.add({ ...facts, tenant, createdAt }, key, user, actor, once)
  return 'reason' in after ? null : { tenant: after, password }
}
