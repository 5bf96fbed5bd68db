/**
 * When a socket is closed before its time. API Gateway ends each after two hours, so all that came back at once after an
 * outage would do so again every two hours: sockets end earlier, each at another moment, and their clients come back one
 * by one.
 */
import { createHash } from 'node:crypto'
import type { Close } from '../sessions/push.ts'
import type { Connection } from '../store/connection-items.ts'

/** From when to when after its opening a socket's moment lies, in milliseconds. Before two hours are over it has had a
 * frame, since one without any for ten minutes is closed. */
const EARLIEST_MS = 80 * 60_000
const LATEST_MS = 115 * 60_000

/** What API Gateway itself closes by after two hours (docs/aws.md §1), so clients know it: the endpoint goes away
 * (RFC 6455 §7.4.1). */
export const RENEWAL: Close = { code: 1001, reason: 'Going away: connect again' }

/** Whether a socket's moment has come. It follows from the connection's id, which API Gateway draws at random: nothing is
 * kept for it, and all processes know the same. */
export const isOld = (
  { id, connectedAt }: Pick<Connection, 'id' | 'connectedAt'>,
  now: number,
): boolean => {
  const age = now - connectedAt
  if (age < EARLIEST_MS) return false
  const part = createHash('sha256').update(id).digest().readUInt32BE() / 2 ** 32
  return age >= EARLIEST_MS + part * (LATEST_MS - EARLIEST_MS)
}
