/** One key is asked about more often than its partition gives: that is its tenant's trouble, and no other's. */
import { refOf } from '../../../shared/domain/key.ts'
import { itemKey } from '../../../shared/store/item-keys.ts'
import { checkKey, createKey } from '../acts/keys.ts'
import { inBatches } from '../acts/many.ts'
import { must, newTenant, type Tenant } from '../acts/tenants.ts'
import type { Secret } from '../history.ts'
import { slowChecks } from '../judge/checks.ts'
import type { Violation } from '../judge/judge.ts'
import type { World } from '../world.ts'
import type { Scenario } from './scenario.ts'

/** A fiftieth of what this is about: 5000 checks a second of a key that gives 3000, in an account whose functions run
 * a thousand times at once. */
const ASKED = 100
const GIVEN = 60
const FUNCTIONS = 20
const OTHERS = 20
const SECONDS = 5
/** Devices of a tenant, so that none of their own keys is asked for too often. */
const DEVICES = 10

export const hotKey: Scenario = {
  name: 'hot-key',
  shows: 'A key that is asked about too often delays and turns away nobody else',
  setup: { partitions: null },
  run: async (world) => {
    const { clock, meter } = world
    const hot = await fleetOf(world, 'amber')
    const other = await fleetOf(world, 'birch')
    await clock.sleep(60_000)
    const target = must(hot.keys[0] ?? null)
    meter.choke(itemKey.check(must(refOf(target.id))).pk, GIVEN)
    let running = 0
    let turnedAway = 0
    /** @returns false where there was no function for it. */
    const check = async (fleet: Fleet, n: number, key: Secret): Promise<boolean | null> => {
      if (running >= FUNCTIONS) return false
      running++
      const device = must(fleet.keys[1 + (n % DEVICES)] ?? null)
      return checkKey(world, `${fleet.tenant.slug}-${n % DEVICES}`, device, key).finally(() => {
        running--
      })
    }
    const from = world.history.ops.length
    const many = Array.from({ length: ASKED * SECONDS }, async (_, n) => {
      await clock.sleep((n * 1000) / ASKED)
      await check(hot, n, target)
    })
    const few = Array.from({ length: OTHERS * SECONDS }, async (_, n) => {
      await clock.sleep((n * 1000) / OTHERS)
      if (!(await check(other, n, must(other.keys[0] ?? null)))) turnedAway++
    })
    await Promise.all([...many, ...few])
    const text = `${turnedAway} of ${few.length} checks of the other tenant were turned away`
    world.history.note(text)
    const violations: Violation[] = slowChecks(world, from)
    if (turnedAway > 0) violations.push({ promise: 'succeeds', text, ops: [] })
    return { tenants: [hot.tenant, other.tenant], violations }
  },
}

// ---------------------------------------------------------------------------------------------

type Fleet = { readonly tenant: Tenant; readonly keys: readonly Secret[] }

const fleetOf = async (world: World, slug: string): Promise<Fleet> => {
  const tenant = await newTenant(world, slug)
  const keys = await inBatches(1 + DEVICES, async (n) =>
    must(await createKey(world, tenant.root, { name: `${slug} ${n}`, username: 'root' })),
  )
  return { tenant, keys }
}
