/** Requests that their senders gave up are done later: some after what they hang on has ended. */
import { createKey, deleteKey, resetKey, revokeKey } from '../acts/keys.ts'
import { endOtherSessions, logOut, signIn } from '../acts/logins.ts'
import { newPerson, newTenant } from '../acts/tenants.ts'
import { lockUser } from '../acts/users.ts'
import { FAULTS } from '../aws/sky.ts'
import type { Scenario } from './scenario.ts'

export const lateRequests: Scenario = {
  name: 'late-requests',
  shows: 'What a request does that comes late, its sender’s later ones allow',
  run: async (world) => {
    const { clock, random, weather } = world
    const tenant = await newTenant(world, 'amber')
    const insider = await newPerson(world, tenant, 'insider', ['FULL_ADMIN'])
    const { username, key } = insider
    const owner = await tenant.socket('owner')
    weather.set({
      faults: 0.35,
      kinds: FAULTS.filter((kind) => kind.startsWith('late')),
      stubborn: 0.3,
      slow: 0.1,
      only: /Put|Update|TransactWrite/,
    })
    const sockets = [await signIn(world, 'insider-1', key), await signIn(world, 'insider-2', key)]
    const creates = Array.from({ length: 16 }, async (_, n) => {
      await clock.sleep(random.between(0, 200))
      const name = `amber planted ${n}`
      const made = await createKey(world, random.pick(sockets), { name, username })
      if (made === null) await createKey(world, random.pick(sockets), { name, username })
      else if (random.chance(0.3)) await resetKey(world, random.pick(sockets), made.id)
    })
    const ends = {
      revoke: () => revokeKey(world, owner, key.id),
      delete: () => deleteKey(world, owner, key.id),
      reset: () => resetKey(world, owner, key.id),
      lock: () => lockUser(world, owner, insider),
      terminate: () => endOtherSessions(world, owner),
      logout: () => Promise.all(sockets.map((socket) => logOut(world, socket))),
    }
    await clock.sleep(random.between(0, 300))
    await random.pick(Object.values(ends))()
    await Promise.all(creates)
    return { tenants: [tenant] }
  },
}
