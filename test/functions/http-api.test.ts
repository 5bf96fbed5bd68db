/** Events of an HTTP API in, results out: what comes of them is what hono would say with Node.js's own requests. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { serve } from '../../functions/events/http-api.ts'
import { named } from '../../functions/events/named.ts'
import { parseEnv } from '../../shared/env.ts'
import { answerAs } from '../../shared/http/answer.ts'
import { type App, createCheckApp } from '../../shared/http/app.ts'
import type { Caller, Http } from '../../shared/http/context.ts'
import { createLog } from '../../shared/log.ts'
import { hushed } from '../local/kit.ts'

const app = (): App =>
  new Hono<Http>()
    .use(async (c, next) => {
      c.header('Cache-Control', 'no-store')
      await next()
      c.header('X-After', 'yes')
    })
    .post('/echo', async (c) =>
      c.json({ text: await c.req.text(), q: c.req.query('q'), type: c.req.header('Content-Type') }),
    )
    .post('/json', async (c) => c.json(await c.req.json(), 201))
    .get('/light', (c) => c.env.respond?.('grüß', { 'content-type': 'text/plain' }) ?? c.body(null))
    .get('/none', (c) => c.body(null, 204))
    .get('/whole', (c) => c.text(`${c.env.address} ${c.req.url}`)) as unknown as App

const VIEWER: Caller = { address: '192.0.2.1', secure: true }
const handler = serve(parseEnv({}), app())

const event = (method: string, path: string, more: Partial<APIGatewayProxyEventV2> = {}) =>
  ({
    version: '2.0',
    rawPath: path.split('?')[0],
    rawQueryString: path.split('?')[1] ?? '',
    headers: { host: 'keys.example', 'content-type': 'text/plain' },
    requestContext: {
      domainName: 'keys.example',
      requestId: 'the-gateways-own=',
      http: { method, sourceIp: '192.0.2.1' },
    },
    isBase64Encoded: false,
    ...more,
  }) as APIGatewayProxyEventV2

describe('an event of the HTTP API', () => {
  it('reaches the app with its text, query and headers', async () => {
    const reply = await handler(event('POST', '/echo?q=a%20b', { body: 'grüß' }))
    expect(reply).toEqual({
      statusCode: 200,
      headers: {
        'cache-control': 'no-store',
        'content-type': 'application/json',
        'x-after': 'yes',
        'x-request-id': 'the-gateways-own=',
      },
      body: '{"text":"grüß","q":"a b","type":"text/plain"}',
    })
  })

  it('may have its body in base64', async () => {
    const body = Buffer.from('grüß').toString('base64')
    const reply = await handler(event('POST', '/echo', { body, isBase64Encoded: true }))
    expect(JSON.parse(reply.body ?? '').text).toBe('grüß')
  })

  it('may have no body, and its answer none', async () => {
    expect((await handler(event('POST', '/echo'))).body).toContain('"text":""')
    expect(await handler(event('GET', '/none'))).toMatchObject({ statusCode: 204, body: '' })
    expect(await handler(event('HEAD', '/whole'))).toMatchObject({ statusCode: 200, body: '' })
    expect(await handler(event('GET', '/nowhere'))).toMatchObject({ statusCode: 404 })
  })

  it('may be JSON', async () => {
    const reply = await handler(event('POST', '/json', { body: '{"a":[1]}' }))
    expect(reply).toMatchObject({ statusCode: 201, body: '{"a":[1]}' })
  })

  it('has a path that came decoded: no query begins in it', async () => {
    const rawPath = '/whole?x=1#y'
    expect(await handler(event('GET', '/', { rawPath }))).toMatchObject({ statusCode: 404 })
    expect(await handler(event('GET', '/', { rawPath: '/whole%' }))).toMatchObject({
      statusCode: 404,
    })
  })

  it('may have an answer that is no Response', async () => {
    const reply = await handler(event('GET', '/light'))
    expect(reply).toMatchObject({ statusCode: 200, body: 'grüß' })
    expect(reply.headers).toMatchObject({ 'content-type': 'text/plain', 'x-after': 'yes' })
  })

  it('has the answer of a check that a Response would be', async () => {
    const checks = new Hono<Http>()
      .use((c, next) => {
        c.header('Cache-Control', 'no-store')
        return next()
      })
      .get('/', (c) => answerAs(c, {} as never, { active: false }, '1')) as unknown as App
    const response = await checks.request('/', {}, VIEWER)
    expect(await serve(parseEnv({}), checks)(event('GET', '/'))).toEqual({
      statusCode: response.status,
      headers: { ...Object.fromEntries(response.headers), 'x-request-id': 'the-gateways-own=' },
      body: await response.text(),
    })
  })

  it('has its id in the answer, whatever that is, and not the one that the client sent', async () => {
    const headers = { host: 'keys.example', 'x-request-id': 'the clients' }
    const id = { 'x-request-id': 'the-gateways-own=' }
    for (const [method, path] of [
      ['GET', '/light'],
      ['GET', '/nowhere'],
      ['POST', '/echo'],
    ] as const) {
      const reply = await handler(event(method, path, { headers }))
      expect(reply.headers, path).toMatchObject(id)
    }
    const behindEdge = serve(parseEnv({ KEYHARBOR_EDGE_SECRET: 'e'.repeat(32) }), app())
    expect(await behindEdge(event('GET', '/light', { headers }))).toMatchObject({
      statusCode: 403,
      headers: id,
    })
  })

  it('has its id in the answer to a defect, and in the line that says what it was', async () => {
    const lines = hushed()
    const log = createLog(() => 0)
    const broken = async (): Promise<never> => {
      throw new Error('a defect')
    }
    const checks = createCheckApp({ log, signing: { jwks: broken } } as never)
    for (const serving of [serve(parseEnv({}), checks), named(serve(parseEnv({}), checks))]) {
      const headers = { host: 'keys.example', 'x-request-id': 'the clients' }
      const reply = await serving(event('GET', '/oauth2/jwks', { headers }))
      expect(reply.statusCode).toBe(500)
      expect(JSON.parse(reply.body ?? '').error_description).toBe(
        'Internal error, reference the-gateways-own=',
      )
    }
    const large = { host: 'keys.example', 'content-length': '200000' }
    expect(
      await serve(parseEnv({}), checks)(event('POST', '/oauth2/token', { headers: large })),
    ).toMatchObject({
      statusCode: 413,
      headers: { 'x-request-id': 'the-gateways-own=' },
    })
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { message: 'request failed', request: 'the-gateways-own=' },
      { message: 'request failed', request: 'the-gateways-own=' },
    ])
  })

  it('is known by its id in all lines for it, where its function says so', async () => {
    const lines = hushed()
    const log = createLog(() => 0)
    const saying = new Hono<Http>().get('/', async (c) => {
      await null
      log.info('deep in the work')
      return c.body(null, 204)
    }) as unknown as App
    await named(serve(parseEnv({}), saying))(event('GET', '/'))
    await serve(parseEnv({}), saying)(event('GET', '/'))
    const [in_, out] = lines.map((line) => JSON.parse(line).request)
    expect([in_, out]).toEqual(['the-gateways-own=', undefined])
  })

  it('says who asks, and for what', async () => {
    const reply = await handler(event('GET', '/whole?x=1'))
    expect(reply.body).toBe('192.0.2.1 https://keys.example/whole?x=1')
  })
})
