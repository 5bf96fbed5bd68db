/**
 * How many checks a caller may ask for: each device by a bucket in process memory, all of a tenant's by a
 * budget that processes share. Counted after the caller is authenticated, so that nobody uses up another's.
 */

import { burstOf, createBuckets, type Policy, type Taken } from './bucket.ts'
import { createBudgets } from './budget.ts'

/** What was taken, or refused, and by which limit. */
export type Allowance = Taken & { readonly by: 'device' | 'tenant'; readonly policy: Policy }

type Deps = Omit<Parameters<typeof createBudgets>[0], 'perMinute'> & {
  readonly perDevice: number
  readonly perTenant: number
  /** A monotonic clock, for the buckets of this process. Budgets use the wall clock, since processes share their
   * minutes. */
  readonly elapsed: () => number
}

/** The most tokens that one request asks about: a batch must fit, however low the limit is. */
export const MOST_AT_ONCE = 100

export const createCheckLimits = ({ perDevice, perTenant, now, elapsed, ...table }: Deps) => {
  const device = burstOf(perDevice, MOST_AT_ONCE)
  const tenant = { quota: perTenant, seconds: 60 }
  const devices = createBuckets(device, elapsed)
  const budgets = createBudgets({ ...table, now, perMinute: perTenant })
  return {
    /** @param checks how many keys are asked about. */
    async take(caller: { id: number; tenant: number }, checks: number): Promise<Allowance> {
      const own = devices.take(caller.id, checks)
      if (!own.ok) return { ...own, by: 'device', policy: device }
      const shared = await budgets.take(caller.tenant, checks)
      if (shared.ok) return { ...own, by: 'device', policy: device }
      devices.give(caller.id, checks)
      return { ...shared, by: 'tenant', policy: tenant }
    },

    /**
     * Takes one of a key's own checks, for a request about itself. The tenant's budget is left alone, since any key may
     * do this, and must not use up what devices need.
     */
    takeOwn: ({ id }: { id: number }): Allowance => ({
      ...devices.take(id, 1),
      by: 'device',
      policy: device,
    }),
  }
}

export type CheckLimits = ReturnType<typeof createCheckLimits>
