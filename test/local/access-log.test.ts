/** The access log of one machine: a line for each request and each socket, and of what the client sends nothing but its address and method. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import WebSocket from 'ws'
import { client, gateway, hushed } from './kit.ts'

const ID = /^[\w-]{15}=$/
const SECRET = 'sEcReT'

/** A gateway that tells, and its lines so far, of those messages. */
const telling = async (functions: Parameters<typeof gateway>[0] = {}) => {
  const printed = hushed()
  const started = await gateway({ accessLog: true, ...functions })
  const lines = () => printed.map((line) => JSON.parse(line))
  const until = async (count: number) => {
    await expect.poll(() => printed.length).toBe(count)
    return lines()
  }
  return { ...started, printed, until }
}

/** A refused handshake: its status, and its id. */
const refused = (url: string) =>
  new Promise<{ status: unknown; id: unknown }>((done) => {
    const ws = new WebSocket(url)
    ws.on('error', () => {})
    ws.on('unexpected-response', (_request, { statusCode: status, headers }) => {
      done({ status, id: headers['x-request-id'] })
      ws.terminate()
    })
  })

it('tells each request as it was answered, with the id of the answer', async () => {
  const { urls, until } = await telling({
    http: () => ({ statusCode: 418, body: 'x'.repeat(5000) }),
  })
  const got = await fetch(`${urls.http}/v1/x`, { method: 'POST', body: 'y' })
  await got.text()
  const small = await fetch(`${urls.http}/v1/x`)
  await small.text()
  const [first, second] = await until(2)
  expect(first).toEqual({
    at: expect.any(String),
    level: 'info',
    message: 'request answered',
    request: got.headers.get('x-request-id'),
    address: '127.0.0.1',
    method: 'POST',
    route: '$default',
    status: 418,
    milliseconds: expect.any(Number),
    bytes: expect.any(Number),
  })
  // The second on a connection that is kept has no bytes of the first.
  for (const { bytes } of [first, second]) {
    expect(bytes).toBeGreaterThan(5000)
    expect(bytes).toBeLessThan(6000)
  }
})

it('tells nothing that a client chose: path, query, headers, body', async () => {
  const { urls, printed, until } = await telling({ http: () => ({ statusCode: 404 }) })
  await fetch(`${urls.http}/_download/${SECRET}?token=${SECRET}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${SECRET}`, 'x-request-id': SECRET, 'user-agent': SECRET },
    body: SECRET,
  })
  const { ws } = await client(`${urls.ws}?token=${SECRET}`, { headers: { cookie: SECRET } })
  ws.send(SECRET)
  ws.close(1000, SECRET)
  await until(3)
  expect(printed.join('')).not.toContain(SECRET)
})

it('tells of a request that was broken off, without a status', async () => {
  let asked = (): void => {}
  const isAsked = new Promise<void>((done) => {
    asked = done
  })
  let answer = (): void => {}
  const answered = new Promise<void>((done) => {
    answer = done
  })
  const { urls, until } = await telling({
    http: async () => {
      asked()
      await answered
      return { statusCode: 200 }
    },
  })
  onTestFinished(answer)
  const socket = connect(Number(new URL(urls.http).port), '127.0.0.1')
  await once(socket, 'connect')
  socket.write('GET /x HTTP/1.1\r\nHost: x\r\n\r\n')
  await isAsked
  socket.destroy()
  const [line] = await until(1)
  expect(line).toMatchObject({ message: 'request broken off', route: '$default', bytes: 0 })
  expect(line).not.toHaveProperty('status')
})

it('tells of a socket when it is opened and when it is closed', async () => {
  const { urls, until, of } = await telling()
  const { ws } = await client(urls.ws)
  const [opened] = await until(1)
  const [began] = of('$connect')
  const { connectionId: connection } = began.requestContext
  expect(opened).toMatchObject({
    message: 'socket opened',
    request: began.requestContext.requestId,
    address: '127.0.0.1',
    route: '$connect',
    status: 101,
    connection,
  })
  ws.close(4000)
  const [, closed] = await until(2)
  expect(closed).toMatchObject({
    message: 'socket closed',
    request: of('$disconnect')[0].requestContext.requestId,
    route: '$disconnect',
    code: 4000,
    connection,
  })
})

it.each([401, 403, 429, 503])('names a handshake that the function refuses: %d', async (status) => {
  const { urls, until, of } = await telling({ connect: () => ({ statusCode: status }) })
  const got = await refused(urls.ws)
  expect(got.status).toBe(status)
  expect(got.id).toBe(of('$connect')[0].requestContext.requestId)
  expect(await until(1)).toMatchObject([{ message: 'socket refused', request: got.id, status }])
})

it('names one that the gateway itself refuses', async () => {
  const { urls, printed, until } = await telling({ connectionsPerAddress: 1 })
  await client(urls.ws)
  const got = await refused(urls.ws)
  expect(got).toEqual({ status: 429, id: expect.stringMatching(ID) })
  await expect.poll(() => printed.join('')).toContain('socket refused')
  const lines = await until(printed.length)
  expect(lines.at(-1)).toMatchObject({ message: 'socket refused', request: got.id, status: 429 })
})

it('is off unless it is asked for, and names are there all the same', async () => {
  const { urls, printed } = await telling({
    accessLog: false,
    connect: () => ({ statusCode: 403 }),
  })
  expect((await fetch(`${urls.http}/x`)).headers.get('x-request-id')).toMatch(ID)
  expect((await refused(urls.ws)).id).toMatch(ID)
  expect(printed).toEqual([])
})
