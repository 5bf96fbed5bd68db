/** The `@connections` API, by which functions push to sockets, look at them and close them. */
import type { Reply } from '../kms.ts'
import { LIMITS, type Peers } from './peers.ts'

/** AWS closes so. Ours is told better by a header that AWS doesn't know. */
const NORMAL = { code: 1000, reason: 'Connection Closed Normally' }

export type ConnectionReply = Reply & { readonly errorType?: string }

/**
 * Answers one request.
 * @param id of the connection, decoded.
 * @param close value of `CLOSE_HEADER` (`shared/sessions/push.ts`): a code, a blank, and the reason percent-encoded.
 */
export const answerConnection = (
  peers: Peers,
  request: { method: string; id: string; body: Buffer; close: string | undefined },
): ConnectionReply => {
  const open = peers.get(request.id)
  if (open === undefined) return failure(410, 'GoneException')
  switch (request.method) {
    case 'POST':
      if (request.body.length > LIMITS.message)
        return failure(413, 'PayloadTooLargeException', 'Message too long')
      if (open.isFull()) return failure(429, 'LimitExceededException', 'The client does not read')
      void open.send(request.body.toString())
      return { status: 200, body: {} }
    case 'GET': {
      const { connectedAt, sourceIp, userAgent } = open.peer
      const body = {
        connectedAt: new Date(connectedAt).toISOString(),
        identity: { sourceIp, userAgent },
        lastActiveAt: new Date(open.lastActiveAt).toISOString(),
      }
      return { status: 200, body }
    }
    case 'DELETE':
      open.close(closeOf(request.close))
      return { status: 204, body: {} }
    default:
      return failure(403, 'ForbiddenException')
  }
}

// ---------------------------------------------------------------------------------------------

const failure = (status: number, errorType: string, message?: string): ConnectionReply => ({
  status,
  errorType,
  body: message === undefined ? {} : { message },
})

const closeOf = (header: string | undefined): typeof NORMAL => {
  const [, code, reason = ''] = /^(\d{4}) ?(\S*)$/.exec(header ?? '') ?? []
  if (code === undefined) return NORMAL
  try {
    return { code: Number(code), reason: decodeURIComponent(reason) }
  } catch {
    return NORMAL
  }
}
