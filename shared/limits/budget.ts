/**
 * A tenant's budget for each minute, shared by all processes: a process may spend a small share of it on
 * its own, so the common case writes nothing, and leases blocks from the table when that is gone. What the
 * processes spend on their own comes on top: each a hundredth of the budget, at the most.
 */
import { LRUCache } from 'lru-cache'
import type { Taken } from './bucket.ts'

const WINDOW_MS = 60_000
/** What each process may spend without asking, and what it leases at a time: parts of the budget. */
const SHARE = 1 / 100
const BLOCK = 1 / 50
const TENANTS = 10_000

type Deps = {
  readonly perMinute: number
  readonly now: () => number
  /** Takes so much of a window's budget, for all processes. @returns false if that isn't left. */
  readonly lease: (tenant: number, window: number, amount: number, of: number) => Promise<boolean>
  /** Hears of leases that failed. Checks go on then: the limit guards costs, not keys. */
  readonly onFailure: (error: unknown) => void
}

export const createBudgets = ({ perMinute, now, lease, onFailure }: Deps) => {
  const share = Math.max(1, Math.floor(perMinute * SHARE))
  const block = Math.max(1, Math.floor(perMinute * BLOCK))
  const accounts = new LRUCache<number, Account>({ max: TENANTS })

  const accountOf = (tenant: number, window: number): Account => {
    const known = accounts.get(tenant)
    if (known?.window === window) return known
    const opened: Account = { window, left: share, spent: false, leasing: null }
    accounts.set(tenant, opened)
    return opened
  }

  /** One at a time for each tenant, however many checks wait for it. */
  const refill = (tenant: number, account: Account, lacking: number): Promise<void> => {
    account.leasing ??= (async () => {
      const amount = Math.max(block, lacking)
      try {
        if (await lease(tenant, account.window, amount, perMinute)) account.left += amount
        else account.spent = true
      } catch (error) {
        onFailure(error)
        account.left += amount
      } finally {
        account.leasing = null
      }
    })()
    return account.leasing
  }

  return {
    /** Takes all of `cost` or nothing. */
    async take(tenant: number, cost: number): Promise<Taken> {
      const window = Math.floor(now() / WINDOW_MS)
      const wait = Math.ceil(((window + 1) * WINDOW_MS - now()) / 1000)
      const account = accountOf(tenant, window)
      // Whoever finds it spent writes nothing until the next minute.
      while (account.left < cost && !account.spent)
        await refill(tenant, account, cost - account.left)
      const ok = cost <= account.left
      if (ok) account.left -= cost
      return { ok, remaining: ok ? account.left : 0, wait }
    },
  }
}

// ---------------------------------------------------------------------------------------------

type Account = {
  readonly window: number
  /** What this process may still spend in the window. */
  left: number
  /** The table had no more. */
  spent: boolean
  leasing: Promise<void> | null
}
