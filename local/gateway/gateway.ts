/** API Gateway on one machine: one listener for https and wss, one for plain http and ws, and behind
 * both the WebSocket API and the HTTP API. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { REQUEST_ID } from '../../functions/events/http-api.ts'
import { finish, LAST_ANSWERS_MS } from '../finish.ts'
import type { Lambda } from '../lambda.ts'
import { closeServer, listen } from '../listen.ts'
import { createAccessLog } from './access-log.ts'
import { CONNECTIONS_PER_ADDRESS, createAddresses, RETRY_AFTER, TOO_MANY } from './addresses.ts'
import { createHttp } from './http.ts'
import { LIMITS, type Limits } from './peers.ts'
import type { HttpRoutes } from './routes.ts'
import { createSite } from './site.ts'
import { createSockets, offerOf, refuse } from './sockets.ts'
import { gatewayId, type Protocol } from './viewer.ts'

type GatewayOptions = {
  readonly host: string
  readonly port: number
  readonly httpPort: number
  readonly tls: { readonly cert: string; readonly key: string }
  readonly socket: Lambda
  readonly http: HttpRoutes
  /** Folder of the site, once it is there. Default: there is none. */
  readonly site?: Promise<string> | undefined
  readonly limits?: Limits
  /** Connections that one address may have open. Default: {@link CONNECTIONS_PER_ADDRESS}. */
  readonly connectionsPerAddress?: number
  /** Says each request and each socket in the log. Default: no. */
  readonly accessLog?: boolean
}

/** Where the two listeners are reached. `wss` and `ws` end with the path of the API. */
export type Urls = {
  readonly https: string
  readonly wss: string
  readonly http: string
  readonly ws: string
}

export const startGateway = async (options: GatewayOptions) => {
  const { host, tls, limits = LIMITS, connectionsPerAddress = CONNECTIONS_PER_ADDRESS } = options
  const access = createAccessLog(options.accessLog ?? false)
  const sockets = createSockets(options.socket, limits)
  const addresses = createAddresses(connectionsPerAddress)
  const answer = createHttp(options.http, createSite(options.site ?? null), ({ headers, url }) => {
    const name = (headers.host ?? host).replace(/:\d+$/, '')
    return `https://${name}:${port}${url}`
  })
  // Node.js answers 408 to what arrives too slowly, and closes the connection.
  const patience = {
    headersTimeout: limits.arriving,
    requestTimeout: limits.arriving,
    connectionsCheckingInterval: Math.min(1000, limits.arriving),
  }
  const secureOptions = {
    ...tls,
    minVersion: 'TLSv1.2',
    handshakeTimeout: limits.arriving,
  } as const
  const secure = serve(createTlsServer({ ...secureOptions, ...patience }), 'https')
  const plain = serve(createServer(patience), 'http')

  /** Requests that aren't answered to their end. */
  const open = new Set<Promise<unknown>>()
  let closing = false

  function serve(server: Server, protocol: Protocol): Server {
    /** Of each connection, when its last answer is given: what comes behind it waits. */
    const answered = new WeakMap<Duplex, Promise<unknown>>()
    server.on('connection', addresses.add)
    server.on('request', (request, response) => {
      const done = new Promise((close) => response.once('close', close))
      answered.set(request.socket, done)
      const id = gatewayId()
      response.setHeader(REQUEST_ID, id)
      const routed = access.request(request, response, id)
      if (closing) return stopping(response)
      open.add(done)
      void done.then(() => open.delete(done))
      if (addresses.isTooMany(request.socket)) return tooMany(response)
      answer(request, response, protocol, id, routed).catch(() => response.destroy())
    })
    server.on('upgrade', async (request, socket, head) => {
      const lost = (): unknown => socket.destroy()
      socket.on('error', lost)
      await answered.get(socket)
      socket.off('error', lost)
      const handshake = access.handshake(request)
      if (addresses.isTooMany(request.socket))
        return refuse(socket, handshake, 429, TOO_MANY, RETRY_AFTER)
      const query = offerOf(request)
      if (query === null) return ignoreUpgrade(server, request, socket, head, protocol)
      sockets
        .upgrade(request, socket, head, { protocol, query, handshake })
        .catch(() => socket.destroy())
    })
    return server
  }

  const port = await listen(secure, options.port, host, 'PORT')
  const httpPort = await listen(plain, options.httpPort, host, 'HTTP_PORT').catch(
    async (error: unknown) => {
      await closeServer(secure)
      throw error
    },
  )

  return {
    urls: urlsOf(host, port, httpPort),
    peers: sockets.peers,
    /** Takes no more, and lets what is under way be answered. */
    async close(): Promise<void> {
      closing = true
      secure.close()
      plain.close()
      await Promise.all([finish(Promise.all(open), LAST_ANSWERS_MS), sockets.close()])
      await Promise.all([closeServer(secure), closeServer(plain)])
    },
  }
}

// ---------------------------------------------------------------------------------------------

const tooMany = (response: ServerResponse): void => {
  response.shouldKeepAlive = false
  response.writeHead(429, { 'content-type': 'application/json', ...RETRY_AFTER })
  response.end(TOO_MANY)
}

/** To who still had a connection open. */
const stopping = (response: ServerResponse): void => {
  response.shouldKeepAlive = false
  response.writeHead(503, { 'content-type': 'application/json', ...RETRY_AFTER })
  response.end('{"message":"Service Unavailable"}')
}

/** An upgrade to anything else, such as Java's to HTTP/2, is an offer, and so is one to WebSocket where there is none,
 * as Caddy hands on with its question: the request is answered as if it weren't there (RFC 9110 §7.8).
 * It goes back to the server without it. */
const ignoreUpgrade = (
  server: Server,
  { method, url, headers, rawHeaders }: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  protocol: Protocol,
): void => {
  const lines = [`${method} ${url} HTTP/1.1`]
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (!/^(upgrade|connection|http2-settings)$/i.test(rawHeaders[at] ?? ''))
      lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`)
  // What else is said of the connection, `close` above all, still counts.
  const options = (headers.connection ?? '')
    .split(',')
    .map((option) => option.trim())
    .filter((option) => !/^(upgrade|http2-settings)?$/i.test(option))
  if (options.length > 0) lines.push(`Connection: ${options.join(', ')}`)
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]))
  server.emit(protocol === 'https' ? 'secureConnection' : 'connection', socket)
}

const urlsOf = (host: string, port: number, httpPort: number): Urls => {
  // All addresses of the machine: no client can connect to that, so it is told the nearest one.
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  const authority = name.includes(':') ? `[${name}]` : name
  return {
    https: `https://${authority}:${port}`,
    wss: `wss://${authority}:${port}/api/current`,
    http: `http://${authority}:${httpPort}`,
    ws: `ws://${authority}:${httpPort}/api/current`,
  }
}
