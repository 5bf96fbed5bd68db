/** Events of an HTTP API in, results out: what comes of them is what hono would say with Node.js's own requests. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { serve } from '../../functions/events/http-api.ts'
import { parseEnv } from '../../shared/env.ts'
import { answerAs } from '../../shared/http/answer.ts'
import type { App } from '../../shared/http/app.ts'
import type { Caller, Http } from '../../shared/http/context.ts'

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
    requestContext: { domainName: 'keys.example', http: { method, sourceIp: '192.0.2.1' } },
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
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    })
  })

  it('says who asks, and for what', async () => {
    const reply = await handler(event('GET', '/whole?x=1'))
    expect(reply.body).toBe('192.0.2.1 https://keys.example/whole?x=1')
  })
})
