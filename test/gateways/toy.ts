/** What stands on both sides of a gateway: a service that tells what it was sent, and in Keyharbor's
 * place a server that answers as it is told. On loopback, gone when the test is over. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createHttpsServer, request as overHttps } from 'node:https'
import { connect, createServer as createWire, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { WebSocketServer } from 'ws'
import { openCertificate } from '../../local/certificate.ts'
import { closeServer, listen } from '../../local/listen.ts'
import { folder } from '../local/kit.ts'

/** What reached the service. */
export type Seen = {
  readonly username: string | undefined
  readonly roles: string | undefined
  readonly method: string
  readonly url: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** @returns its port, and how many requests came through. `/broken` answers 500. Who opens a WebSocket hears first what it
 * was asked for with, then each of its frames. */
export const startService = async () => {
  const counted = { requests: 0 }
  const server = createServer(async (request, response) => {
    counted.requests++
    let body = ''
    for await (const part of request) body += part
    response.writeHead(request.url === '/broken' ? 500 : 200)
    response.end(JSON.stringify(seenIn(request, body)))
  })
  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    counted.requests++
    if (request.headers.upgrade !== 'websocket')
      return socket.end('HTTP/1.1 418 Another protocol was offered\r\nContent-Length: 0\r\n\r\n')
    sockets.handleUpgrade(request, socket, head, (ws) => {
      ws.send(JSON.stringify(seenIn(request, '')))
      ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }))
    })
  })
  return { port: await open(server), counted }
}

const seenIn = ({ method = '', url = '', headers }: IncomingMessage, body: string) => {
  const { 'keyharbor-username': username, 'keyharbor-scope': roles } = headers
  return { username, roles, method, url, body, headers }
}

/** In Keyharbor's place, with a certificate of the caller's choice: has one answer for all, or none. */
export const startStandIn = (
  tls: { cert: string; key: string },
  status: number | null,
  headers: Record<string, string> = {},
): Promise<number> =>
  open(
    createHttpsServer(tls, (request, response) => {
      request.resume()
      if (status !== null) response.writeHead(status, headers).end()
    }),
  )

/** A wire to a port, that counts the connections made over it. */
export const startWire = async (port: number) => {
  const counted = { connections: 0 }
  const ends: Socket[] = []
  const wire = createWire((near) => {
    counted.connections++
    const far = connect(port, '127.0.0.1')
    ends.push(near, far)
    near.on('error', () => {}).pipe(far)
    far.on('error', () => {}).pipe(near)
  })
  await once(wire.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    for (const end of ends) end.destroy()
    wire.close()
  })
  const address = wire.address()
  return { port: typeof address === 'object' && address !== null ? address.port : 0, counted }
}

/** Plain http to an https server that is told apart by its certificate: in this process `fetch` trusts
 * what the machine trusts, and can't be told otherwise. */
export const startPassage = (port: number, ca: string): Promise<number> =>
  open(
    createServer((request, response) => {
      const { url: path, method, headers } = request
      const onward = overHttps({ host: '127.0.0.1', port, path, method, headers, ca }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(response)
      })
      onward.once('error', () => response.destroy())
      request.pipe(onward)
    }),
  )

export const canConnect = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => done(true)).once('error', () => done(false))
    socket.once('connect', () => socket.destroy())
  })

/** Listens until the test is over. @returns the port. */
export const open = async (server: Server): Promise<number> => {
  const port = await listen(server, 0, '127.0.0.1')
  onTestFinished(() => {
    server.closeAllConnections()
    return closeServer(server)
  })
  return port
}

/** A certificate in the names of this machine, that nobody was told to trust. */
export const tlsOfAnother = async () => {
  const { cert, key } = await openCertificate(await folder(), '127.0.0.1')
  return { cert, key }
}
