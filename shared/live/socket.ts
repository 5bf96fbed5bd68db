/**
 * A socket's three events, without API Gateway's shapes: connect, message, disconnect. A socket has
 * no state in this process but a hint that saves a read.
 */
import { LRUCache } from 'lru-cache'
import { parseVersion } from '../domain/versions.ts'
import { MESSAGE } from '../limits/calls.ts'
import type { Parts } from '../parts.ts'
import type { Dispatch } from '../rpc/dispatch.ts'
import type { Close } from '../sessions/push.ts'
import { type LiveSession, resolveSession } from '../sessions/session.ts'
import { type Connection, holderKey } from '../store/connection-items.ts'
import type { HeldAt } from '../store/connections.ts'

/** What the handshake says. */
export type Handshake = {
  readonly connection: string
  /** API version by name; undefined means the current one. */
  readonly version: string | undefined
  /** Whether the viewer came over TLS. */
  readonly secure: boolean
  readonly host: string
  readonly address: string
}

type Sockets = Pick<Parts, 'connections' | 'now' | 'push'>

export const createSocket = (service: Sockets, dispatch: Dispatch) => {
  /** Connection → item keys of what its session depended on at the last read. Only a hint: a wrong one costs one more
   * read. */
  const hints = new LRUCache<string, HeldAt>({ max: 10_000 })

  /** Reads a connection and what its session depends on: in one request where the hint is right. */
  const read = async (
    id: string,
  ): Promise<{ connection: Connection; session: LiveSession | null } | null> => {
    const hint = hints.get(id)
    const [connection, held] =
      hint === undefined
        ? [await service.connections.get(id), null]
        : await service.connections.withHeld(id, hint)
    if (connection === null) return null
    const { session } = connection
    if (session === null) {
      hints.delete(id)
      return { connection, session: null }
    }
    const holder = holderKey(session)
    const isRight = hint?.holder.pk === holder.pk && hint.holder.sk === holder.sk
    hints.set(id, { holder, tenant: session.tenant })
    const by = isRight && held !== null ? held : await service.connections.held(session)
    return { connection, session: resolveSession(session, by.holder, by.gate, service.now()) }
  }

  const close = async (connection: string, how: Close): Promise<null> => {
    await service.push.close(connection, how)
    return null
  }

  return {
    /** @returns the HTTP status of the handshake: 200 lets the socket open. */
    async connect({ connection, version, secure, host, address }: Handshake): Promise<200 | 404> {
      const known = parseVersion(version)
      if (known === null) return 404
      await service.connections.open({
        id: connection,
        version: known,
        secure,
        address,
        hostLabel: host.split('.')[0]?.toLowerCase() ?? '',
        connectedAt: service.now(),
        session: null,
        pending: null,
        subscriptions: {},
        rev: 0,
      })
      return 200
    },

    /** Answers a frame; null where none is due. A frame over its limit, or a binary one (given as
     * null), closes the socket.
     * @param began when it came in, in milliseconds since the epoch. */
    async message(id: string, frame: string | null, began = service.now()): Promise<string | null> {
      if (frame === null)
        return close(id, { code: 1003, reason: 'Invalid websocket message type: BINARY' })
      const peer = await read(id).catch((error: unknown) => ({ error }))
      if (peer !== null && 'error' in peer) return dispatch(frame, peer)
      if (peer === null) return close(id, { code: 1008, reason: 'Unknown connection' })
      if (frame.length > MESSAGE.anonymous && peer.connection.session === null)
        return close(id, {
          code: 1007,
          reason: 'Anonymous connection max message length is 8 kB',
        })
      if (frame.length > MESSAGE.session)
        return close(id, { code: 1009, reason: 'Max message length is 64 kB' })
      return dispatch(frame, { ...peer, began })
    },

    async disconnect(id: string): Promise<void> {
      hints.delete(id)
      const connection = await service.connections.get(id)
      if (connection !== null) await service.connections.forget(connection)
    },
  }
}
