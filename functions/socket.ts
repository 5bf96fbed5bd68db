/** Lambda entry of the WebSocket API: `$connect`, `$default`, `$disconnect` (docs/aws.md §1). */
import { parseEnv } from '../shared/env.ts'
import { createSocket } from '../shared/live/socket.ts'
import { METHODS } from '../shared/methods/index.ts'
import { createDispatch } from '../shared/rpc/dispatch.ts'
import { createService } from '../shared/service.ts'
import { RETRY_SECONDS } from '../shared/store/admission.ts'
import { versionIn } from './events/handshake.ts'
import { metered } from './events/metered.ts'
import { named } from './events/named.ts'
import { createViewers } from './events/viewer.ts'

/** The part of API Gateway's event that is read. Frames carry neither path nor headers. */
export type SocketEvent = {
  readonly requestContext: {
    /** CONNECT, MESSAGE or DISCONNECT. Not the route key: a client's message may choose that. */
    readonly eventType: string
    readonly connectionId: string
    /** API Gateway's own, of a handshake, a frame or an end. */
    readonly requestId?: string
    /** When API Gateway got it, in milliseconds since the epoch. */
    readonly requestTimeEpoch?: number
    readonly identity: { readonly sourceIp: string }
  }
  readonly headers?: Readonly<Record<string, string | undefined>> | null
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null
  readonly multiValueQueryStringParameters?: Readonly<Record<string, string[] | undefined>> | null
  readonly body?: string | null
  readonly isBase64Encoded?: boolean
}
export type SocketReply = {
  readonly statusCode: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

const env = parseEnv(process.env)
const service = createService({ env })
const socket = createSocket(service, createDispatch(service, METHODS))
const viewerOf = createViewers(env)

const handle = async (event: SocketEvent): Promise<SocketReply> => {
  const { eventType, connectionId: connection, identity, requestTimeEpoch } = event.requestContext
  switch (eventType) {
    case 'CONNECT': {
      const headers = new Map(
        Object.entries(event.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
      )
      const viewer = viewerOf({
        header: (name) => headers.get(name),
        sourceIp: identity.sourceIp,
      })
      if (viewer === null) return { statusCode: 403 }
      const version = versionIn(event)
      if (version === null) return { statusCode: 400 }
      const statusCode = await socket.connect({ connection, version, ...viewer })
      // API Gateway hands the status on, and no header (docs/aws.md §1).
      const later = { 'Retry-After': String(RETRY_SECONDS) }
      return { statusCode, ...(statusCode === 503 && { headers: later }) }
    }
    case 'DISCONNECT':
      await socket.disconnect(connection)
      return { statusCode: 200 }
    default: {
      const frame = event.isBase64Encoded ? null : (event.body ?? '')
      const body = await socket.message(connection, frame, requestTimeEpoch)
      return { statusCode: 200, ...(body !== null && { body }) }
    }
  }
}

export const handler = metered(service, named(handle))
