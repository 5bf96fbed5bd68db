/** Login tokens (`auth.generate_token`), kept by their digest. Their time runs from the last use. */
import { rootOf, type Session } from './connection-items.ts'
import type { Db } from './db.ts'
import { place } from './places.ts'

/** The longest that any token lives (PROTOCOL 3.6): 30 days. */
export const LONGEST_MS = 30 * 86_400_000

/** A socket of the same login may still be open, for two hours at the most, and make tokens: dead ones. */
const SOCKET_MS = 3 * 3_600_000

export type Token = {
  /** The session that made it, whose rights it carries. */
  readonly session: Session
  /** Milliseconds without use after which it is dead. */
  readonly idle: number
  readonly until: number
  /** However often it is used, it is dead from then on. */
  readonly dies: number
  /** Address it is bound to, or null. */
  readonly address: string | null
  readonly singleUse: boolean
  /** Tokens with attributes are for other services and can't log in (PROTOCOL 3.3). */
  readonly canLogIn: boolean
}

export const createTokens = (db: Db) => ({
  async add(token: string, facts: Token): Promise<void> {
    const at = place.token(facts.session.tenant, token)
    await db.transact([{ put: { ...at, ...facts, ttl: Math.ceil(facts.until / 1000) } }])
  },

  /** A token, unless one of the sessions that go on from its login was ended on purpose. */
  async get(tenant: number, token: string): Promise<Token | null> {
    const facts = (await db.get(place.token(tenant, token))) as Token | null
    const ended = facts && (await db.get(place.ended(tenant, rootOf(facts.session))))
    return ended === null ? facts : null
  },

  /**
   * Ends the tokens of a session and of all that go on from the same login, those that are yet to be used
   * included: who signs out means all of it, and doesn't know which of them made what.
   */
  async endOf(session: Session, now: number): Promise<void> {
    const ttl = Math.ceil((now + LONGEST_MS + SOCKET_MS) / 1000)
    await db.update({ update: place.ended(session.tenant, rootOf(session)), set: { ttl } })
  },

  /** Uses a token: a single-use one goes, another's time starts anew. @returns false if it is gone. */
  async use(tenant: number, token: string, facts: Token, now: number): Promise<boolean> {
    const at = place.token(tenant, token)
    const alive = { when: '#until > :now', values: { now }, lost: 'GONE' as const }
    const until = Math.min(now + facts.idle, facts.dies)
    const lost = await db.transact<'GONE'>([
      facts.singleUse
        ? { delete: at, ...alive }
        : { update: at, set: { until, ttl: Math.ceil(until / 1000) }, ...alive },
    ])
    return lost === null
  },
})

export type Tokens = ReturnType<typeof createTokens>
