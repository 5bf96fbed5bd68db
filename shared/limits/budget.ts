/**
 * A tenant's budget for each minute, shared by all processes. A process may spend a thousandth of it on its own, beyond
 * the budget, so that the common case writes nothing. When that is gone it leases blocks from the table.
 */
import { LRUCache } from 'lru-cache'
import type { Taken } from './bucket.ts'

const WINDOW_MS = 60_000
/** Parts of the budget: what each process may spend without a lease, its first lease, and its largest. Leases
 * double, so that many processes with little to do don't hold what others could spend. */
const SHARE = 1 / 1000
const FIRST = 1 / 500
const LARGEST = 1 / 50
const TENANTS = 10_000

type Deps = {
  readonly perMinute: number
  readonly now: () => number
  /** Takes so much of a window's budget, for all processes. @returns false if that isn't left. */
  readonly lease: (tenant: number, window: number, amount: number, of: number) => Promise<boolean>
  /** Called when a lease fails. Checks go on then, since the limit guards costs, not keys. */
  readonly onFailure: (error: unknown) => void
}

export const createBudgets = ({ perMinute, now, lease, onFailure }: Deps) => {
  const partOf = (part: number): number => Math.max(1, Math.floor(perMinute * part))
  const accounts = new LRUCache<number, Account>({ max: TENANTS })

  const accountOf = (tenant: number, window: number): Account => {
    const known = accounts.get(tenant)
    if (known?.window === window) return known
    const opened: Account = {
      window,
      left: partOf(SHARE),
      next: partOf(FIRST),
      most: Infinity,
      leasing: null,
    }
    accounts.set(tenant, opened)
    return opened
  }

  /** Leases more: one lease at a time for each tenant, however many checks wait for it. */
  const refill = (tenant: number, account: Account, lacking: number): Promise<void> => {
    account.leasing ??= (async () => {
      try {
        // Near its end a budget has less than a whole block.
        for (const amount of new Set([Math.max(account.next, lacking), lacking])) {
          if (!(await lease(tenant, account.window, amount, perMinute))) continue
          account.left += amount
          account.next = Math.min(account.next * 2, partOf(LARGEST))
          return
        }
        account.most = lacking - 1
      } catch (error) {
        onFailure(error)
        // A table in trouble isn't asked again in this minute.
        account.left = Infinity
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
      // What was refused once isn't asked for again until the next minute.
      while (account.left < cost && cost - account.left <= account.most)
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
  /** The next lease. */
  next: number
  /** The most that the table may still have. */
  most: number
  leasing: Promise<void> | null
}
