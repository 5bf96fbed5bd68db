/** One administrator's key changes many keys of a tenant at a rate of 500 a second, and none meets another. */
import { createKey, renameKey } from '../acts/keys.ts'
import { signIn } from '../acts/logins.ts'
import { must, newTenant } from '../acts/tenants.ts'
import type { Violation } from '../judge/judge.ts'
import type { Scenario } from './scenario.ts'

const A_SECOND = 500
const KEYS = 150
/** So that none of them has more than 20 calls under way. */
const SOCKETS = 12
const AT_ONCE = 8

export const busyTenant: Scenario = {
  name: 'busy-tenant',
  shows: '500 changes of different keys a second, by one key, meet no conflict of our making',
  // What has been busy for a while isn't on four partitions any more.
  setup: { partitions: null },
  run: async (world) => {
    const { clock, conflicts, meter } = world
    const tenant = await newTenant(world, 'amber')
    const ids: number[] = []
    for (let n = 0; n < KEYS; n += AT_ONCE)
      ids.push(
        ...(await Promise.all(
          Array.from({ length: Math.min(AT_ONCE, KEYS - n) }, async (_, at) => {
            const asked = { name: `amber ${n + at}`, username: 'root' }
            return must(await createKey(world, tenant.root, asked)).id
          }),
        )),
      )
    const sockets = await Promise.all(
      Array.from({ length: SOCKETS }, (_, n) => signIn(world, `admin-${n}`, tenant.key)),
    )
    await clock.sleep(2000)
    conflicts.length = 0
    const changes = ids.map(async (id, n) => {
      await clock.sleep((n * 1000) / A_SECOND)
      const socket = sockets[n % SOCKETS] ?? tenant.root
      return renameKey(world, socket, id, `amber renamed ${n}`)
    })
    const ops = await Promise.all(changes)
    const peak = meter.peak('write')
    world.history.note(`most write units in a second: ${peak.units}, of ${peak.pk}`)
    const violations: Violation[] = ops
      .filter(({ outcome }) => outcome?.kind !== 'ok')
      .map((op) => ({ promise: 'succeeds', text: `#${op.n} did not rename`, ops: [op] }))
    const [first] = conflicts
    if (first !== undefined)
      violations.push({
        promise: 'no-conflict',
        text: `${conflicts.length} conflicts, the first of them on ${first.items}`,
        ops: first.op === null ? [] : [first.op],
      })
    return { tenants: [], violations }
  },
}
