/**
 * How many calls the sessions of a tenant may make: by a budget that processes share, so that one tenant's storm isn't
 * every tenant's. What it has used up leaves each key and user a little, so that whoever uses it up can't keep an
 * administrator from stopping them.
 */
import type { Session } from '../store/connection-items.ts'
import { createBuckets, type Policy, type Taken } from './bucket.ts'
import { createBudgets } from './budget.ts'

/** Calls of a key or user beyond a budget that is used up, in each process. */
const BEYOND: Policy = { quota: 60, seconds: 60 }

type Deps = Parameters<typeof createBudgets>[0] & {
  /** A monotonic clock, in milliseconds. */
  readonly elapsed: () => number
}

export const createSessionCalls = ({ elapsed, ...budget }: Deps) => {
  const budgets = createBudgets(budget)
  const beyond = createBuckets(BEYOND, elapsed)
  return {
    /** Counts a call. @returns whether it may be made, and else in how many seconds. */
    async take({ tenant, uid, key }: Pick<Session, 'tenant' | 'uid' | 'key'>): Promise<Taken> {
      const shared = await budgets.take(tenant, 1)
      return shared.ok ? shared : beyond.take(`${tenant} ${key === null ? `U${uid}` : key.n}`, 1)
    },
  }
}

export type SessionCalls = ReturnType<typeof createSessionCalls>
