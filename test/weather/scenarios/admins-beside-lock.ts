/** An administrator makes others while they are locked, or lose the role by which they may. */
import { signIn } from '../acts/logins.ts'
import { newPerson, newTenant } from '../acts/tenants.ts'
import { createUser, demoteUser, lockUser } from '../acts/users.ts'
import { BREEZE } from '../aws/sky.ts'
import type { Scenario } from './scenario.ts'

const scenario = (how: 'lock' | 'demotion'): Scenario => ({
  name: `admins-beside-${how}`,
  shows: `An administrator's calls in flight end with their ${how}`,
  run: async (world) => {
    const { clock, random, weather } = world
    const tenant = await newTenant(world, 'amber')
    const villain = await newPerson(world, tenant, 'villain', ['FULL_ADMIN'])
    const owner = await tenant.socket('owner')
    const sockets = await Promise.all([1, 2].map((n) => signIn(world, `villain-${n}`, villain.key)))
    weather.set(BREEZE)
    const creates = Array.from({ length: 12 }, async (_, n) => {
      await clock.sleep(random.between(0, 70))
      const asked = { username: `amber-accomplice-${n}`, roles: ['FULL_ADMIN'] }
      return createUser(world, random.pick(sockets), asked)
    })
    await clock.sleep(random.between(0, 60))
    if (how === 'lock') await lockUser(world, owner, villain)
    else await demoteUser(world, owner, villain, ['READONLY_ADMIN'], STILL)
    await Promise.all(creates)
    const asked = { username: 'amber-late', roles: ['FULL_ADMIN'] }
    await createUser(world, random.pick(sockets), asked)
    return { tenants: [tenant] }
  },
})

export const adminsBesideLock = scenario('lock')
export const adminsBesideDemotion = scenario('demotion')

/** What a READONLY_ADMIN may do of what is asked here. */
const STILL = ['auth.me', 'core.ping', 'auth.logout']
