/**
 * How many calls the sessions of a tenant may make: of each key and user by a bucket in process memory, of all by a budget
 * that processes share, so that one tenant's storm isn't every tenant's.
 */
import type { Session } from '../store/connection-items.ts'
import { burstOf, createBuckets, type Taken } from './bucket.ts'
import { createBudgets } from './budget.ts'
import { networkOf } from './calls.ts'

/** Part of the budget that one key or user may use up in a process. */
const PART = 1 / 5
/** Calls beyond the budget that stop others, or find what to stop, of a key or user from one network, in each process. */
const BEYOND = { quota: 60, seconds: 60 }

type Deps = Parameters<typeof createBudgets>[0] & {
  /** A monotonic clock, in milliseconds. */
  readonly elapsed: () => number
}

type Caller = {
  readonly session: Pick<Session, 'tenant' | 'uid' | 'key'>
  readonly connection: { readonly address: string }
}

export const createSessionCalls = ({ elapsed, ...budget }: Deps) => {
  const own = createBuckets(burstOf(budget.perMinute * PART, BEYOND.quota), elapsed)
  const budgets = createBudgets(budget)
  const beyond = createBuckets(BEYOND, elapsed)
  return {
    /**
     * Counts a call.
     * @param stops whether it stops others, or finds what to stop: who used up a tenant's calls can't keep its administrator
     * from that.
     * @returns whether it may be made, and else in how many seconds.
     */
    async take({ session, connection }: Caller, stops: boolean): Promise<Taken> {
      const { tenant, uid, key } = session
      const holder = `${tenant} ${key === null ? `U${uid}` : key.n}`
      const alone = own.take(holder, 1)
      const shared = alone.ok ? await budgets.take(tenant, 1) : alone
      if (shared.ok || !stops) return shared
      const spare = beyond.take(`${holder} ${networkOf(connection.address)}`, 1)
      return spare.ok ? spare : shared
    },
  }
}

export type SessionCalls = ReturnType<typeof createSessionCalls>
