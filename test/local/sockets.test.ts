/** Route responses, frames at once, and API Gateway's limits. */
import { createConnection } from 'node:net'
import { describe, expect, it } from 'vitest'
import { client, type Event, gateway, hushed, until } from './kit.ts'

const KB = 1024

describe('a route response', () => {
  it('is the body that the function returns', async () => {
    const { urls } = await gateway({
      message: ({ body }: Event) => ({ statusCode: 200, body: `<${body}>` }),
    })
    const { ws, heard } = await client(urls.ws)
    ws.send('a')
    await until(() => heard.length === 1)
    expect(heard).toEqual(['<a>'])
  })

  it('is not sent when there is no body', async () => {
    const { urls } = await gateway({
      message: ({ body }: Event) => ({ statusCode: 200, ...(body === 'loud' && { body }) }),
    })
    const { ws, heard } = await client(urls.ws)
    for (const text of ['quiet', 'quiet', 'loud']) ws.send(text)
    await until(() => heard.length > 0)
    expect(heard).toEqual(['loud'])
  })

  it.each([
    ['throws', () => Promise.reject(new Error('broken'))],
    ['returns nothing', () => undefined],
    ['returns no status', () => ({ body: 'x' })],
    ['returns more than a message holds', () => ({ statusCode: 200, body: 'x'.repeat(129 * KB) })],
  ])('is an error when the function %s', async (_what, message) => {
    hushed()
    const { urls, of } = await gateway({ message })
    const { ws, heard } = await client(urls.ws)
    ws.send('a')
    await until(() => heard.length === 1)
    const { connectionId, requestId } = of('$default')[0].requestContext
    expect(JSON.parse(String(heard[0]))).toEqual({
      message: 'Internal server error',
      connectionId,
      requestId,
    })
  })

  it('is an error when the function takes too long', async () => {
    hushed()
    const { urls } = await gateway({
      seconds: 0.05,
      message: () => new Promise(() => {}),
    })
    const { ws, heard } = await client(urls.ws)
    ws.send('a')
    await until(() => heard.length === 1)
    expect(JSON.parse(String(heard[0])).message).toBe('Endpoint request timed out')
  })
})

describe('frames of one socket', () => {
  it('run at once and may finish in any order', async () => {
    const held: (() => void)[] = []
    const { urls, of } = await gateway({
      message: async ({ body }: Event) => {
        if (body === 'first') await new Promise<void>((go) => held.push(go))
        else for (const go of held) setTimeout(go)
        return { statusCode: 200, body }
      },
    })
    const { ws, heard } = await client(urls.ws)
    ws.send('first')
    await until(() => of('$default').length === 1)
    ws.send('second')
    await until(() => heard.length === 2)
    expect(heard).toEqual(['second', 'first'])
  })

  it('are all answered, however many there are', async () => {
    const { urls } = await gateway({
      message: async ({ body }: Event) => {
        await new Promise((go) => setImmediate(go))
        return { statusCode: 200, body }
      },
    })
    const { ws, heard } = await client(urls.ws)
    for (let n = 0; n < 1000; n++) ws.send(String(n))
    await until(() => heard.length === 1000)
    expect(new Set(heard).size).toBe(1000)
  })
})

describe('limits', () => {
  it('a frame of 32 KB passes, one byte more closes with 1009', async () => {
    const { urls, of } = await gateway()
    const { ws, closed } = await client(urls.ws)
    ws.send('x'.repeat(32 * KB))
    await until(() => of('$default').length === 1)
    ws.send('x'.repeat(32 * KB + 1))
    expect((await closed).code).toBe(1009)
    expect(of('$default')).toHaveLength(1)
    await until(() => of('$disconnect').length === 1)
    expect(of('$disconnect')[0].requestContext.disconnectStatusCode).toBe(1009)
  })

  it('a message of 128 KB in frames passes, one byte more closes with 1009', async () => {
    const { urls, of } = await gateway()
    const { ws, closed } = await client(urls.ws)
    const part = 'x'.repeat(32 * KB)
    for (const fin of [false, false, false, true]) ws.send(part, { fin })
    await until(() => of('$default').length === 1)
    expect(of('$default')[0].body).toHaveLength(128 * KB)
    for (const fin of [false, false, false, false]) ws.send(part, { fin })
    ws.send('x', { fin: true })
    expect((await closed).code).toBe(1009)
    expect(of('$default')).toHaveLength(1)
  })

  it('a silent socket is closed as going away, one that pings is not', async () => {
    const { urls } = await gateway({ limits: { idle: 1000 } })
    const silent = await client(urls.ws)
    const pinging = await client(urls.ws)
    const timer = setInterval(() => pinging.ws.ping(), 50)
    expect(await silent.closed).toEqual({ code: 1001, reason: 'Going away' })
    expect(pinging.ws.readyState).toBe(pinging.ws.OPEN)
    clearInterval(timer)
    expect((await pinging.closed).code).toBe(1001)
  })

  it('the busiest socket ends with its lifetime', async () => {
    const { urls } = await gateway({ limits: { lifetime: 150 } })
    const { ws, closed } = await client(urls.ws)
    const timer = setInterval(() => ws.ping(), 20)
    expect(await closed).toEqual({ code: 1001, reason: 'Going away' })
    clearInterval(timer)
  })

  it('a peer that does not answer the close is cut off', async () => {
    const { urls, of } = await gateway({ limits: { idle: 50, closing: 50 } })
    const { hostname, port } = new URL(urls.ws)
    const raw = createConnection(Number(port), hostname)
    raw.write(
      'GET /api/current HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    raw.resume()
    await new Promise((cut) => raw.once('close', cut))
    await until(() => of('$disconnect').length === 1)
  })

  it('there is no compression and no subprotocol', async () => {
    const { urls } = await gateway()
    const { ws } = await client(urls.ws, { perMessageDeflate: true })
    expect(ws.extensions).toBe('')
  })
})
