/**
 * The authority of a call: its session, at the moment when the call changes something. A copy of the session's
 * item is made first and what it hangs on is read then, so who ends the session either finds the copy or is
 * seen by that reading.
 */
import { Fault } from '../domain/fault.ts'
import { covers } from '../domain/roles.ts'
import type { Parts } from '../parts.ts'
import { type Connection, holderPlace, type Session } from '../store/connection-items.ts'
import { connectionEnd } from '../store/connections.ts'
import type { Authority } from '../store/write.ts'
import { type LiveSession, live } from './session.ts'

type Deps = Pick<Parts, 'connections' | 'copies' | 'sessions' | 'now'>

/** A call's own. */
export const authorityOf = (
  service: Deps,
  session: LiveSession,
  { id, connectedAt }: Pick<Connection, 'id' | 'connectedAt'>,
): Authority => ({
  hold: () =>
    service.copies.hold(session, { id, ttl: connectionEnd(connectedAt) }, async () => {
      const at = { holder: holderPlace(session), tenant: session.tenant }
      const [[connection, { holder, gate }], isEnded] = await Promise.all([
        service.connections.withHeld(id, at),
        service.sessions.isEnded(session, id),
      ])
      const isSame = connection?.session?.id === session.id && !isEnded
      const now = isSame ? live(connection.session, holder, gate, service.now()) : null
      if (now === null) throw new Fault('SESSION_EXPIRED')
      assertKeeps(session, now)
      return now.version
    }),
})

/** What a session gave to be used once, such as an invitation: as good as what opened it, and no better.
 * @param refused what is said where that doesn't hold any more. */
export const authorityOnce = (
  service: Pick<Parts, 'copies' | 'connections' | 'now'>,
  session: LiveSession,
  refused: () => Fault,
): Authority => ({
  async hold() {
    const held = await service.copies.holdOnce(session, service.now(), async () => {
      const now = await liveNow(service, session)
      if (now === null || !covers(now.roles, session.roles)) throw refused()
    })
    return { ...held, refusal: refused }
  },
})

/** A session as what it hangs on stands at this moment; null if it is over. */
export const liveNow = async (
  { connections, now }: Pick<Parts, 'connections' | 'now'>,
  session: Session,
): Promise<LiveSession | null> => {
  const { holder, gate } = await connections.held(session)
  return live(session, holder, gate, now())
}

// ---------------------------------------------------------------------------------------------

/** A user who was given more meanwhile goes on; one who lost something is judged anew. */
const assertKeeps = (judged: LiveSession, now: LiveSession): void => {
  if (now.version === judged.version || covers(now.roles, judged.roles)) return
  throw new Fault('RIGHTS_CHANGED', { username: judged.username })
}
