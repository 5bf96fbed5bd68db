/** `npm start -- --reset-admin`: a new password for who can't log in any more. */
import { randomBase62 } from '../shared/crypto/random.ts'
import { Secret } from '../shared/domain/secret.ts'
import type { Env } from '../shared/env.ts'
import { createService } from '../shared/service.ts'
import { letAdminIn } from '../shared/users/first-admin.ts'
import { type NewPassword, TENANT } from './bootstrap.ts'
import { UserError } from './user-error.ts'

/** @throws UserError where there is nobody to give one to. */
export const resetAdmin = async (env: Env): Promise<NewPassword> => {
  const service = createService({ env })
  const tenant = await service.tenants.bySlug(TENANT)
  const password = randomBase62(24)
  const admin =
    tenant === null ? null : await letAdminIn(service, tenant, new Secret(password), 'operator')
  if (admin === null)
    throw new UserError(
      `The tenant ${TENANT} has no administrator to reset: leave out --reset-admin`,
    )
  return { username: admin.username, password }
}
