/** Login tokens are made and used while their session logs out, or is ended by somebody else. */

import { revokeKey } from '../acts/keys.ts'
import { endOtherSessions, logInByToken, logOut, okOf, signIn } from '../acts/logins.ts'
import { must, newPerson, newTenant } from '../acts/tenants.ts'
import { BREEZE } from '../aws/sky.ts'
import { openSocket } from '../client.ts'
import type { Scenario } from './scenario.ts'

export const tokens: Scenario = {
  name: 'tokens',
  shows: 'A session that has ended leaves no token, and none of its tokens lets anybody in',
  run: async (world) => {
    const { clock, random, weather } = world
    const tenant = await newTenant(world, 'amber')
    const user = await newPerson(world, tenant, 'user', ['FULL_ADMIN'])
    const maker = await signIn(world, 'maker', user.key)
    const session = must(maker.session())
    const owner = await tenant.socket('owner')
    const make = async () => okOf(await maker.call('auth.generate_token', 600, {}, false))
    const made = await Promise.all([1, 2, 3].map(make))
    weather.set(BREEZE)
    const comers = made.map(async (token, n) => {
      const comer = await openSocket(world, `comer-${n}`, { tenant: 'amber' })
      await clock.sleep(random.between(0, 60))
      await logInByToken(world, comer, String(token), session)
    })
    const makes = Array.from({ length: 10 }, async () => {
      await clock.sleep(random.between(0, 100))
      const token = await maker.callBy(session, 'auth.generate_token', 600, {}, false)
      const comer = await openSocket(world, 'latecomer', { tenant: 'amber' })
      const text = okOf(token)
      // Some when the end was acknowledged.
      await clock.sleep(random.pick([0, 1000]))
      if (typeof text === 'string') await logInByToken(world, comer, text, session)
    })
    await clock.sleep(random.between(0, 60))
    const end = random.pick(['logout', 'revoke', 'terminate'] as const)
    if (end === 'logout') await logOut(world, maker)
    else if (end === 'revoke') await revokeKey(world, owner, user.key.id)
    else await endOtherSessions(world, owner)
    await Promise.all([...comers, ...makes])
    return { tenants: [tenant] }
  },
}
