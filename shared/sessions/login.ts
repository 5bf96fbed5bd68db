/** What all ways to log in have in common (docs/protocol/login.md §3.2): what comes of them, which is counted, and how the
 * session is opened. A refusal is an answer, and says no more than AUTH_ERR unless the secret was proven. */
import { randomUUID } from 'node:crypto'
import type { Parts } from '../parts.ts'
import type { Connection, Session } from '../store/connection-items.ts'
import { principalOf } from '../store/item-keys.ts'
import type { Unaudited } from '../store/write.ts'
import { liveNow } from './authority.ts'
import type { LiveSession } from './session.ts'

export type Login =
  | { readonly outcome: 'SUCCESS'; readonly session: LiveSession }
  | { readonly outcome: 'AUTH_ERR' | 'EXPIRED' | 'DENIED' }
  | { readonly outcome: 'OTP_REQUIRED'; readonly username: string }

export const REFUSED: Login = { outcome: 'AUTH_ERR' }

/** What logins use, whatever the mechanism. */
type LoginParts = Pick<
  Parts,
  | 'connections'
  | 'env'
  | 'keys'
  | 'log'
  | 'metrics'
  | 'now'
  | 'passwords'
  | 'passwordSlots'
  | 'scramIterations'
  | 'seen'
  | 'sessions'
  | 'tenants'
  | 'tokens'
  | 'tries'
  | 'users'
  | 'vault'
  | 'waitForStep'
>
export type Peer = { readonly service: LoginParts; readonly connection: Connection }

/** Counts how a login ends. The question for a second factor is no end. @returns the login. */
export const count = ({ metrics }: Pick<Parts, 'metrics'>, login: Login): Login => {
  if (login.outcome === 'SUCCESS') metrics.add('LoginSucceeded')
  else if (login.outcome !== 'OTP_REQUIRED') metrics.add('LoginFailed')
  return login
}

/** The same mechanism; each login by it is counted. */
export const counted =
  <A extends unknown[]>(mechanism: (peer: Peer, ...args: A) => Promise<Login>) =>
  async (peer: Peer, ...args: A): Promise<Login> =>
    count(peer.service, await mechanism(peer, ...args))

/** Any other login ends one that waits for its second factor (docs/protocol/login.md §3.2). */
export const abandonPending = async ({ service, connection }: Peer): Promise<void> => {
  if (connection.pending !== null) await service.connections.setPending(connection, null)
}

/**
 * Opens a session on a connection. What ends authority marks the holder and then looks for sessions: it finds this
 * session, or this login finds the mark.
 * @param also conditions and writes of the same transaction.
 * @returns null if the key or user is good no more, or a condition failed: nobody is logged in then.
 */
export const openSession = async <L extends string = never>(
  { service, connection }: Peer,
  facts: Omit<Session, 'principal'> & { readonly device?: true },
  also: readonly Unaudited<L>[] = [],
): Promise<LiveSession | null> => {
  const { device, ...rest } = facts
  const { uid, key } = rest
  const principal = principalOf({ uid, ...(key && { n: key.n }), ...(device && { device }) })
  const session = await begin({ service, connection }, { ...rest, principal }, also)
  if (session === null) return null
  const now = await liveNow(service, session)
  if (now === null) await service.connections.takeBack(connection, session)
  return now
}

// ---------------------------------------------------------------------------------------------

/** Logs a session in, the cheap way where nobody was logged in. One that failed so may have been listed, and ended by hand
 * since, so it is another one that logs in then. */
const begin = async <L extends string>(
  { service: { connections }, connection }: Peer,
  session: Session,
  also: readonly Unaudited<L>[],
): Promise<Session | null> => {
  const isFirst = connection.session === null && also.length === 0
  if (!isFirst)
    return (await connections.login(connection, session, also)) === null ? session : null
  if (await connections.loginFirst(connection, session)) return session
  const next = { ...session, id: randomUUID() }
  const conflict = await connections.login(connection, next)
  await connections.unlist(session, connection.id)
  return conflict === null ? next : null
}
