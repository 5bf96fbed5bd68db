/** What the gateway puts up with from one client: how slowly it may speak, how often it may be there. */
import { connect as openPlain, type Socket } from 'node:net'
import { connect as openTls } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createAddresses } from '../../local/gateway/addresses.ts'
import { client, gateway, hushed, refusal, until } from './kit.ts'

/** A connection as it is on the wire, with what came. */
const open = async (url: string) => {
  const { protocol, hostname: host, port } = new URL(url)
  const isSecure = protocol === 'https:' || protocol === 'wss:'
  const socket: Socket = isSecure
    ? openTls({ host, port: Number(port), rejectUnauthorized: false })
    : openPlain({ host, port: Number(port) })
  onTestFinished(() => void socket.destroy())
  let heard = ''
  socket.setEncoding('utf8').on('data', (text) => {
    heard += text
  })
  socket.on('error', () => {})
  const closed = new Promise<void>((done) => socket.once('close', () => done()))
  await new Promise((done) => socket.once(isSecure ? 'secureConnect' : 'connect', done))
  return { socket, heard: () => heard, closed }
}

const HEAD = 'POST /v1/any HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\n'

describe.each(['http', 'https'] as const)('over %s', (protocol) => {
  it('a body that does not come is answered 408', async () => {
    const asked: unknown[] = []
    const http = (event: unknown) => {
      asked.push(event)
      return { statusCode: 200, body: 'ok' }
    }
    const { urls } = await gateway({ http, limits: { arriving: 150 } })
    const slow = await open(urls[protocol])
    slow.socket.write(`${HEAD}a`)
    await slow.closed
    expect(slow.heard()).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\nConnection: close\r\n/)
    expect(asked).toEqual([])
    // Nor do headers, for ever.
    const silent = await open(urls[protocol])
    silent.socket.write('GET / HTTP/1.1\r\n')
    await silent.closed
    expect(silent.heard()).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('a body that comes piece by piece in time is taken', async () => {
    const { urls } = await gateway({ http: () => ({ statusCode: 200, body: 'ok' }) })
    const { socket, heard } = await open(urls[protocol])
    socket.write(HEAD)
    for (const piece of 'abc') await new Promise<void>((done) => socket.write(piece, () => done()))
    await until(() => heard().includes('\r\n\r\nok'))
    expect(heard()).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('a function may take its time, when the request is there', async () => {
    let answer: (value: unknown) => void = () => {}
    const http = () =>
      new Promise((done) => {
        answer = done
      })
    const { urls } = await gateway({ http, limits: { arriving: 1000 } })
    const { socket, heard } = await open(urls[protocol])
    socket.write(`${HEAD}abc`)
    const other = await open(urls[protocol])
    other.socket.write(`${HEAD}a`)
    await other.closed
    answer({ statusCode: 200, body: 'late' })
    await until(() => heard().includes('late'))
  })

  it('a connection too many of one address is told to come later', async () => {
    const lines = hushed()
    const { urls } = await gateway({
      http: () => ({ statusCode: 200, body: 'ok' }),
      connectionsPerAddress: 2,
    })
    const first = await open(urls[protocol])
    // Sockets and both listeners count alike.
    const second = await client(protocol === 'http' ? urls.wss : urls.ws, {
      rejectUnauthorized: false,
    })
    const third = await open(urls[protocol])
    third.socket.write(`${HEAD}abc`)
    await third.closed
    expect(third.heard()).toMatch(/^HTTP\/1\.1 429 Too Many Requests\r\n.*retry-after: 10\r\n/is)
    expect(third.heard()).toContain('{"message":"Too many connections from this address"}')
    expect(await refusal(urls.ws)).toEqual({
      status: 429,
      body: '{"message":"Too many connections from this address"}',
    })
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ address: '127.0.0.1', most: 2 }])
    // Those that were there go on, and one that goes makes room.
    first.socket.write(`${HEAD}abc`)
    await until(() => first.heard().includes('\r\n\r\nok'))
    second.ws.close()
    await second.closed
    await until(async () => {
      const again = await open(urls[protocol])
      again.socket.write(`${HEAD}abc`)
      await until(() => again.heard().includes('}') || again.heard().includes('ok'))
      again.socket.destroy()
      return again.heard().startsWith('HTTP/1.1 200')
    })
  })
})

describe('connections', () => {
  const connection = (remoteAddress: string, remotePort: number) => {
    const closers: (() => void)[] = []
    let cut = false
    const socket = {
      remoteAddress,
      remotePort,
      once: (_: string, closer: () => void) => closers.push(closer),
      destroy: () => {
        cut = true
      },
    } as unknown as Socket
    return {
      socket,
      close: () => {
        for (const closer of closers) closer()
      },
      isCut: () => cut,
    }
  }

  it('are counted by address, which for IPv6 is a network', () => {
    hushed()
    const { add, isTooMany } = createAddresses(1)
    const tooMany = (address: string, port: number): boolean => {
      const { socket } = connection(address, port)
      add(socket)
      return isTooMany(socket)
    }
    expect(tooMany('192.0.2.1', 1)).toBe(false)
    expect(tooMany('::ffff:192.0.2.1', 2)).toBe(true)
    expect(tooMany('192.0.2.2', 3)).toBe(false)
    expect(tooMany('2001:db8::1', 4)).toBe(false)
    expect(tooMany('2001:db8::ffff:2', 5)).toBe(true)
    expect(tooMany('2001:db8:0:1::1', 6)).toBe(false)
  })

  it('beyond those that are told are cut, and it is said once a minute', () => {
    const lines = hushed()
    let now = 0
    const { add } = createAddresses(10, () => now)
    const all = Array.from({ length: 80 }, (_, port) => connection('192.0.2.1', port))
    for (const { socket } of all) add(socket)
    expect(all.filter(({ isCut }) => isCut())).toHaveLength(6)
    expect(lines).toHaveLength(1)
    for (const { close } of all) close()
    const { socket, isCut } = connection('192.0.2.1', 1)
    add(socket)
    expect(isCut()).toBe(false)
    now = 60_000
    for (const one of Array.from({ length: 11 }, (_, port) => connection('192.0.2.1', port)))
      add(one.socket)
    expect(lines).toHaveLength(2)
  })

  it('that come back without the upgrade that they offered are the same', () => {
    const { add, isTooMany } = createAddresses(1)
    const { socket } = connection('192.0.2.1', 1)
    add(socket)
    add(socket)
    expect(isTooMany(socket)).toBe(false)
  })
})
