/** The process that locks a user with keys dies in the middle: the lock is whole all the same, or isn't there. */
import { checkKey, createKey } from '../acts/keys.ts'
import { signIn } from '../acts/logins.ts'
import { must, newPerson, newTenant } from '../acts/tenants.ts'
import { lockUser } from '../acts/users.ts'
import type { Secret } from '../history.ts'
import { changedAt } from '../history.ts'
import type { Violation } from '../judge/judge.ts'
import type { Scenario } from './scenario.ts'

/** More than have the change before it is answered. */
const KEYS = 40
const AT_ONCE = 8

export const lockKilled: Scenario = {
  name: 'lock-killed',
  shows:
    'A lock whose process dies holds for all keys or for none, and for all once it is acknowledged',
  run: async (world) => {
    const { clock, random } = world
    const tenant = await newTenant(world, 'amber')
    const user = await newPerson(world, tenant, 'leaver', ['FULL_ADMIN'])
    const { username } = user
    const keys: Secret[] = []
    for (let n = 0; n < KEYS; n += AT_ONCE)
      keys.push(
        ...(await Promise.all(
          Array.from({ length: AT_ONCE }, (_, at) =>
            createKey(world, tenant.root, { name: `amber ${n + at}`, username }).then(must),
          ),
        )),
      )
    await signIn(world, 'leaver', user.key)
    const owner = await tenant.socket('owner')
    const locking = lockUser(world, owner, user)
    await clock.sleep(random.between(5, 70))
    const op = world.history.ops.findLast(({ method }) => method === 'user.update')
    const victim = world.processes.find(({ name }) => name === op?.process)
    if (op?.answered === null) victim?.kill()
    world.start('process anew')
    await locking
    const violations: Violation[] = []
    const lookAtKeys = async (): Promise<void> => {
      if (op === undefined || changedAt(op) === null) return
      for (const key of keys)
        if ((await checkKey(world, 'device', tenant.key, key)) !== false)
          violations.push({
            promise: 'dead-passes',
            text: `${key.label} passes, though #${op.n} locked its user at ${changedAt(op)}`,
            ops: [op],
          })
    }
    await lookAtKeys()
    // The sweep comes once a minute, and what was begun is finished by then.
    for (let minute = 0; minute < 2; minute++) {
      await clock.sleep(60_000)
      await world.processes.find(({ process }) => process.alive)?.sweep()
    }
    await lookAtKeys()
    const again = await tenant.socket('owner-again')
    const last = await lockUser(world, again, user)
    if (last.outcome?.kind !== 'ok')
      violations.push({ promise: 'succeeds', text: `#${last.n} did not lock`, ops: [last] })
    return { tenants: [tenant], violations }
  },
}
