/**
 * A socket's three events, without API Gateway's shapes: connect, message, disconnect. A socket has
 * no state in this process but a hint that saves a read.
 */
import { LRUCache } from 'lru-cache'
import { hearingOfChanges, workFor } from '../domain/carried.ts'
import { Fault } from '../domain/fault.ts'
import { attempts, type RetryPolicy, within } from '../domain/retry.ts'
import { parseVersion } from '../domain/versions.ts'
import { ANSWER_MS, CALL_MS, createUnderWay, MESSAGE } from '../limits/calls.ts'
import type { Parts } from '../parts.ts'
import type { Dispatch } from '../rpc/dispatch.ts'
import type { Progress } from '../sessions/authority.ts'
import type { Close } from '../sessions/push.ts'
import { type LiveSession, resolveSession } from '../sessions/session.ts'
import { RETRY_SECONDS } from '../store/admission.ts'
import { type Connection, holderKey } from '../store/connection-items.ts'
import type { HeldAt } from '../store/connections.ts'
import { isOld, RENEWAL } from './renewal.ts'

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

type Sockets = Pick<Parts, 'connections' | 'log' | 'metrics' | 'now' | 'push'>

/** How often the end of a socket is tried. Nobody waits for it: calls go before it, however long that takes. In Lambda the
 * function's time-out is its end. */
const DISCONNECT: RetryPolicy = { tries: 8, pauseMs: 4000 }
const DISCONNECT_MS = 600_000

export const createSocket = (service: Sockets, dispatch: Dispatch) => {
  /** Connection → item keys of what its session depended on at the last read. Only a hint: a wrong one costs one more
   * read. */
  const hints = new LRUCache<string, HeldAt>({ max: 10_000 })
  const frames = createUnderWay()

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

  /** Answers a frame of a socket. @returns the socket too, where it may be closed after that. */
  const answer = async (
    id: string,
    frame: string,
    facts: { began: number; progress: Progress },
  ): Promise<{ reply: string | null; connection?: Connection }> => {
    const peer = await read(id).catch((error: unknown) => ({ error }))
    if (peer !== null && 'error' in peer) return { reply: await dispatch(frame, peer) }
    if (peer === null)
      return { reply: await close(id, { code: 1008, reason: 'Unknown connection' }) }
    const { connection } = peer
    if (frame.length > MESSAGE.anonymous && connection.session === null)
      return {
        reply: await close(id, {
          code: 1007,
          reason: 'Anonymous connection max message length is 8 kB',
        }),
      }
    if (frame.length > MESSAGE.session)
      return { reply: await close(id, { code: 1009, reason: 'Max message length is 64 kB' }) }
    return { reply: await dispatch(frame, { ...peer, ...facts }), connection }
  }

  /** Sends an answer, and closes the socket behind it. @returns the answer where it couldn't be sent so. */
  const renew = async (id: string, reply: string | null): Promise<string | null> => {
    try {
      if (reply !== null && (await service.push.send(id, reply)) === 'full') return reply
    } catch (error) {
      // The next frame tries again.
      service.log.error('a socket could not be closed before its time', error)
      return reply
    }
    return close(id, RENEWAL).catch(() => null)
  }

  return {
    /** @returns the HTTP status of the handshake: 200 lets the socket open, 503 asks to come back later. */
    async connect({
      connection,
      version,
      secure,
      host,
      address,
    }: Handshake): Promise<200 | 404 | 503> {
      const known = parseVersion(version)
      if (known === null) return 404
      const opening = {
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
      }
      try {
        await inTime(ANSWER_MS, () => service.connections.open(opening), late)
        return 200
      } catch (error) {
        if (!isUnavailable(error)) throw error
        service.metrics.add('CallFailed')
        service.log.error('a socket could not be opened', error.cause ?? error)
        return 503
      }
    },

    /** Answers a frame; null where none is due. A frame over its limit, or a binary one (given as
     * null), closes the socket.
     * @param began when it came in, in milliseconds since the epoch. */
    async message(id: string, frame: string | null, began = service.now()): Promise<string | null> {
      if (frame === null)
        return close(id, { code: 1003, reason: 'Invalid websocket message type: BINARY' })
      const progress: Progress = { hasSent: false, hasChanged: false }
      let isGivenUp = false
      const onSend = (): void => {
        // Its sender was told that nothing is changed.
        if (isGivenUp) throw new Fault('UNAVAILABLE')
        progress.hasSent = true
      }
      const { reply, connection } = await frames.run(id, () =>
        inTime(
          leftOf(began, service.now()),
          () => hearingOfChanges(onSend, () => answer(id, frame, { began, progress })),
          () => {
            isGivenUp = true
            return late(progress)
          },
        ).catch(async (error: unknown) => {
          if (!(error instanceof Fault)) throw error
          return { reply: await dispatch(frame, { error }), connection: undefined }
        }),
      )
      // Between frames: of others that are under way the answers would be lost.
      if (connection === undefined || frames.of(id) > 0) return reply
      return isOld(connection, service.now()) ? renew(id, reply) : reply
    },

    /** Forgets a socket. What fails is tried again, since nobody else does. */
    async disconnect(id: string): Promise<void> {
      hints.delete(id)
      let connection: Connection | null = null
      const forget = async (): Promise<void> => {
        // As it was first read: a try that deletes it may leave copies of its session for the next.
        connection ??= await service.connections.get(id)
        if (connection !== null) await service.connections.forget(connection)
      }
      let failure: unknown
      for await (const _ of attempts(DISCONNECT)) {
        try {
          return await workFor(DISCONNECT_MS, forget)
        } catch (error) {
          if (!isUnavailable(error)) throw error
          failure = error
        }
      }
      throw failure
    },
  }
}

// ---------------------------------------------------------------------------------------------

/** What work comes to within so many milliseconds, of which requests to the table know too. @throws what `tooLate` makes. */
const inTime = <T>(ms: number, work: () => Promise<T>, tooLate: () => Fault): Promise<T> =>
  within(ms, workFor(ms, work), tooLate)

/** Milliseconds in which a frame must be answered. Clocks that differ say nothing: one that is as old as that would have been
 * given up by API Gateway. */
const leftOf = (began: number, now: number): number => {
  const age = now - began
  return age < 0 || age >= CALL_MS ? ANSWER_MS : Math.max(0, ANSWER_MS - age)
}

/** What takes too long is sent no more requests, so a change that wasn't sent is never made. */
const late = ({ hasSent }: Pick<Progress, 'hasSent'> = { hasSent: false }): Fault => {
  const cause = new Error(`There was no answer within ${ANSWER_MS} ms`)
  const again = hasSent ? {} : { retryAfterSeconds: RETRY_SECONDS }
  return new Fault(hasSent ? 'OUTCOME_UNKNOWN' : 'UNAVAILABLE', {}, { cause, ...again })
}

const isUnavailable = (error: unknown): error is Fault =>
  error instanceof Fault && (error.code === 'UNAVAILABLE' || error.code === 'OUTCOME_UNKNOWN')
