/** The end of every login: a session is put first, and what it hangs on is read then. */
import type { Session } from '../store/connection-items.ts'
import { principalOf } from '../store/places.ts'
import type { Unaudited } from '../store/write.ts'
import { liveNow } from './authority.ts'
import type { Peer } from './counted.ts'
import type { LiveSession } from './session.ts'

/**
 * Opens a session on a connection. Who ends authority marks the holder and then looks for sessions: either this
 * one is found, or the mark is.
 * @param also what is done by the login, or must be so.
 * @returns null if the holder doesn't hold any more, or what must be so isn't: nobody is logged in then.
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
