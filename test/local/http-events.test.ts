/** The HTTP API: payload 2.0 in, a response out. */
import { request } from 'node:http'
import { request as overHttps } from 'node:https'
import { describe, expect, it } from 'vitest'
import { type Event, gateway, hushed } from './kit.ts'

/** As API Gateway makes them. */
const ID = /^[\w-]{15}=$/

/** Posts, and returns the event that the function got. */
const sent = async (path: string, init: RequestInit = {}): Promise<Event> => {
  let event: Event
  const { urls } = await gateway({
    http: (given) => {
      event = given
      return { statusCode: 204 }
    },
  })
  await fetch(urls.http + path, init)
  return event
}

describe('the event', () => {
  it('has the shape of payload format 2.0', async () => {
    const event = await sent('/a%20b/c?x=1&x=2&y=%2F', {
      headers: { 'X-One': '1', cookie: 'a=1; b=2', 'user-agent': 'me' },
    })
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/a b/c',
      rawQueryString: 'x=1&x=2&y=%2F',
      cookies: ['a=1', 'b=2'],
      queryStringParameters: { x: '1,2', y: '/' },
      requestContext: {
        domainName: '127.0.0.1',
        domainPrefix: '127',
        http: { method: 'GET', path: '/a b/c', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1' },
        routeKey: '$default',
        stage: '$default',
      },
      isBase64Encoded: false,
    })
    expect(event.headers).toMatchObject({ 'x-one': '1', 'x-forwarded-proto': 'http' })
    expect(event.headers).not.toHaveProperty('cookie')
    expect(event).not.toHaveProperty('body')
  })

  it('joins headers that come twice', async () => {
    let event: Event
    const { urls } = await gateway({
      http: (given) => {
        event = given
        return { statusCode: 204 }
      },
    })
    const { hostname, port } = new URL(urls.http)
    await new Promise((done) =>
      request({ hostname, port, path: '/any', headers: { 'x-two': ['a', 'b'] } }, (got) =>
        got.resume().on('end', done),
      ).end(),
    )
    expect(event.headers['x-two']).toBe('a,b')
  })

  it.each([
    ['application/json', false],
    ['application/json; charset=utf-8', false],
    ['text/plain', false],
    ['application/x-www-form-urlencoded', true],
    ['application/octet-stream', true],
    ['application/jsonlines', true],
  ])('has a body of %s in base64: %s', async (type, encoded) => {
    const event = await sent('/any', {
      method: 'POST',
      headers: { 'content-type': type },
      body: 'token=é',
    })
    expect(event.isBase64Encoded).toBe(encoded)
    expect(Buffer.from(event.body, encoded ? 'base64' : 'utf8').toString()).toBe('token=é')
  })

  it('says how the viewer came, whatever the viewer says', async () => {
    const event = await sent('/any', {
      headers: {
        'x-forwarded-proto': 'https',
        'X-Forwarded-For': '8.8.8.8',
        'x-forwarded-host': 'evil',
      },
    })
    expect(event.headers).toMatchObject({
      'x-forwarded-proto': 'http',
      'x-forwarded-for': '127.0.0.1',
    })
    expect(event.headers).not.toHaveProperty('x-forwarded-host')
  })
})

it('an offer to upgrade to something else is not taken up', async () => {
  const { urls } = await gateway({
    http: (event) => ({ statusCode: 200, body: `${event.rawPath} ${event.body}` }),
  })
  for (const url of [urls.http, urls.https]) {
    const options = {
      method: 'POST',
      rejectUnauthorized: false,
      headers: {
        connection: 'Upgrade, HTTP2-Settings',
        upgrade: 'h2c',
        'http2-settings': 'AAMAAABkAAQAAP__',
        'content-type': 'text/plain',
      },
    }
    const send = url.startsWith('https') ? overHttps : request
    const text = await new Promise<string>((done, fail) => {
      const sent = send(`${url}/a`, options, (got) => {
        let all = ''
        got.on('data', (part) => {
          all += part
        })
        got.on('end', () => done(all))
      })
      sent.on('error', fail)
      sent.end('hello')
    })
    expect(text).toBe('/a hello')
  }
})

describe('the response', () => {
  const answer = async (value: unknown): Promise<Response> => {
    const { urls } = await gateway({ http: () => value })
    return fetch(`${urls.http}/any`)
  }

  it('has the status, headers, cookies and body of the result', async () => {
    const got = await answer({
      statusCode: 201,
      headers: { 'content-type': 'text/x', 'x-n': 1, 'content-length': '999' },
      cookies: ['a=1', 'b=2'],
      body: 'hé',
    })
    expect(got.status).toBe(201)
    expect(got.headers.get('content-type')).toBe('text/x')
    expect(got.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(await got.text()).toBe('hé')
  })

  it.each([
    ['hé', '3'],
    ['', '0'],
  ])('says how long %j is', async (body, length) => {
    const got = await answer({ statusCode: 200, body })
    expect(got.headers.get('content-length')).toBe(length)
    expect(got.headers.get('transfer-encoding')).toBeNull()
  })

  it('has no length where there can be no body', async () => {
    expect((await answer({ statusCode: 204 })).headers.get('content-length')).toBeNull()
  })

  it('decodes a body in base64', async () => {
    const got = await answer({ statusCode: 200, body: 'AP8=', isBase64Encoded: true })
    expect(Buffer.from(await got.arrayBuffer())).toEqual(Buffer.of(0, 255))
  })

  it('is a 200 with JSON for bare data', async () => {
    const got = await answer({ some: 'data' })
    expect(got.status).toBe(200)
    expect(got.headers.get('content-type')).toBe('application/json')
    expect(await got.json()).toEqual({ some: 'data' })
  })

  it.each([
    [{ statusCode: 'x' }],
    [{ statusCode: 200, body: 7 }],
    [{ statusCode: 200, headers: { 'bad header': 'x' } }],
  ])('is a 500 for a result that is none', async (value) => {
    hushed()
    const got = await answer(value)
    expect(got.status).toBe(500)
    expect(got.headers.get('x-request-id')).toMatch(ID)
    expect(await got.json()).toEqual({ message: 'Internal Server Error' })
  })

  it('is a 500 when the function throws', async () => {
    const lines = hushed()
    const { urls } = await gateway({ http: () => Promise.reject(new Error('broken')) })
    const got = await fetch(`${urls.http}/any`)
    expect(got.status).toBe(500)
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      {
        level: 'error',
        message: 'a function threw',
        function: 'http',
        request: got.headers.get('x-request-id'),
        error: { message: 'broken' },
      },
    ])
  })

  it('has the id of the event, whatever the client sends', async () => {
    let id = ''
    const { urls } = await gateway({
      http: ({ requestContext, headers }) => {
        id = requestContext.requestId
        expect(headers['x-request-id']).toBe('mine')
        return { statusCode: 204 }
      },
    })
    const got = await fetch(`${urls.http}/any`, { headers: { 'x-request-id': 'mine' } })
    expect(got.headers.get('x-request-id')).toBe(id)
    expect(id).toMatch(ID)
  })

  it('is a 413 for more than 10 MB', async () => {
    const { urls } = await gateway()
    const send = (length: number) =>
      fetch(`${urls.http}/any`, { method: 'POST', body: Buffer.alloc(length) }).then((got) => {
        expect(got.headers.get('x-request-id')).toMatch(ID)
        return got.status
      })
    expect(await send(10 * 1024 * 1024)).toBe(200)
    expect(await send(10 * 1024 * 1024 + 1)).toBe(413)
  })
})
