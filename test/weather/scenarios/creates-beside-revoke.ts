/** A key makes others while it is revoked. */
import { createKey, revokeKey } from '../acts/keys.ts'
import { signIn } from '../acts/logins.ts'
import { newPerson, newTenant } from '../acts/tenants.ts'
import { BREEZE } from '../aws/sky.ts'
import type { Scenario } from './scenario.ts'

export const createsBesideRevoke: Scenario = {
  name: 'creates-beside-revoke',
  shows: 'What a key does in flight ends with it',
  run: async (world) => {
    const { clock, random, weather } = world
    const tenant = await newTenant(world, 'amber')
    const insider = await newPerson(world, tenant, 'insider', ['FULL_ADMIN'])
    const owner = await tenant.socket('owner')
    const sockets = await Promise.all([1, 2].map((n) => signIn(world, `insider-${n}`, insider.key)))
    weather.set(BREEZE)
    const creates = Array.from({ length: 14 }, async (_, n) => {
      await clock.sleep(random.between(0, 60))
      const name = `amber planted ${n}`
      const socket = random.pick(sockets)
      return createKey(world, socket, { name, username: insider.username })
    })
    await clock.sleep(random.between(0, 80))
    await revokeKey(world, owner, insider.key.id)
    await Promise.all(creates)
    await createKey(world, random.pick(sockets), { name: 'amber late', username: insider.username })
    return { tenants: [tenant] }
  },
}
