/** Login tokens (`auth.generate_token`), kept by their digest. Their time runs from the last use. */
import type { Session } from './connections.ts'
import type { Db } from './db.ts'
import { place } from './places.ts'

export type Token = {
  /** The session that made it, whose rights it carries. */
  readonly session: Session
  /** Milliseconds without use after which it is dead. */
  readonly idle: number
  readonly until: number
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

  async get(tenant: number, token: string): Promise<Token | null> {
    return (await db.get(place.token(tenant, token))) as Token | null
  },

  /** Uses a token: a single-use one goes, another's time starts anew. @returns false if it is gone. */
  async use(tenant: number, token: string, facts: Token, now: number): Promise<boolean> {
    const at = place.token(tenant, token)
    const alive = { when: '#until > :now', values: { now }, lost: 'GONE' as const }
    const until = now + facts.idle
    const lost = await db.transact<'GONE'>([
      facts.singleUse
        ? { delete: at, ...alive }
        : { update: at, set: { until, ttl: Math.ceil(until / 1000) }, ...alive },
    ])
    return lost === null
  },
})

export type Tokens = ReturnType<typeof createTokens>
