/**
 * The WebSocket API: handshakes become `$connect`, frames `$default`, ends `$disconnect`, and what the
 * function returns for a frame goes back on the socket (API Gateway: route response). Frames of
 * one socket run at once, in no order. No compression, no subprotocol, no look at Origin.
 */
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import { REQUEST_ID } from '../../functions/events/http-api.ts'
import { finish, LAST_ANSWERS_MS } from '../finish.ts'
import type { Lambda, Outcome } from '../lambda.ts'
import type { Handshake } from './access-log.ts'
import { passEdge } from './edge.ts'
import { watchFrames } from './frames.ts'
import { createPeers, GOING_AWAY, LIMITS, type Limits, type Open } from './peers.ts'
import { proxyResult, replyTo } from './results.ts'
import { connectEvent, disconnectEvent, messageEvent, type Peer } from './socket-events.ts'
import { gatewayId, type Protocol, viewerOf } from './viewer.ts'

type Asked = {
  readonly protocol: Protocol
  /** As {@link offerOf} has it. */
  readonly query: URLSearchParams
  readonly handshake: Handshake
}

/** Frames of one socket that are worked on at once; beyond, it isn't read until one is answered. */
const IN_FLIGHT = 128

export const createSockets = (invoke: Lambda, limits: Limits = LIMITS) => {
  const peers = createPeers(limits)
  const running = new Set<Promise<unknown>>()
  let closing = false
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.message,
    handleProtocols: () => false,
  })

  /** Lets {@link close} wait for it. */
  const track = async <T>(work: Promise<T>): Promise<T> => {
    running.add(work)
    try {
      return await work
    } finally {
      running.delete(work)
    }
  }

  /** Answers an `upgrade`: by the socket, or by an HTTP status. */
  const upgrade = async (
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    { protocol, query, handshake }: Asked,
  ): Promise<void> => {
    const no = (status: number, body: string): void => refuse(socket, handshake, status, body)
    socket.on('error', () => socket.destroy())
    if (closing) return no(503, '{"message":"Service Unavailable"}')
    const { headers, ...viewer } = viewerOf(request, protocol)
    if (!isHandshake(request)) return no(400, '{"message":"Bad Request"}')
    const peer = { ...viewer, connectionId: gatewayId(), connectedAt: Date.now() }
    const refusal = refusalOf(await invoke(connectEvent(peer, headers, query, handshake.id)))
    if (refusal !== null) return no(refusal.status, refusal.body)
    let opened = false
    server.handleUpgrade(request, socket, head, (ws) => {
      opened = true
      const entry = peers.add(peer, ws)
      const closed = handshake.opened(peer.connectionId)
      // Ahead of the listener of `ws`, so that a frame that is too large is never a message.
      const watch = watchFrames(limits.frame, () =>
        entry.close({ code: 1009, reason: 'A frame carries 32 kB at the most' }),
      )
      socket.prependListener('data', watch)
      serve(ws, entry, closed)
    })
    // The viewer went away meanwhile, or `ws` found a fault with the handshake after all.
    if (opened) return
    handshake.refused(undefined)
    disconnected(peer, 1006, '')
  }

  const serve = (ws: WebSocket, entry: Open, closed: ReturnType<Handshake['opened']>): void => {
    let inFlight = 0
    const answer = async (data: Buffer, isBinary: boolean): Promise<void> => {
      const event = messageEvent(entry.peer, data, isBinary)
      const reply = replyTo(event.requestContext, await invoke(event), limits.message)
      if (reply !== '' && ws.readyState === WebSocket.OPEN) await entry.send(reply)
    }
    ws.on('message', async (data, isBinary) => {
      // What comes after we began to stop is nobody's: its sender hears of the close.
      if (closing || ws.readyState !== WebSocket.OPEN || !Buffer.isBuffer(data)) return
      entry.touch()
      if (++inFlight >= IN_FLIGHT) ws.pause()
      await track(answer(data, isBinary))
      if (--inFlight < IN_FLIGHT) ws.resume()
    })
    ws.on('ping', entry.touch)
    ws.on('pong', entry.touch)
    // What broke the protocol is closed by `ws` itself, with the code for it.
    ws.on('error', entry.hurry)
    ws.on('close', (code, reason) => closed(disconnected(entry.peer, code, String(reason)), code))
  }

  /** @returns the id of the request that tells of it. */
  const disconnected = (peer: Peer, code: number, reason: string): string => {
    const event = disconnectEvent(peer, code, reason)
    void track(invoke(event))
    return event.requestContext.requestId
  }

  return {
    peers,
    upgrade: (...asked: Parameters<typeof upgrade>) => track(upgrade(...asked)),
    /** Lets calls under way answer and takes no others, closes all sockets, and waits for their `$disconnect`s. */
    async close(): Promise<void> {
      closing = true
      await finish(Promise.all(running), LAST_ANSWERS_MS)
      const open = peers.all()
      for (const entry of open) entry.close(GOING_AWAY)
      await finish(Promise.all(open.map(({ closed }) => closed)))
      for (const entry of open) entry.cut()
      await Promise.all(open.map(({ closed }) => closed))
      await finish(Promise.all(running))
    },
  }
}

/** Whether an offer to upgrade is one to this API: to WebSocket, at a path that the edge knows as a socket's.
 * @returns the query of the handshake; null for what is an HTTP request like any other. */
export const offerOf = (request: IncomingMessage): URLSearchParams | null => {
  if (request.headers.upgrade?.toLowerCase() !== 'websocket') return null
  const edged = passEdge(request, request.socket.remoteAddress ?? '')
  return edged.kind === 'socket' ? edged.query : null
}

// ---------------------------------------------------------------------------------------------

/** Asked before `$connect`, so that no function hears of a socket that can't be. */
const isHandshake = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' &&
  headers.upgrade?.toLowerCase() === 'websocket' &&
  /^[+/0-9A-Za-z]{22}==$/.test(headers['sec-websocket-key'] ?? '') &&
  headers['sec-websocket-version'] === '13'

const refusalOf = (outcome: Outcome): { status: number; body: string } | null => {
  const broken = '{"message":"Internal server error"}'
  if (outcome.kind === 'timedOut') return { status: 504, body: broken }
  const result = outcome.kind === 'returned' ? proxyResult(outcome.value) : null
  if (result === null) return { status: 502, body: broken }
  const { statusCode, body } = result
  return statusCode >= 200 && statusCode < 300 ? null : { status: statusCode, body }
}

/** Answers a handshake by a status. */
export const refuse = (
  socket: Duplex,
  handshake: Handshake,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void => {
  handshake.refused(status)
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    `${REQUEST_ID}: ${handshake.id}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Type: ${body.startsWith('{') ? 'application/json' : 'text/plain; charset=utf-8'}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
