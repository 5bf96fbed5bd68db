/** Both limits together: a device's own, and that of its tenant. */
import { expect, it } from 'vitest'
import { createCheckLimits } from '../../shared/limits/checks.ts'

const DEVICE = { id: 7_000_000_001, tenant: 7 }

it('what the tenant’s budget refuses is not taken from the device', async () => {
  // The last moment of a minute: a new one begins for the tenant, and next to nothing comes back to the device.
  const clock = { now: 59_999 }
  let hasBudget = false
  const limits = createCheckLimits({
    perDevice: 600,
    perTenant: 1000,
    now: () => clock.now,
    elapsed: () => clock.now,
    lease: async () => hasBudget,
    onFailure: () => {},
  })
  for (let time = 0; time < 3; time++)
    expect(await limits.take(DEVICE, 60)).toMatchObject({ ok: false, by: 'tenant' })
  clock.now++
  hasBudget = true
  expect(await limits.take(DEVICE, 60)).toMatchObject({ ok: true, by: 'device', remaining: 40 })
})
