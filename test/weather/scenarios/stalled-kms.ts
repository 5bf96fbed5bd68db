/** KMS doesn't answer any more: checks that need it say so soon, and the others go on. */
import { checkKey } from '../acts/keys.ts'
import { newTenant } from '../acts/tenants.ts'
import { slowChecks } from '../judge/checks.ts'
import type { Violation } from '../judge/judge.ts'
import type { Scenario } from './scenario.ts'

/** Longer than a data key stays in memory. */
const FORGOTTEN_MS = 16 * 60_000
/** So many that each process has had one, whatever chance does. */
const WARMING = 30
const CHECKS = 20

export const stalledKms: Scenario = {
  name: 'stalled-kms',
  shows:
    'A KMS that stalls keeps no check for longer than two seconds, and none whose data key is in memory',
  run: async (world) => {
    const { clock, random, weather } = world
    const [cold, warm] = [await newTenant(world, 'amber'), await newTenant(world, 'birch')]
    await clock.sleep(FORGOTTEN_MS)
    for (let n = 0; n < WARMING; n++) await checkKey(world, 'birch-box', warm.key, warm.key)
    weather.set({ faults: 1, kinds: ['lost-stall'], stubborn: 1, slow: 0, only: /Decrypt/ })
    const from = world.history.ops.length
    const checks = Array.from({ length: CHECKS }, async (_, n) => {
      await clock.sleep(random.between(0, 10_000))
      const isCold = n % 2 === 0
      const { slug, key } = isCold ? cold : warm
      return (await checkKey(world, `${slug}-box`, key, key)) === true || isCold
    })
    const failed = (await Promise.all(checks)).filter((passed) => !passed).length
    const violations: Violation[] = slowChecks(world, from)
    if (failed > 0)
      violations.push({ promise: 'succeeds', text: `${failed} checks without KMS failed`, ops: [] })
    return { tenants: [cold, warm], violations }
  },
}
