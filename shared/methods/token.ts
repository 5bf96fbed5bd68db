/** Tokens that log in again with the rights of the session that made them (PROTOCOL 3.3). */
import { randomBytes } from 'node:crypto'
import type { LiveSession } from '../auth/session.ts'
import type { Service } from '../service.ts'
import { LONGEST_MS } from '../store/tokens.ts'

/** How long a reconnect token waits (PROTOCOL 3.2). */
export const RECONNECT_SECONDS = 600

type Terms = {
  /** Seconds without use after which it is dead. */
  readonly seconds: number
  readonly address: string | null
  readonly singleUse: boolean
  readonly canLogIn: boolean
}

/** @returns the token: the tenant's number, so that it can be found, and 48 random bytes. */
export const makeToken = async (
  service: Service,
  { roles: _, ...session }: LiveSession,
  { seconds, ...terms }: Terms,
): Promise<string> => {
  const token = `${session.tenant}.${randomBytes(48).toString('base64url')}`
  const idle = seconds * 1000
  const now = service.now()
  const facts = { session, idle, until: now + idle, dies: now + LONGEST_MS, ...terms }
  await service.tokens.add(token, facts)
  return token
}
