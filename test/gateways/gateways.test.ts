/** The gateways of `examples/`: real programs before a toy service, asking the running Keyharbor. */
import type { IncomingMessage } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { http } from '../../local/client.ts'
import { client, refusal, until } from '../local/kit.ts'
import { caddy } from './caddy.ts'
import { type Ask, type Guard, keepsOut, type Setup, seen } from './contract.ts'
import { envoy } from './envoy.ts'
import type { Gateway } from './gateway.ts'
import { type Keyharbor, startKeyharbor } from './keyharbor.ts'
import { nginx } from './nginx.ts'
import { open, type Seen, startService, startStandIn, startWire } from './toy.ts'

/** Of `/admin/x`, or of `/admin`: to some service at least. */
const SPELLINGS = [
  '/admin',
  '/ADMIN/x?y',
  '//admin/x',
  '/%61dmin/x',
  '/a/..%2fadmin/x',
  '/a%2F..%2Fadmin%2Fx',
  '/admin%2fx',
]

const METHODS = (
  'HEAD PUT PATCH DELETE OPTIONS ' +
  'PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK SEARCH REPORT ACL MKCALENDAR'
).split(' ')

const GATEWAYS = [nginx(), caddy(), envoy()]

let keyharbor: Keyharbor
beforeAll(async () => {
  if (GATEWAYS.some(({ program }) => program !== null)) keyharbor = await startKeyharbor()
})
afterAll(() => keyharbor?.stop())

/** A gateway before a service of its own. */
const startGuard = async (
  { program, start }: Gateway,
  { port = keyharbor.port, key = keyharbor.key, seconds = 20 }: Setup = {},
) => {
  const { port: service, counted } = await startService()
  const { ca, tls } = keyharbor
  const ports = await start(program ?? '', { keyharbor: port, ca, tls, key, service, seconds })
  const ask = ({ path = '/', key: bearer, plain = false, ...more }: Ask = {}) => {
    const origin = plain ? `http://127.0.0.1:${ports.http}` : `https://127.0.0.1:${ports.https}`
    return http(origin + path, { ca: tls.cert, ...(bearer !== undefined && { bearer }), ...more })
  }
  /** Address and options of a handshake. */
  const handshake = (path: string, bearer?: string, plain = false) =>
    [
      plain ? `ws://127.0.0.1:${ports.http}${path}` : `wss://127.0.0.1:${ports.https}${path}`,
      { ca: tls.cert, ...(bearer && { headers: { authorization: `Bearer ${bearer}` } }) },
    ] as const
  return { ask, counted, handshake }
}

for (const gateway of GATEWAYS) {
  const { name, program, install } = gateway
  const guard = (setup?: Setup) => startGuard(gateway, setup)
  const missing = program === null ? ` (skipped: it isn't installed; ${install})` : ''

  describe.skipIf(program === null)(`${name}${missing}`, () => {
    keepsOut(() => keyharbor, guard)

    it('takes the key as a browser’s password too', async () => {
      const { ask } = await guard()
      const { key } = await keyharbor.create('reader')
      const authorization = `Basic ${Buffer.from(`anybody:${key}`).toString('base64')}`
      expect(seen(await ask({ headers: { authorization } }))).toMatchObject({ username: 'reader' })
    })

    it('hands the request on with its body, and without the key', async () => {
      const { ask } = await guard()
      const { key } = await keyharbor.create('reader')
      const reply = await ask({ key, method: 'POST', body: [1, 2], headers: { cookie: 'a=1' } })
      expect(seen(reply)).toMatchObject({ body: '[1,2]', headers: { cookie: 'a=1' } })
      expect(reply.text).not.toContain(key)
      expect(reply.text).not.toContain(keyharbor.key)
    })

    // WebDAV's, which a NAS serves, among them.
    it.each(METHODS)('asks about a request by %s, and hands it on', async (method) => {
      const { ask, counted } = await guard()
      const { key } = await keyharbor.create('reader')
      expect((await ask({ key: 'nonsense', method, path: '/dav' })).status).toBe(401)
      expect((await ask({ key, method, path: '/admin/x' })).status).toBe(403)
      expect(counted.requests).toBe(0)
      const reply = await ask({ key, method, path: '/dav', body: { some: 'body' } })
      expect(reply.status).toBe(200)
      if (method !== 'HEAD')
        expect(seen(reply)).toMatchObject({ method, username: 'reader', body: '{"some":"body"}' })
    })

    it('lets a WebSocket through with a good key, and no other', async () => {
      const { handshake, counted } = await guard()
      const made = await keyharbor.create('reader')
      expect(await refusal(...handshake('/socket'))).toMatchObject({ status: 401 })
      expect(await refusal(...handshake('/socket', 'nonsense'))).toMatchObject({ status: 401 })
      expect(await refusal(...handshake('/admin/socket', made.key))).toMatchObject({ status: 403 })
      expect(counted.requests).toBe(0)
      const { ws, heard } = await client(...handshake('/socket?a=1', made.key))
      for (const text of ['one', 'two'.repeat(20_000)]) ws.send(text)
      await until(() => heard.length === 3)
      const { username, roles, url, headers } = JSON.parse(heard[0] ?? '') as Seen
      expect({ username, roles, url }).toEqual({
        username: 'reader',
        roles: 'READONLY_ADMIN',
        url: '/socket?a=1',
      })
      expect(JSON.stringify(headers)).not.toContain(made.key)
      expect(heard.slice(1)).toEqual(['one', 'two'.repeat(20_000)])
      await keyharbor.revoke(made)
      expect(await refusal(...handshake('/socket', made.key))).toMatchObject({ status: 401 })
    })

    // A client that gets a service to take that up speaks to it past the gateway, and is asked about no more.
    it('hands on no offer of another protocol', async () => {
      const { ask } = await guard()
      const { key } = await keyharbor.create('reader')
      const headers = {
        connection: 'Upgrade, HTTP2-Settings',
        upgrade: 'h2c',
        'http2-settings': 'AAMAAABkAAQAAP__',
      }
      const reply = await ask({ key, headers })
      expect(reply.status).toBe(200)
      expect(seen(reply).headers).not.toHaveProperty('upgrade')
      // Nor beside WebSocket.
      const both = { ...headers, upgrade: 'h2c, websocket' }
      expect((await ask({ key, headers: both })).status).not.toBe(418)
    })

    it.each([
      '/x?scope=FULL_ADMIN',
      '/x?scopes=FULL_ADMIN&scope[]=FULL_ADMIN&scope=A&scope=B',
      '/x?transport=http',
      '/x?transport=https&transport=http&scope=',
      '/x?&&?scope=FULL_ADMIN?transport=ws',
      '/x?uri=/v1/forward-auth%3Fscope%3DFULL_ADMIN',
    ])('asks what it asks, whatever the visitor’s query says: %s', async (path) => {
      const { ask, counted } = await guard()
      const made = await keyharbor.create('reader')
      const reply = await ask({ path, key: made.key })
      expect(reply.status).toBe(200)
      expect(seen(reply)).toMatchObject({ url: path, username: 'reader' })
      expect(
        (await ask({ path: `/admin${path}`.replace('FULL', 'READONLY'), key: made.key })).status,
      ).toBe(403)
      expect((await ask({ path, key: 'nonsense' })).status).toBe(401)
      expect(counted.requests).toBe(1)
      expect(await keyharbor.reason(made)).toBeNull()
    })

    it('asks by a method that AWS takes, and offers Keyharbor no WebSocket', async () => {
      const asked: IncomingMessage[] = []
      const port = await open(
        createHttpsServer(keyharbor.tls, (request, response) => {
          asked.push(request)
          response.writeHead(200, { 'keyharbor-username': 'reader' }).end()
        }),
      )
      const { ask, handshake } = await guard({ port })
      const { key } = await keyharbor.create('reader')
      expect((await ask({ key, method: 'PROPFIND', body: 'x' })).status).toBe(200)
      await client(...handshake('/socket', key))
      expect(asked.map(({ method }) => method)).toEqual(
        asked.map(() => expect.stringMatching(/^(GET|HEAD)$/)),
      )
      for (const { headers } of asked)
        for (const name of ['upgrade', 'sec-websocket-key', 'cookie'])
          expect(headers).not.toHaveProperty(name)
    })

    it('takes nobody’s word for who they are', async () => {
      const { ask, counted } = await guard()
      const { key } = await keyharbor.create('reader')
      const names = ['Username', 'Subject', 'Client', 'Scope', 'Authorization']
      const forged = names.flatMap((name) => [`Keyharbor-${name}`, `KEYHARBOR_${name}`])
      const headers = Object.fromEntries(forged.map((name) => [name, 'root']))
      expect((await ask({ headers })).status).toBe(401)
      expect(counted.requests).toBe(0)
      const reply = await ask({ key, headers })
      expect(seen(reply)).toMatchObject({ username: 'reader', roles: 'READONLY_ADMIN' })
      expect(reply.text).not.toContain('root')
    })

    it.each(SPELLINGS)('asks for the role however the path is spelt: %s', async (path) => {
      const { ask, counted } = await guard()
      const { key } = await keyharbor.create('reader')
      expect((await ask({ path, key })).status).not.toBe(200)
      expect(counted.requests).toBe(0)
    })

    it('shows a visitor nothing of the check', async () => {
      const { ask } = await guard()
      const { key } = await keyharbor.create('admin')
      for (const path of ['/', '/-/keyharbor', '/-/keyharbor/FULL_ADMIN', '/v1/forward-auth'])
        expect((await ask({ path, key })).headers).not.toHaveProperty('keyharbor-username')
    })

    it('says when there are too many requests', async () => {
      const port = await startStandIn(keyharbor.tls, 429, { 'retry-after': '7' })
      const { ask, counted } = await guard({ port })
      const { key } = await keyharbor.create('reader')
      const reply = await ask({ key })
      expect(reply.status).toBe(429)
      expect(reply.headers['retry-after']).toBe('7')
      expect(counted.requests).toBe(0)
    })

    it('asks over a connection that stays open', async () => {
      const { port, counted } = await startWire(keyharbor.port)
      const { ask } = await guard({ port })
      const { key } = await keyharbor.create('reader')
      for (let times = 0; times < 3; times++) {
        expect((await ask({ key })).status).toBe(200)
        expect((await ask({ key: 'nonsense' })).status).toBe(401)
      }
      expect(counted.connections).toBe(1)
    })

    it('leaves the service’s own errors alone', async () => {
      const { ask } = await guard()
      const { key } = await keyharbor.create('reader')
      expect((await ask({ path: '/broken', key })).status).toBe(500)
    })

    it('has a key revoked that comes over plain ws', async () => {
      const { handshake, counted } = await guard()
      const made = await keyharbor.create('reader')
      const { status } = await refusal(...handshake('/socket', made.key, true))
      expect(status).toBe(401)
      expect(await keyharbor.reason(made)).toBe('Attempt to use over an insecure transport')
      expect(counted.requests).toBe(0)
    })

    it('has a key revoked that comes over plain http', async () => {
      const { ask, counted } = await guard()
      const made = await keyharbor.create('reader')
      expect((await ask({ key: made.key, plain: true })).status).toBe(401)
      expect(await keyharbor.reason(made)).toBe('Attempt to use over an insecure transport')
      expect((await ask({ key: made.key })).status).toBe(401)
      expect(counted.requests).toBe(0)
    })
  })
}

describe.skipIf(nginx().program === null)('nginx with a cache', () => {
  const guard = (): Promise<Guard> => startGuard(nginx({ cached: true }))

  it('remembers whose a key is, also when that has been revoked: what caching costs', async () => {
    const { ask } = await guard()
    const made = await keyharbor.create('reader')
    expect((await ask({ key: made.key })).status).toBe(200)
    await keyharbor.revoke(made)
    expect(seen(await ask({ key: made.key }))).toMatchObject({ username: 'reader' })
  })

  it('takes no key for another, and no role for another', async () => {
    const { ask } = await guard()
    const [reader, admin] = [await keyharbor.create('reader'), await keyharbor.create('admin')]
    for (let times = 0; times < 2; times++) {
      expect(seen(await ask({ key: admin.key }))).toMatchObject({ username: 'admin' })
      expect(seen(await ask({ key: reader.key }))).toMatchObject({ username: 'reader' })
      expect((await ask({ path: '/admin/x', key: admin.key })).status).toBe(200)
      expect((await ask({ path: '/admin/x', key: reader.key })).status).toBe(403)
      expect((await ask()).status).toBe(401)
    }
  })

  it('remembers no refusal: a key that is good again passes', async () => {
    const { ask } = await guard()
    expect((await ask({ key: 'nonsense' })).status).toBe(401)
    const { key } = await keyharbor.create('reader')
    expect((await ask({ key })).status).toBe(200)
    expect((await ask({ key, plain: true })).status).toBe(401)
  })
})
