/** How an account's tries are counted, in which window, and where. Pure: the clock is handed in. */
import { createHash } from 'node:crypto'
import { itemKey } from './item-keys.ts'
import type { Item, UnauditedKey } from './write.ts'

/** An account as a caller names it. Tenant 0: none that exists, and `nobody` is the number of the one that was named. */
export type Account = {
  readonly tenant: number
  readonly username: string
  readonly nobody?: number
}

/** Two budgets an account: tries from networks that logged in before, and all others. */
export type Budget = 'known' | 'others'

/** What is counted of a budget, since its window began. */
export type Window = {
  /** Milliseconds since the epoch. */
  readonly began: number
  readonly spent: number
  /** Failed tries in a row, windows before this one included. */
  readonly row: number
  /** Network of the last try. */
  readonly from: string
  /** True once the window's summary is written. */
  readonly told: boolean
}

export type Tries = Readonly<Record<Budget, Window | null>> & {
  /** Whose networks these are: another user may have had the name before. */
  readonly uid: number | null
  /** Version of their password and second factor; null in older items. */
  readonly passwordVersion: number | null
  /** Digest of a network → when it last logged in. */
  readonly networks: Readonly<Record<string, number>>
}

export const WINDOW_MS = 3_600_000
/** A row of failed tries is over when its last window began so long ago. */
export const QUIET_MS = 86_400_000
/** Tries of a window; and of one that begins after so many failed in a row, which is the most that
 * NIST SP 800-63B §5.2.2 allows. */
export const TRIES_A_WINDOW = 10
export const ROW = 100
export const TRIES_AFTER_ROW = 1

/** True also for a window from the future, made by a clock that has been set back since. */
export const isOver = ({ began }: Window, now: number): boolean =>
  now >= began + WINDOW_MS || began > now + SKEW_MS

/** Tries in a row before a window that would begin now. */
export const rowBefore = (window: Window | null, now: number): number =>
  window === null || Math.abs(now - window.began) >= QUIET_MS ? 0 : window.row

/** How many tries a window has in all, after a row of failed ones. */
export const mostAfter = (row: number): number => (row < ROW ? TRIES_A_WINDOW : TRIES_AFTER_ROW)

export const mostOf = ({ row, spent }: Window): number => mostAfter(row - spent)

/** How many tries are left now. */
export const leftOf = (window: Window | null, now: number): number =>
  window === null || isOver(window, now)
    ? mostAfter(rowBefore(window, now))
    : Math.max(0, mostOf(window) - window.spent)

/** Where a budget is counted. A name has its bucket whether it exists or not, so that strangers can't fill the table,
 * nor tell the two apart. */
export const budgetKey = (account: Account, budget: Budget): UnauditedKey =>
  itemKey.tries(
    account.tenant,
    bucketOf(account),
    budget === 'known' ? `KNOWN#${account.username}` : 'OTHERS',
  )

/** Where it is noted that a bucket was spent by a name that isn't there. */
export const spentKey = (account: Account): UnauditedKey =>
  itemKey.tries(account.tenant, bucketOf(account), 'SPENT')

export const toWindow = (item: Item | null): Window | null =>
  item?.began === undefined
    ? null
    : {
        began: item.began,
        spent: item.spent,
        row: item.row,
        from: item.from,
        told: item.told,
      }

export const toTries = (known: Item | null, others: Item | null): Tries => ({
  known: toWindow(known),
  others: toWindow(others),
  uid: known?.uid ?? null,
  passwordVersion: known?.passwordVersion ?? null,
  networks: known?.networks ?? {},
})

// ---------------------------------------------------------------------------------------------

/** Clocks of processes differ by less than this. */
const SKEW_MS = 60_000

/** Buckets of a tenant's names. Tenants that don't exist have as many, so that names share them alike in both. */
const BUCKETS = 4096

const bucketOf = ({ username, nobody = 0 }: Account): number => {
  const digest = createHash('sha256').update(username).digest()
  return nobody * BUCKETS + (digest.readUInt32BE(0) % BUCKETS)
}
