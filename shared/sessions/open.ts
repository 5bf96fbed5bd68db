/** The end of every login: a session is put first, and what it depends on is read then. */
import type { Session } from '../store/connection-items.ts'
import { principalOf } from '../store/item-keys.ts'
import type { Unaudited } from '../store/write.ts'
import { liveNow } from './authority.ts'
import type { Peer } from './counted.ts'
import type { LiveSession } from './session.ts'

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
  const session: Session = { ...rest, principal }
  if ((await service.connections.login(connection, session, also)) !== null) return null
  const now = await liveNow(service, session)
  if (now === null) await service.connections.takeBack(connection, session)
  return now
}
