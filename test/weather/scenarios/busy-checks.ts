/** A tenant's fleet asks 20 000 times a second: by what each check reads, no item is over its partition. */
import { checkKey, createKey } from '../acts/keys.ts'
import { must, newTenant } from '../acts/tenants.ts'
import { READ_UNITS, WRITE_UNITS } from '../aws/meter.ts'
import type { Secret } from '../history.ts'
import type { Violation } from '../judge/judge.ts'
import type { Scenario } from './scenario.ts'

const A_SECOND = 20_000
/** So many are asked, a millisecond apart, and stand for all. */
const SAMPLE = 600
/** Devices of the fleet, and keys that they ask about. */
const DEVICES = 20
const AT_ONCE = 10
/** What chance does to copies that are read by chance, in a sample. */
const SCATTER = 1.6

export const busyChecks: Scenario = {
  name: 'busy-checks',
  shows: '20 000 checks a second in one tenant read no item more often than its partition gives',
  setup: {
    partitions: null,
    variables: { KEYHARBOR_TENANT_CHECKS_PER_MINUTE: '3000000' },
  },
  run: async (world) => {
    const { clock, meter } = world
    const tenant = await newTenant(world, 'amber')
    const make = async (n: number) =>
      must(await createKey(world, tenant.root, { name: `amber ${n}`, username: 'root' }))
    const keys: Secret[] = []
    for (let n = 0; n < 2 * DEVICES; n += AT_ONCE)
      keys.push(...(await Promise.all(Array.from({ length: AT_ONCE }, (_, at) => make(n + at)))))
    await clock.sleep(60_000)
    meter.reset()
    const asked = Array.from({ length: SAMPLE }, async (_, n) => {
      await clock.sleep(n)
      const [device, key] = [keys[n % DEVICES], keys[DEVICES + ((n * 7) % DEVICES)]]
      return checkKey(world, `device-${n % DEVICES}`, must(device ?? null), must(key ?? null))
    })
    const failed = (await Promise.all(asked)).filter((passed) => passed !== true).length
    const violations: Violation[] = []
    if (failed > 0)
      violations.push({ promise: 'succeeds', text: `${failed} checks were refused`, ops: [] })
    for (const [way, most] of [
      ['read', READ_UNITS],
      ['write', WRITE_UNITS],
    ] as const) {
      const { pk, units } = meter.most(way)
      const scaled = (units * A_SECOND) / SAMPLE
      world.history.note(
        `${way} units a second at ${A_SECOND} checks: ${scaled.toFixed(0)} of ${pk}`,
      )
      if (scaled > most * SCATTER)
        violations.push({
          promise: 'partitions',
          text: `${pk} would be asked for ${scaled.toFixed(0)} ${way} units a second, and gives ${most}`,
          ops: [],
        })
    }
    return { tenants: [], violations }
  },
}
