/** Offers to upgrade (RFC 9110 §7.8), on wires of the test's own: at a socket's path one to WebSocket is taken up, and
 * everything else is a request like any other, on a connection that goes on. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Event, gateway } from './kit.ts'

/** As Caddy hands them on with its question. */
const WEBSOCKET = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
]
const OFFERS = {
  WebSocket: WEBSOCKET,
  'WebSocket, in other letters, beside keep-alive': [
    'Connection: keep-alive, upgrade',
    'Upgrade: WebSocket',
  ],
  'HTTP/2': [
    'Connection: Upgrade, HTTP2-Settings',
    'Upgrade: h2c',
    'HTTP2-Settings: AAMAAABkAAQAAP__',
  ],
  'several protocols': ['Connection: upgrade', 'Upgrade: h2c, websocket'],
}

const request = (line: string, headers: readonly string[], body = '') =>
  `${line} HTTP/1.1\r\nHost: keys.example\r\n${headers.map((one) => `${one}\r\n`).join('')}${
    body && `Content-Length: ${Buffer.byteLength(body)}\r\n`
  }\r\n${body}`

/** A connection, and the answers that come on it, one after the other. */
const wire = async (url: string) => {
  const { hostname, port, protocol } = new URL(url)
  const isTls = protocol === 'https:'
  const socket: Socket = isTls
    ? connectTls({ host: hostname, port: Number(port), rejectUnauthorized: false })
    : connect(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  let text = ''
  socket.on('data', (part) => {
    text += part
  })
  const ended = once(socket, 'close')
  await once(socket, isTls ? 'secureConnect' : 'connect')
  return {
    send: (...parts: string[]) => socket.write(parts.join('')),
    ended,
    async answer(): Promise<{ status: number; body: string }> {
      for (;;) {
        const [head = '', rest] = text.split(/\r\n\r\n(.*)/s)
        const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
        if (rest !== undefined && rest.length >= length) {
          text = rest.slice(length)
          const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1])
          return { status, body: rest.slice(0, length) }
        }
        await once(socket, 'data')
      }
    },
  }
}

const start = async () => {
  const asked: Event[] = []
  const started = await gateway({
    http: (event) => {
      asked.push(event)
      const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8')
      return { statusCode: 200, body: `${event.requestContext.http.method} ${body}` }
    },
  })
  return { ...started, asked }
}

describe.each(['http', 'https'] as const)('over %s', (scheme) => {
  it.each(Object.entries(OFFERS))('an offer of %s is no more than an offer', async (_, offer) => {
    const { urls, asked, events } = await start()
    const { send, answer } = await wire(urls[scheme])
    send(request('GET /v1/forward-auth?transport=https', [...offer, 'Authorization: Bearer x']))
    expect(await answer()).toEqual({ status: 200, body: 'GET ' })
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatchObject({
      rawPath: '/v1/forward-auth',
      rawQueryString: 'transport=https',
      headers: { authorization: 'Bearer x' },
    })
    expect(Object.keys(asked[0].headers)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(upgrade|connection|http2-settings)$/)]),
    )
    expect(events).toEqual([])
  })

  it('the connection goes on, however often one is made, and warns of nothing', async () => {
    const warnings: Error[] = []
    const warn = (warning: Error): void => void warnings.push(warning)
    process.on('warning', warn)
    onTestFinished(() => void process.off('warning', warn))
    const { urls } = await start()
    const { send, answer } = await wire(urls[scheme])
    for (let time = 0; time < 30; time++) {
      send(request('PROPFIND /v1/forward-auth', time % 3 === 2 ? [] : WEBSOCKET, `body ${time}`))
      expect(await answer()).toEqual({ status: 200, body: `PROPFIND body ${time}` })
    }
    // All at once, and their bodies in pieces.
    const chunked = request('POST /v1/forward-auth', [...WEBSOCKET, 'Transfer-Encoding: chunked'])
    send(
      chunked,
      '3\r\nabc\r\n',
      '2\r\nde\r\n0\r\n\r\n',
      request('GET /a', WEBSOCKET),
      request('GET /b', []),
    )
    expect([await answer(), await answer(), await answer()]).toEqual([
      { status: 200, body: 'POST abcde' },
      { status: 200, body: 'GET ' },
      { status: 200, body: 'GET ' },
    ])
    await new Promise((done) => setImmediate(done))
    expect(warnings).toEqual([])
  })

  it('the same connection may become a socket after that', async () => {
    const { urls, of } = await start()
    const { send, answer } = await wire(urls[scheme])
    send(request('GET /v1/forward-auth', WEBSOCKET))
    expect((await answer()).status).toBe(200)
    send(request('GET /api/current', WEBSOCKET))
    expect((await answer()).status).toBe(101)
    expect(of('$connect')).toHaveLength(1)
  })

  it('the connection ends where that is said beside it', async () => {
    const { urls } = await start()
    const { send, answer, ended } = await wire(urls[scheme])
    send(request('GET /v1/forward-auth', ['Connection: close, Upgrade', 'Upgrade: websocket']))
    expect((await answer()).status).toBe(200)
    await ended
  })

  it('at a socket’s path what is no handshake is refused as such', async () => {
    const { urls, events } = await start()
    const refused = async (line: string, headers: string[]) => {
      const { send, answer } = await wire(urls[scheme])
      send(request(line, headers))
      return (await answer()).status
    }
    expect(await refused('POST /api/current', WEBSOCKET)).toBe(400)
    expect(await refused('GET /api/current', WEBSOCKET.slice(0, 3))).toBe(426)
    expect(await refused('GET /api/v99', WEBSOCKET)).toBe(404)
    expect(events).toEqual([])
  })
})
