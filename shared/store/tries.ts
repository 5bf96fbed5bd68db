/**
 * Tries at what can be guessed, passwords and codes, counted for each account by all processes together. A budget
 * is read before it is taken from, so that a spent one costs no write.
 */
import { Fault } from '../domain/fault.ts'
import { attempts } from '../domain/retry.ts'
import { SERVICE } from './audit.ts'
import type { Db } from './db.ts'
import { type Gates, isSuspended } from './gate.ts'
import { itemKey } from './item-keys.ts'
import {
  type Account,
  type Budget,
  budgetKey,
  isOver,
  leftOf,
  mostAfter,
  mostOf,
  QUIET_MS,
  rowBefore,
  spentKey,
  type Tries,
  toTries,
  toWindow,
  WINDOW_MS,
  type Window,
} from './tries-items.ts'
import { toUser, type User } from './user-items.ts'
import type { UnauditedKey, Update } from './write.ts'

/** A try that is to be counted. */
export type Taking = {
  readonly account: Account
  readonly budget: Budget
  readonly now: number
  /** Network that it comes from. */
  readonly from: string
  /** Whether there is such a user: others have no audit entry, since strangers' names are without end. */
  readonly exists: boolean
}

/** How long known networks are kept. */
const KNOWN_SECONDS = 31 * 86_400
const OTHERS_SECONDS = (WINDOW_MS + QUIET_MS) / 1000
/** How often counting a try is tried: others at the same time change what was read. */
const ATTEMPTS = 2 * (mostAfter(0) + 1)

export const createTries = (db: Db, gates: Gates) => ({
  /** An account's tries and, in the same request, its user; null for the user of a suspended tenant. */
  async read(account: Account): Promise<{ user: User | null; tries: Tries }> {
    const { tenant, username } = account
    const [user = null, known = null, others = null, gate = null] = await db.read([
      itemKey.user(tenant, username),
      budgetKey(account, 'known'),
      budgetKey(account, 'others'),
      gates.at(tenant),
    ])
    const isIn = user !== null && !isSuspended(gate)
    return { user: isIn ? toUser(user, tenant) : null, tries: toTries(known, others) }
  },

  /**
   * Counts a try before it is judged, so that calls at the same time get no more tries.
   * @param was the window as read.
   * @returns false if none is left. In either case the window: when it began identifies it.
   */
  async take(
    taking: Taking,
    was: Window | null,
  ): Promise<{ taken: boolean; window: Pick<Window, 'began'> }> {
    let window = was
    for await (const _ of attempts({ tries: ATTEMPTS })) {
      if (window !== null && leftOf(window, taking.now) === 0) return { taken: false, window }
      const began = window === null || isOver(window, taking.now) ? taking.now : window.began
      if (await count(db, taking, window)) return { taken: true, window: { began } }
      window = toWindow(await db.get(budgetKey(taking.account, taking.budget)))
    }
    throw new Fault('UNAVAILABLE')
  },

  /** Gives a try back, if its window is still the current one. A transaction, so that the SDK's attempts give it back
   * once. @param endsRow whether the try succeeded. */
  async giveBack(
    account: Account,
    budget: Budget,
    { began }: Pick<Window, 'began'>,
    endsRow: boolean,
  ): Promise<void> {
    await db.transact<'OVER'>([
      {
        update: budgetKey(account, budget),
        add: { spent: -1, ...(!endsRow && { row: -1 }) },
        ...(endsRow && { set: { row: 0 } }),
        when: '#began = :began AND #spent > :none',
        values: { began, none: 0 },
        conflict: 'OVER',
      },
    ])
  },

  /** Keeps which networks are an account's, unless another call just did. */
  async keepNetworks(
    account: Account,
    { uid, passwordVersion }: Pick<User, 'uid' | 'passwordVersion'>,
    networks: Tries['networks'],
    { was, now }: { was: Tries; now: number },
  ): Promise<void> {
    await db.updateBlind({
      update: budgetKey(account, 'known'),
      set: { uid, passwordVersion, networks, ttl: seconds(now) + KNOWN_SECONDS },
      when: was.uid === null ? 'attribute_not_exists(#uid)' : AS_READ,
      ...(was.uid !== null && {
        values: { was: was.uid, networks: was.networks, uid, passwordVersion },
      }),
    })
  },
})

export type TryStore = ReturnType<typeof createTries>

// ---------------------------------------------------------------------------------------------

/** The networks are as read, and of no newer password of the same user: a login by an older one may be late. */
const AS_READ =
  '#uid = :was AND #networks = :networks AND (#uid <> :uid OR attribute_not_exists(#passwordVersion) OR #passwordVersion <= :passwordVersion)'

const seconds = (ms: number): number => Math.floor(ms / 1000)

/** Counts one more, in the window as read or in a new one. @returns false if that has changed. */
const count = (db: Db, taking: Taking, was: Window | null): Promise<boolean> => {
  const { now } = taking
  if (was === null || isOver(was, now)) {
    const row = rowBefore(was, now)
    const isLast = mostAfter(row) === 1
    return write(
      db,
      taking,
      {
        set: { began: now, spent: 1, row: row + 1, told: isLast },
        when: was === null ? 'attribute_not_exists(#began)' : '#began = :was',
        ...(was !== null && { values: { was: was.began } }),
      },
      isLast ? { tries: 1, since: now } : null,
    )
  }
  const { began, told } = was
  const most = mostOf(was)
  const values = { began, last: most - 1 }
  const add = { spent: 1, row: 1 }
  // A try that was given back may become the last one again: the summary is written once.
  if (was.spent < most - 1 || told)
    return write(
      db,
      taking,
      { add, when: `#began = :began AND #spent ${told ? '<=' : '<'} :last`, values },
      null,
    )
  const when = '#began = :began AND #spent = :last AND #told = :no'
  return write(
    db,
    taking,
    { add, set: { told: true }, when, values: { ...values, no: false } },
    { tries: most, since: began },
  )
}

/** What a summary says of a window. */
type Sums = { readonly tries: number; readonly since: number }

const write = async (
  db: Db,
  taking: Taking,
  { set, ...change }: Pick<Update, 'set' | 'add' | 'when' | 'values'>,
  sums: Sums | null,
): Promise<boolean> => {
  const { account, budget, now, from } = taking
  const keeps = budget === 'known' ? KNOWN_SECONDS : OTHERS_SECONDS
  const update: Update<'MOVED', UnauditedKey> = {
    update: budgetKey(account, budget),
    set: { ...set, from, ttl: seconds(now) + keeps },
    ...change,
    conflict: 'MOVED',
  }
  if (sums === null) return db.updateBlind(update)
  return (await spend(db, taking, update, { ...sums, budget })) === null
}

/** The last try of a window, with what is written once for it: an entry of the audit, which says how often and from which
 * network the last came; for a name that isn't there as much, in its bucket and for a day. */
const spend = (
  db: Db,
  { account, now, exists, from }: Taking,
  update: Update<'MOVED', UnauditedKey>,
  sums: Sums & { readonly budget: Budget },
) => {
  const { tenant, username } = account
  if (!exists)
    return db.transact<'MOVED'>([
      update,
      { put: { ...spentKey(account), at: now, ...sums, ttl: seconds(now) + OTHERS_SECONDS } },
    ])
  const actor = { ...SERVICE, address: from }
  const data = { event: 'user.tries_spent', subject: { user: username }, sums } as const
  return db.change({ tenant, at: now, actor, ...data }, [update])
}
