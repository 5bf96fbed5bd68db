/** The events of the WebSocket API, key by key as API Gateway gives them. */
import { describe, expect, it } from 'vitest'
import { client, gateway, hushed, refusal, until } from './kit.ts'

const CONTEXT = [
  'routeKey',
  'eventType',
  'extendedRequestId',
  'requestTime',
  'messageDirection',
  'stage',
  'connectedAt',
  'requestTimeEpoch',
  'identity',
  'requestId',
  'domainName',
  'connectionId',
  'apiId',
]
const ID = /^[A-Za-z0-9_-]{15}=$/

describe('$connect', () => {
  it('carries headers, query and context, and no path', async () => {
    const { urls, of } = await gateway()
    await client(`${urls.ws}?a=1&a=2&b=%20x`, { headers: { 'User-Agent': 'me', 'X-Two': 'z' } })
    const [event] = of('$connect')
    expect(Object.keys(event).sort()).toEqual([
      'headers',
      'isBase64Encoded',
      'multiValueHeaders',
      'multiValueQueryStringParameters',
      'queryStringParameters',
      'requestContext',
    ])
    expect(Object.keys(event.requestContext).sort()).toEqual([...CONTEXT].sort())
    expect(event.requestContext).toMatchObject({
      routeKey: '$connect',
      eventType: 'CONNECT',
      messageDirection: 'IN',
      domainName: '127.0.0.1',
      identity: { sourceIp: '127.0.0.1', userAgent: 'me' },
    })
    expect(event.requestContext.connectionId).toMatch(ID)
    expect(event.requestContext.requestTime).toMatch(
      /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/,
    )
    expect(event.queryStringParameters).toEqual({ a: '2', b: ' x', version: 'current' })
    expect(event.multiValueQueryStringParameters.a).toEqual(['1', '2'])
    expect(event.headers['X-Two']).toBe('z')
    expect(event.multiValueHeaders['X-Two']).toEqual(['z'])
    expect(event.isBase64Encoded).toBe(false)
    expect(JSON.stringify(event)).not.toContain('/api/')
  })

  it('names the version that the path asks for, whatever the query says', async () => {
    const { urls, of } = await gateway()
    await client(`${urls.ws.replace('current', 'v25.10.0')}?version=v1.0.0`)
    expect(of('$connect')[0].multiValueQueryStringParameters).toEqual({ version: ['v25.10.0'] })
  })

  it('says how the viewer came, whatever the viewer says', async () => {
    const { urls, of } = await gateway()
    const forged = {
      'X-Forwarded-Proto': 'https',
      'x-forwarded-for': '8.8.8.8',
      'X-Forwarded-Host': 'evil',
      'CloudFront-Forwarded-Proto': 'https',
      Forwarded: 'proto=https',
    }
    await client(urls.ws, { headers: forged })
    await client(urls.wss, { headers: forged, rejectUnauthorized: false })
    const [plain, secure] = of('$connect')
    expect(plain.multiValueHeaders['X-Forwarded-Proto']).toEqual(['http'])
    expect(secure.multiValueHeaders['X-Forwarded-Proto']).toEqual(['https'])
    expect(secure.multiValueHeaders['X-Forwarded-For']).toEqual(['127.0.0.1'])
    expect(secure.headers['X-Forwarded-Port']).toBe(new URL(urls.wss).port)
    expect(JSON.stringify([plain, secure])).not.toMatch(/evil|8\.8\.8\.8|cloudfront|"forwarded"/i)
  })

  it('is not asked for paths that are no API, nor for what is no handshake', async () => {
    const { urls, events } = await gateway()
    for (const path of ['/', '/api', '/api/currently', '/api/v25.10', '/websocket']) {
      const ordinary = await fetch(urls.http + path, { redirect: 'manual' })
      const { status } = await refusal(urls.ws.replace('/api/current', path))
      expect([path, status]).toEqual([path, ordinary.status])
    }
    const answer = await fetch(`${urls.http}/any`, {}).then((got) => got.status)
    expect(answer).toBe(200)
    expect(events).toEqual([])
  })

  it('refuses with the status and body that it returns', async () => {
    const { urls, peers } = await gateway({
      connect: () => ({ statusCode: 403, body: 'not you' }),
    })
    expect(await refusal(urls.ws)).toEqual({ status: 403, body: 'not you' })
    expect(peers.all()).toEqual([])
  })

  it('refuses with 502 when it throws', async () => {
    const { urls } = await gateway({
      connect: () => Promise.reject(new Error('no')),
    })
    hushed()
    expect((await refusal(urls.ws)).status).toBe(502)
  })

  it('blocks the upgrade until it answers', async () => {
    let letIn: (result: unknown) => void = () => {}
    const answer = new Promise((done) => {
      letIn = done
    })
    const { urls, peers, of } = await gateway({ connect: () => answer })
    const opening = client(urls.ws)
    await until(() => of('$connect').length === 1)
    expect(peers.all()).toEqual([])
    letIn({ statusCode: 200 })
    await opening
    expect(peers.all()).toHaveLength(1)
  })
})

describe('$default', () => {
  it('carries the text and the context, and neither headers nor query', async () => {
    const { urls, of } = await gateway()
    const { ws } = await client(urls.ws)
    ws.send('{"é":1}')
    const [event] = await until(() => of('$default').length === 1 && of('$default'))
    expect(Object.keys(event).sort()).toEqual(['body', 'isBase64Encoded', 'requestContext'])
    expect(Object.keys(event.requestContext).sort()).toEqual([...CONTEXT, 'messageId'].sort())
    expect(event).toMatchObject({
      body: '{"é":1}',
      isBase64Encoded: false,
      requestContext: { routeKey: '$default', eventType: 'MESSAGE' },
    })
    const { connectionId, connectedAt, requestId } = of('$connect')[0].requestContext
    expect(event.requestContext).toMatchObject({ connectionId, connectedAt })
    expect(event.requestContext.requestId).not.toBe(requestId)
  })

  it('gets binary frames as base64', async () => {
    const { urls, of } = await gateway()
    const { ws } = await client(urls.ws)
    ws.send(Buffer.of(0, 255))
    const [event] = await until(() => of('$default').length === 1 && of('$default'))
    expect(event).toMatchObject({ body: 'AP8=', isBase64Encoded: true })
  })
})

describe('$disconnect', () => {
  it('tells the code and reason of the client', async () => {
    const { urls, of } = await gateway()
    const { ws } = await client(urls.ws)
    ws.close(4321, 'enough')
    const [event] = await until(() => of('$disconnect').length === 1 && of('$disconnect'))
    expect(event.requestContext).toMatchObject({
      routeKey: '$disconnect',
      eventType: 'DISCONNECT',
      disconnectStatusCode: 4321,
      disconnectReason: 'enough',
      connectionId: of('$connect')[0].requestContext.connectionId,
    })
  })

  it('comes when the client vanishes', async () => {
    const { urls, of } = await gateway()
    const { ws } = await client(urls.ws)
    ws.terminate()
    const [event] = await until(() => of('$disconnect').length === 1 && of('$disconnect'))
    expect(event.requestContext.disconnectStatusCode).toBe(1006)
  })

  it('comes for every socket when the gateway closes', async () => {
    const started = await gateway()
    const one = await client(started.urls.ws)
    await client(started.urls.ws)
    await started.close()
    expect(started.of('$disconnect')).toHaveLength(2)
    expect(await one.closed).toEqual({ code: 1001, reason: 'Going away' })
  })
})
