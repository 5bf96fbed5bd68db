/** A key is reset and revoked at once: it must be dead when both are acknowledged. */
import { createKey, resetKey, revokeKey } from '../acts/keys.ts'
import { must, newTenant } from '../acts/tenants.ts'
import { BREEZE } from '../aws/sky.ts'
import type { Scenario } from './scenario.ts'

export const resetBesideRevoke: Scenario = {
  name: 'reset-beside-revoke',
  shows: 'A reset that began before a revocation doesn’t undo it',
  run: async (world) => {
    const { clock, random, weather } = world
    const tenant = await newTenant(world, 'amber')
    const [one, other] = [await tenant.socket('one'), await tenant.socket('other')]
    const keys = await Promise.all(
      [1, 2, 3, 4, 5].map((n) =>
        createKey(world, tenant.root, { name: `amber ${n}`, username: 'root' }).then(must),
      ),
    )
    weather.set(BREEZE)
    await Promise.all(
      keys.map(async ({ id }) => {
        await clock.sleep(random.between(0, 200))
        const reset = resetKey(world, one, id)
        await clock.sleep(random.between(0, 12))
        await Promise.all([reset, revokeKey(world, other, id)])
      }),
    )
    return { tenants: [tenant] }
  },
}
