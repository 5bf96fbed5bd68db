/**
 * Who acts in a call, and by which authority: its session, at the moment when the call changes something. A copy of the
 * session's item is made first, and what the session depends on is read then: what ends the session either finds the
 * copy or is seen by that read.
 */
import { Fault } from '../domain/fault.ts'
import { idOf } from '../domain/key.ts'
import { covers } from '../domain/roles.ts'
import type { Parts } from '../parts.ts'
import type { Actor } from '../store/audit.ts'
import { type Connection, holderKey, type Session } from '../store/connection-items.ts'
import { connectionEnd } from '../store/connections.ts'
import type { Authority } from '../store/write.ts'
import { type LiveSession, resolveSession } from './session.ts'

type Deps = Pick<Parts, 'connections' | 'copies' | 'sessions' | 'now'>

/** A call of a session, as far as it says who acts. */
export type Acting = {
  readonly service: Deps
  readonly session: LiveSession
  readonly connection: Connection
  readonly progress: Progress
}

/** How far a call is with its changes. */
export type Progress = {
  /** Whether it has changed something so far. */
  hasChanged: boolean
  /** Whether it has sent a change, which may be made. */
  hasSent: boolean
}

/** From the session and the connection, never from parameters. */
export const actorOf = ({ service, session, connection, progress }: Acting): Actor => ({
  username: session.username,
  keyId: session.key === null ? null : idOf({ tenant: session.tenant, n: session.key.n }),
  address: connection.address,
  maker: {
    uid: session.uid,
    username: session.username,
    roles: session.roles,
    ceiling: session.ceiling,
  },
  authority: {
    ...authorityOf(service, session, connection),
    onChange: () => {
      progress.hasChanged = true
    },
  },
})

/** The authority of a session's call. */
export const authorityOf = (
  service: Deps,
  session: LiveSession,
  { id, connectedAt }: Pick<Connection, 'id' | 'connectedAt'>,
): Authority => ({
  hold: () =>
    service.copies.hold(session, { id, ttl: connectionEnd(connectedAt) }, async () => {
      const at = { holder: holderKey(session), tenant: session.tenant }
      const [[connection, { holder, gate }], isEnded] = await Promise.all([
        service.connections.withHeld(id, at),
        service.sessions.isEnded(session, id),
      ])
      const isSame = connection?.session?.id === session.id && !isEnded
      const now = isSame ? resolveSession(connection.session, holder, gate, service.now()) : null
      if (now === null) throw new Fault('SESSION_EXPIRED')
      assertKeeps(session, now)
      return now.version
    }),
})

/** The authority of a session for one later change, such as an enrolment by its invitation. It ends with the key or
 * password that opened the session. @param refused the fault if it has ended. */
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

/** A session judged by what it depends on at this moment; null if it is over. */
export const liveNow = async (
  { connections, now }: Pick<Parts, 'connections' | 'now'>,
  session: Session,
): Promise<LiveSession | null> => {
  const { holder, gate } = await connections.held(session)
  return resolveSession(session, holder, gate, now())
}

// ---------------------------------------------------------------------------------------------

/** Passes a user who gained rights meanwhile. @throws Fault RIGHTS_CHANGED for one who lost some. */
const assertKeeps = (judged: LiveSession, now: LiveSession): void => {
  if (now.version === judged.version || covers(now.roles, judged.roles)) return
  throw new Fault('RIGHTS_CHANGED', { username: judged.username })
}
