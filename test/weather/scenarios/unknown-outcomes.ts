/** Keys are made and reset, and answers get lost: nobody may take for failed what was done. */
import { createKey, resetKey } from '../acts/keys.ts'
import { must, newTenant } from '../acts/tenants.ts'
import { FAULTS, type Sky } from '../aws/sky.ts'
import type { Scenario } from './scenario.ts'

const scenario = (name: string, shows: string, sky: Sky): Scenario => ({
  name,
  shows,
  run: async (world) => {
    const { clock, random, weather } = world
    const tenant = await newTenant(world, 'amber')
    const sockets = [await tenant.socket('one'), await tenant.socket('two')]
    const keys = await Promise.all(
      [1, 2, 3].map((n) =>
        createKey(world, tenant.root, { name: `amber ${n}`, username: 'root' }).then(must),
      ),
    )
    // By then no process has a data key in its memory any more.
    await clock.sleep(16 * 60_000)
    weather.set(sky)
    const makes = Array.from({ length: 8 }, async (_, n) => {
      await clock.sleep(random.between(0, 2000))
      const asked = { name: `amber new ${n}`, username: 'root' }
      const made = await createKey(world, random.pick(sockets), asked)
      // What was told as failed is tried again, by the same name.
      if (made === null) await createKey(world, random.pick(sockets), asked)
    })
    const resets = keys.map(async ({ id }) => {
      await clock.sleep(random.between(0, 2000))
      for (let n = 0; n < 2; n++) await resetKey(world, random.pick(sockets), id)
    })
    await Promise.all([...makes, ...resets])
    return { tenants: [tenant] }
  },
})

export const unknownOutcomes = scenario(
  'unknown-outcomes',
  'What was done and told as failed is told as what it is, or the new secret is told',
  {
    faults: 0.5,
    kinds: FAULTS.filter((kind) => kind.startsWith('done')),
    stubborn: 0.9,
    slow: 0.05,
    only: /TransactWriteItems/,
  },
)
export const kmsStorm = scenario(
  'kms-storm',
  'A KMS in trouble loses no secret, and nothing is half done',
  { faults: 0.5, kinds: FAULTS, stubborn: 0.6, slow: 0.2, only: /Decrypt|GenerateDataKey/ },
)
