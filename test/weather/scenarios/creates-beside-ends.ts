/** A session makes keys while it ends, in whatever way. */
import { createKey, deleteKey, resetKey, revokeKey } from '../acts/keys.ts'
import { endOtherSessions, logIn, logOut, signIn } from '../acts/logins.ts'
import { must, newPerson, newTenant } from '../acts/tenants.ts'
import { lockUser } from '../acts/users.ts'
import { BREEZE } from '../aws/sky.ts'
import type { Scenario } from './scenario.ts'

export const createsBesideEnds: Scenario = {
  name: 'creates-beside-ends',
  shows: 'However a session ends, what it has in flight ends with it',
  run: async (world) => {
    const { clock, random, weather } = world
    const tenant = await newTenant(world, 'amber')
    const insider = await newPerson(world, tenant, 'insider', ['FULL_ADMIN'])
    const { username, key } = insider
    const asked = { name: 'amber other', username }
    const other = must(await createKey(world, tenant.root, asked))
    const owner = await tenant.socket('owner')
    const socket = await signIn(world, 'insider', key)
    const ends = {
      revoke: () => revokeKey(world, owner, key.id),
      delete: () => deleteKey(world, owner, key.id),
      reset: () => resetKey(world, owner, key.id),
      lock: () => lockUser(world, owner, insider),
      terminate: () => endOtherSessions(world, owner),
      logout: () => logOut(world, socket),
      // On the same socket: another session takes its place.
      login: () => logIn(world, socket, other),
    }
    weather.set(BREEZE)
    const creates = Array.from({ length: 14 }, async (_, n) => {
      await clock.sleep(random.between(0, 60))
      return createKey(world, socket, { name: `amber planted ${n}`, username })
    })
    await clock.sleep(random.between(0, 80))
    await random.pick(Object.values(ends))()
    await Promise.all(creates)
    return { tenants: [tenant] }
  },
}
