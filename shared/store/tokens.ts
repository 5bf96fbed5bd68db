/**
 * Login tokens (`auth.generate_token`), in slots of the session that made them. Their time runs from the last use, and
 * ends with the login that they come from.
 */
import { randomInt, timingSafeEqual } from 'node:crypto'
import type { Ancestor, Session } from './connection-items.ts'
import type { Conflict, Db } from './db.ts'
import type { TokenRef } from './item-keys.ts'
import { digest, itemKey, tenantPk, tokensOf } from './item-keys.ts'
import type { Authority, Item, Unaudited } from './write.ts'

/** Open tokens of one session, at the most. */
export const OPEN_TOKENS = 16

export type Token = {
  /** The session that made it, whose rights it carries. */
  readonly session: Session
  /** On which connection that session was. */
  readonly connection: string
  /** Milliseconds without use after which it is dead. */
  readonly idle: number
  readonly until: number
  /** However often it is used, it is dead from then on. */
  readonly dies: number
  /** Address it is bound to, or null. */
  readonly address: string | null
  readonly singleUse: boolean
}

type FoundToken = Token & { readonly ref: TokenRef }

export const createTokens = (db: Db) => ({
  /**
   * Adds a token to those of its session.
   * @param textAt makes the token for the slot that it gets.
   * @param by the session that makes it.
   * @returns the token; `FULL` and when the first of the others ends.
   */
  async add(
    facts: Token,
    now: number,
    textAt: (slot: number) => string,
    by: Authority,
  ): Promise<{ token: string } | { reason: 'FULL'; next: number }> {
    const { session } = facts
    const { tenant } = session
    for (;;) {
      const open = (await made(db, tenant, session.id)).filter(({ until }) => until > now)
      const free = SLOTS.filter((slot) => !open.some((one) => one.slot === slot))
      if (free.length === 0)
        return { reason: 'FULL', next: Math.min(...open.map(({ until }) => until)) }
      // At random, since calls at the same time would all choose the first.
      const slot = free[randomInt(free.length)] as number
      const token = textAt(slot)
      const at = itemKey.token({ tenant, session: session.id, slot })
      const ttl = Math.ceil(facts.until / 1000)
      const conflict = await db.transact<'TAKEN'>([
        {
          put: { ...at, ...facts, slot, digest: digest(token), ttl },
          when: 'attribute_not_exists(#pk) OR #until <= :now',
          values: { now },
          conflict: 'TAKEN',
          by,
        },
      ])
      if (conflict === null) return { token }
    }
  },

  /** A token, by the slot that it names. */
  async get(at: Omit<TokenRef, 'digest'>, token: string): Promise<FoundToken | null> {
    const item = await db.get(itemKey.token(at))
    const known = digest(token)
    return item !== null && equal(item.digest, known)
      ? { ...(item as Token), ref: { ...at, digest: known } }
      : null
  },

  /** Uses a token, as part of the login: deletes a single-use one, starts another's time anew. */
  use({ ref, idle, dies, singleUse }: FoundToken, now: number): Unaudited<'SPENT'> {
    const at = itemKey.token(ref)
    const alive = {
      when: '#digest = :digest AND #until > :now',
      values: { digest: ref.digest, now },
      conflict: 'SPENT',
    } as const
    const until = Math.min(now + idle, dies)
    return singleUse
      ? { delete: at, ...alive }
      : { update: at, set: { until, ttl: Math.ceil(until / 1000) }, ...alive }
  },

  /** Those of some sessions that have an open token other than this one. */
  async stillOpen(
    sessions: readonly Ancestor[],
    { ref }: FoundToken,
    now: number,
  ): Promise<Ancestor[]> {
    const open = await Promise.all(
      sessions.map(async ({ id }) =>
        (await made(db, ref.tenant, id)).some(
          (one) => one.until > now && one.digest !== ref.digest,
        ),
      ),
    )
    return sessions.filter((_, i) => open[i])
  },

  /** Ends all tokens that a session made. */
  async endAll(tenant: number, session: string): Promise<void> {
    const gone = await made(db, tenant, session)
    if (gone.length === 0) return
    await db.transact<never>(
      gone.map(({ slot }) => ({ delete: itemKey.token({ tenant, session, slot }) })),
    )
  },
})

export type Tokens = ReturnType<typeof createTokens>

/** Ends one token, unless another has its slot by now. */
export const endToken = async (db: Db, ref: TokenRef): Promise<Conflict<'OTHER'> | null> =>
  db.transact<'OTHER'>([
    {
      delete: itemKey.token(ref),
      when: '#digest = :digest',
      values: { digest: ref.digest },
      conflict: 'OTHER',
    },
  ])

// ---------------------------------------------------------------------------------------------

const SLOTS = Array.from({ length: OPEN_TOKENS }, (_, slot) => slot)

/** A session's tokens, with those that are over but not deleted yet: no more than it has slots. */
const made = async (db: Db, tenant: number, session: string): Promise<Item[]> => {
  const items: Item[] = []
  for await (const item of db.list(tenantPk(tenant), tokensOf(session))) items.push(item)
  return items
}

const equal = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
