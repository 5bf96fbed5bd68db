/**
 * How often an account's password and codes may be guessed. Networks that logged in within thirty days, by the present
 * password and second factor, have a budget of their own, so that neither a flood from elsewhere nor somebody who knew
 * an older password locks the account's owner out.
 */
import { createHash, createHmac } from 'node:crypto'
import { Fault } from '../domain/fault.ts'
import { networkOf } from '../limits/calls.ts'
import type { Parts } from '../parts.ts'
import {
  type Account,
  type Budget,
  isOver,
  leftOf,
  type Tries,
  WINDOW_MS,
  type Window,
} from '../store/tries-items.ts'
import type { User } from '../store/user-items.ts'

type Deps = Pick<Parts, 'tries' | 'vault' | 'now' | 'metrics' | 'log'>

/** An account as named, with what was read of it in one request. */
export type Named = {
  readonly account: Account
  readonly user: User | null
  readonly tries: Tries
}

/** A try that was counted, and is to be judged. */
export type Try = {
  /** For a try that was right, or not judged after all. */
  readonly giveBack: () => Promise<void>
  /** For a try that ended in a login: its network is known from now on. */
  readonly succeeded: () => Promise<void>
}

const NO_TENANTS = 2 ** 20
const KNOWN_MS = 30 * 86_400_000
/** A network that logs in again is noted once a day. */
const NOTED_MS = 86_400_000
const NETWORKS = 16

/**
 * Looks whether an account has a try left for an address.
 * @returns takes the try. Call it before the judgement, so that calls at the same time get no more tries.
 * @throws Fault RATE_LIMITED where none is left; nothing was written then. What is returned throws it too.
 */
export const beginTry = async (
  deps: Deps,
  named: Named,
  address: string,
): Promise<() => Promise<Try>> => {
  const from = networkOf(address)
  const network = await digestOf(deps, named.account, from)
  const now = deps.now()
  const budget = budgetOf(named, network, now)
  const window = named.tries[budget]
  if (window !== null && leftOf(window, now) === 0) throw refusal(deps, window)
  return () => takeTry(deps, named, { budget, from, network })
}

/** Keeps the network known from which a user has just changed their password or second factor. A failure doesn't fail
 * the change, which is done. */
export const keepKnown = async (deps: Deps, user: User, address: string): Promise<void> => {
  const { tenant, username } = user
  const account = { tenant, username }
  try {
    const network = await digestOf(deps, account, networkOf(address))
    const { tries: kept } = await deps.tries.read(account)
    // Networks that were kept without a password's version are from before this change.
    const tries = { ...kept, passwordVersion: kept.passwordVersion ?? user.passwordVersion - 1 }
    if (network !== null) await remember(deps, { account, user, tries }, user, network)
  } catch (error) {
    deps.log.error('a network could not be kept known', error, { tenant })
  }
}

/** A number for a tenant that doesn't exist, by a keyed digest, so that nobody knows which names share their tries. It
 * has so many values that few do. */
export const noTenant = async ({ vault }: Pick<Deps, 'vault'>, slug: string): Promise<number> => {
  const keys = await vault.keys('service', 1).catch(() => null)
  const digest = keys ? createHmac('sha256', keys.hash) : createHash('sha256')
  return digest.update(`no tenant|${slug}`).digest().readUInt32BE(0) % NO_TENANTS
}

/** How many tries a budget has left, for the account's owner. */
export type Left = {
  readonly left: number
  /** Tries in the present window that came to nothing. */
  readonly wrong: number
  /** When the window ends, in milliseconds since the epoch; null without one. */
  readonly until: number | null
  /** The network of the last of them. */
  readonly from: string | null
}

export const leftOfBudget = (window: Window | null, now: number): Left => {
  const present = window !== null && !isOver(window, now) && window.spent > 0 ? window : null
  return {
    left: leftOf(window, now),
    wrong: present?.spent ?? 0,
    until: present === null ? null : present.began + WINDOW_MS,
    from: present?.from ?? null,
  }
}

// ---------------------------------------------------------------------------------------------

type From = {
  readonly budget: Budget
  readonly from: string
  /** Its digest. */
  readonly network: string | null
}

const takeTry = async (deps: Deps, named: Named, { budget, from, network }: From): Promise<Try> => {
  const { account, user, tries } = named
  const taking = { account, budget, now: deps.now(), from, exists: user !== null }
  const { taken, window } = await deps.tries.take(taking, tries[budget])
  if (!taken) throw refusal(deps, window)
  const giveBack = (endsRow: boolean) => deps.tries.giveBack(account, budget, window, endsRow)
  return {
    giveBack: () => giveBack(false),
    succeeded: async () => {
      // A failure doesn't fail the login, which is done.
      try {
        // Names share the budget of unknown networks, so a login as one ends no row of guesses at another.
        await giveBack(budget === 'known')
        if (user !== null && network !== null) await remember(deps, named, user, network)
      } catch (error) {
        deps.log.error('a try could not be given back', error, { tenant: account.tenant })
      }
    },
  }
}

const refusal = ({ metrics, now }: Deps, { began }: Pick<Window, 'began'>): Fault => {
  metrics.add('RateLimited')
  const seconds = Math.max(1, Math.ceil((began + WINDOW_MS - now()) / 1000))
  return new Fault('RATE_LIMITED', {}, { retryAfterSeconds: seconds })
}

/** The known networks, unless they are of an earlier user of this name or of an earlier password. Older items without a
 * password's version count as of the present one, so that an upgrade locks nobody out. */
const networksOf = ({ user, tries }: Named): Tries['networks'] =>
  user !== null &&
  tries.uid === user.uid &&
  (tries.passwordVersion ?? user.passwordVersion) === user.passwordVersion
    ? tries.networks
    : {}

const budgetOf = (named: Named, network: string | null, now: number): Budget => {
  const seen = network === null ? undefined : networksOf(named)[network]
  return seen !== undefined && now - seen < KNOWN_MS ? 'known' : 'others'
}

/** A keyed digest of a network, so that the table doesn't show where people are. Null where the key isn't available:
 * then no network is known. */
const digestOf = async (
  { vault, log }: Deps,
  { tenant, username }: Account,
  network: string,
): Promise<string | null> => {
  try {
    const keys = await vault.keys('service', 1)
    if (keys === null) return null
    const mac = createHmac('sha256', keys.hash).update(`network|${tenant}|${username}|${network}`)
    return mac.digest().subarray(0, 12).toString('base64url')
  } catch (error) {
    log.error('a network could not be looked up among those known', error)
    return null
  }
}

const remember = async (
  { tries: store, now }: Deps,
  named: Named,
  user: User,
  network: string,
): Promise<void> => {
  const time = now()
  const before = networksOf(named)
  if (time - (before[network] ?? 0) < NOTED_MS) return
  const all = Object.entries({ ...before, [network]: time })
  const kept = all
    .filter(([, at]) => time - at < KNOWN_MS)
    .sort(([, one], [, other]) => other - one)
    .slice(0, NETWORKS)
  await store.keepNetworks(named.account, user, Object.fromEntries(kept), {
    was: named.tries,
    now: time,
  })
}
