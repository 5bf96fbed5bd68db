/** From a frame to its answer: shape, method, calls in flight, who may, parameters, run (docs/protocol/wire.md §1.4). */

import { encode } from '../domain/ejson.ts'
import { Fault, type FaultCode } from '../domain/fault.ts'
import { LARGE } from '../domain/json.ts'
import { turn } from '../domain/turns.ts'
import { isAtLeast } from '../domain/versions.ts'
import { createBuckets } from '../limits/bucket.ts'
import { createInFlight, networkOf, REPLY_BYTES } from '../limits/calls.ts'
import type { Parts } from '../parts.ts'
import type { Progress } from '../sessions/authority.ts'
import type { LiveSession } from '../sessions/session.ts'
import type { Connection } from '../store/connection-items.ts'
import {
  dataOf,
  Encoded,
  failure,
  faultAnswer,
  type RequestId,
  RPC,
  readFrame,
  success,
} from './frame.ts'
import { type Call, type Method, mayCall, takesFilters } from './method.ts'
import { readParams } from './params.ts'

export type Peer = {
  readonly connection: Connection
  /** The connection's session if it holds; null if nobody is logged in or the session died. */
  readonly session: LiveSession | null
  /** When the frame came in, in milliseconds since the epoch. */
  readonly began: number
  readonly progress: Progress
}

export const createDispatch = (service: Parts, methods: ReadonlyMap<string, Method>) => {
  // Bounds what calls cost this process. Guesses are counted for their account (`sessions/tries.ts`).
  const quota = service.env.KEYHARBOR_ANONYMOUS_CALLS_PER_MINUTE
  const anonymous = createBuckets({ quota, seconds: 60 }, service.elapsed)
  const inFlight = createInFlight()

  /** Counts a call of a session, whatever is called. @throws Fault RATE_LIMITED */
  const countCall = async (
    { connection, session }: Peer,
    method: Method | undefined,
  ): Promise<void> => {
    if (session === null) return
    const { ok, wait } = await service.sessionCalls.take(
      { session, connection },
      method?.stops === true,
    )
    if (ok) return
    service.metrics.add('CallsLimited')
    throw new Fault('RATE_LIMITED', {}, { retryAfterSeconds: wait })
  }

  /** @throws Fault if this peer may not call this method now. */
  const admit = (method: Method, { connection, session }: Peer): void => {
    const { access } = method
    if (access === 'anybody-uncounted') return
    if (access === 'anybody') {
      if (session !== null) return
      const { ok, wait } = anonymous.take(networkOf(connection.address), 1)
      if (ok) return
      service.metrics.add('RateLimited')
      throw new Fault('RATE_LIMITED', {}, { retryAfterSeconds: wait })
    }
    // Who was logged in hears that their session ended, rather than that they never logged in.
    if (session === null)
      throw new Fault(connection.session === null ? 'NOT_AUTHENTICATED' : 'SESSION_EXPIRED')
    if (!mayCall(session, method)) throw new Fault('NOT_AUTHORIZED')
  }

  const run = async (
    method: Method,
    params: readonly unknown[],
    peer: Peer,
    isLarge: boolean,
  ): Promise<unknown> => {
    admit(method, peer)
    // Short filters too may have patterns, which take milliseconds to compile.
    if (isLarge || (params.length > 0 && takesFilters(method))) await turn()
    const args = readParams(method.params, params)
    const call: Call = { service, methods, ...peer }
    // `admit` has refused calls without the session that the method needs.
    try {
      return await method.run(args as never, call as never)
    } catch (error) {
      // A step after a change failed, so UNAVAILABLE, which says that nothing was changed, would be wrong.
      const isUnsure =
        peer.progress.hasChanged && error instanceof Fault && error.code === 'UNAVAILABLE'
      throw isUnsure ? new Fault('OUTCOME_UNKNOWN', {}, { cause: error.cause }) : error
    }
  }

  /**
   * Answers one frame; null where none is due.
   * @param peer the sender, or why they couldn't be read: the frame is answered all the same, since a client waits for its
   * id.
   */
  return async (
    frame: string,
    peer: Peer | { readonly error: unknown },
  ): Promise<string | null> => {
    if (frame.length > LARGE) await turn()
    const request = readFrame(frame)
    if ('answer' in request) return request.answer
    const { id, params } = request
    const reply = (text: string): string | null => (id === undefined ? null : text)
    try {
      if ('error' in peer) throw peer.error
      const method = methods.get(request.method)
      await countCall(peer, method)
      if (method === undefined || !exists(method, peer.connection))
        return reply(failure(id, RPC.METHOD_NOT_FOUND, 'Method does not exist'))
      const outcome = await inFlight.run(peer.connection.id, async () => ({
        result: await run(method, params, peer, frame.length > LARGE),
      }))
      if (outcome !== null) return reply(await bounded(id, outcome.result))
      const text = 'Maximum number of concurrent calls (20) has exceeded'
      return reply(failure(id, RPC.TOO_MANY_CALLS, text))
    } catch (error) {
      const told = dataOf(error)
      if (OURS.has(told.fault.code)) service.metrics.add('CallFailed')
      if (told.fault.cause !== undefined)
        service.log.error('call failed', told.fault.cause, {
          // Only names of ours are logged, since a client may put a secret there by mistake.
          method: methods.has(request.method) ? request.method : null,
          code: told.fault.code,
          ...(told.reference !== undefined && { request: told.reference }),
        })
      return reply(faultAnswer(id, told))
    }
  }
}

export type Dispatch = ReturnType<typeof createDispatch>

// ---------------------------------------------------------------------------------------------

/** Failures that are the service's. */
const OURS: ReadonlySet<FaultCode> = new Set(['INTERNAL', 'UNAVAILABLE', 'OUTCOME_UNKNOWN'])

const exists = ({ since }: Method, { version }: Connection): boolean =>
  since === undefined || isAtLeast(version, since)

/** A result as text. @throws Fault RESULT_TOO_LARGE for one that a message can't carry. */
const bounded = async (id: RequestId, result: unknown): Promise<string> => {
  const isLong = Array.isArray(result) && result.length > ROWS
  const text = success(id, isLong ? await written(result) : result)
  const bytes = Buffer.byteLength(text)
  if (bytes > REPLY_BYTES) throw new Fault('RESULT_TOO_LARGE', { bytes, most: REPLY_BYTES })
  return text
}

/** Rows that are written in one go: a millisecond or so. */
const ROWS = 250

/** Encodes many rows in turns, so that other calls go on meanwhile. */
const written = async (rows: readonly unknown[]): Promise<Encoded> => {
  const parts: string[] = []
  for (let at = 0; at < rows.length; at += ROWS) {
    parts.push(encode(rows.slice(at, at + ROWS)).slice(1, -1))
    await turn()
  }
  return new Encoded(`[${parts.join(',')}]`)
}
