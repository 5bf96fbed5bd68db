/**
 * Login tokens (docs/protocol/login.md §3.3): one session makes them, others log in with its rights. The sessions that
 * they open end with the login that made the first of them. A token's text is the tenant's number, the session and the
 * slot, by which it is found, and 32 random bytes.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { Fault } from '../domain/fault.ts'
import type { Secret } from '../domain/secret.ts'
import type { Parts } from '../parts.ts'
import type { Connection, Session } from '../store/connection-items.ts'
import { stored } from '../store/copies.ts'
import type { TokenRef } from '../store/item-keys.ts'
import { OPEN_TOKENS } from '../store/tokens.ts'
import { authorityOf, liveNow } from './authority.ts'
import { abandonPending, counted, type Login, openSession, type Peer, REFUSED } from './login.ts'
import { type LiveSession, loginOf, sessionEnd } from './session.ts'

/** How long a reconnect token waits (docs/protocol/login.md §3.2). */
const RECONNECT_SECONDS = 600
/** How many sessions of its chain of tokens a session remembers. */
const ANCESTORS = 16

type Terms = {
  /** Seconds without use after which it is dead. */
  readonly seconds: number
  /** The only address from which it is good, or null. */
  readonly address: string | null
  readonly singleUse: boolean
}

type TokenParts = Pick<Parts, 'connections' | 'copies' | 'now' | 'sessions' | 'tokens'>

/** @throws Fault TOO_MANY_TOKENS, SESSION_EXPIRED if the session ended meanwhile. */
export const makeToken = async (
  service: TokenParts,
  made: LiveSession,
  connection: Pick<Connection, 'id' | 'connectedAt'>,
  { seconds, ...terms }: Terms,
): Promise<string> => {
  const session = stored(made)
  const idle = seconds * 1000
  const now = service.now()
  const dies = sessionEnd(session)
  const until = Math.min(now + idle, dies)
  const facts = { session, connection: connection.id, idle, until, dies, ...terms }
  // A session's end ends its tokens, so that none may be added after it.
  const by = authorityOf(service, made, connection)
  const added = await service.tokens.add(facts, now, (slot) => textOf(session, slot), by)
  if ('token' in added) return added.token
  throw new Fault('TOO_MANY_TOKENS', {
    most: OPEN_TOKENS,
    next: new Date(added.next).toISOString(),
  })
}

/** A token by which a client comes back after its connection was lost; null where the session gets none. */
export const makeReconnectToken = async (
  service: TokenParts,
  session: LiveSession,
  connection: Peer['connection'],
): Promise<string | null> => {
  // A device logs in again by its key, and nobody else needs to in its name.
  if (session.device) return null
  const terms = { seconds: RECONNECT_SECONDS, address: connection.address, singleUse: true }
  try {
    return await makeToken(service, session, connection, terms)
  } catch (error) {
    // The login is done, and doesn't fail for want of a token.
    if (error instanceof Fault && error.code !== 'UNAVAILABLE') return null
    throw error
  }
}

/** `TOKEN_PLAIN`: a session with the rights of the one that made the token. */
export const loginWithToken = counted(async (peer, token: Secret): Promise<Login> => {
  const { service, connection } = peer
  await abandonPending(peer)
  const text = token.reveal()
  const at = itemKeyOf(text)
  const found = at && (await service.tokens.get(at, text))
  const now = service.now()
  if (found === null || found.until <= now) return REFUSED
  if (found.address !== null && found.address !== connection.address) return REFUSED
  const { token: _, principal: __, ...maker } = found.session
  const alive = await liveNow(service, maker)
  if (alive === null) return REFUSED
  const before = await service.tokens.stillOpen(maker.from ?? [], found, now)
  // The maker is kept even without another open token, since it may still make one.
  const from = [...before, { id: maker.id, connection: found.connection }].slice(-ANCESTORS)
  const use = service.tokens.use(found, now)
  const facts = {
    ...maker,
    id: randomUUID(),
    credentials: 'TOKEN' as const,
    parent: maker.parent ?? maker.credentials,
    scram: false,
    loginAt: now,
    ends: sessionEnd(maker),
    root: loginOf(alive).root,
    from,
    ...(!found.singleUse && { token: found.ref }),
  }
  const session = await openSession(peer, facts, [use])
  return session === null ? REFUSED : { outcome: 'SUCCESS', session }
})

/**
 * Ends the tokens that a session made, and those of earlier sessions in its chain whose sockets are gone, since a
 * sign-out after a reconnect means all of them. A session that is still connected keeps its tokens.
 */
export const endTokens = async (
  { tokens, connections }: Pick<Parts, 'tokens' | 'connections'>,
  { tenant, id, from = [] }: Session,
): Promise<void> => {
  const gone = from.length === 0 ? [] : await connections.gone(from)
  for (const session of [id, ...gone.map((one) => one.id)]) await tokens.endAll(tenant, session)
}

// ---------------------------------------------------------------------------------------------

const TEXT = /^([1-9][0-9]{0,6})\.([A-Za-z0-9_-]{22})([0-9a-f])[A-Za-z0-9_-]{43}$/

const textOf = ({ tenant, id }: Session, slot: number): string => {
  const session = Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url')
  return `${tenant}.${session}${slot.toString(16)}${randomBytes(32).toString('base64url')}`
}

/** @returns null for what can't be a token: it costs no read. */
const itemKeyOf = (text: string): Omit<TokenRef, 'digest'> | null => {
  const [, tenant, session = '', slot = ''] = TEXT.exec(text) ?? []
  if (tenant === undefined) return null
  const hex = Buffer.from(session, 'base64url').toString('hex')
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  return { tenant: Number(tenant), session: id, slot: Number.parseInt(slot, 16) }
}
