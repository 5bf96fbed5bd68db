/** The CloudFront Function as deployed: its code is taken from the template. */
import { beforeAll, describe, expect, test } from 'vitest'
import { SOCKET_STAGE } from '../../cdk/gateway.ts'
import { EDGE_HEADERS } from '../../functions/events/viewer.ts'
import { namesOf, VERSION_NAMES, VERSIONS } from '../../shared/domain/versions.ts'
import { isPublicFile, PREFLIGHT } from '../../shared/http/paths.ts'
import { synth } from '../cdk/synth.ts'

type Values = Record<string, { value: string }>
type Request = { uri: string; querystring: Values; headers: Values }
type Response = { statusCode: number; headers: Values; body: string }

let code: string
let handler: (event: object) => Request | Response
beforeAll(() => {
  const [fn] = Object.values(
    synth({ edge: true }).edge?.findResources('AWS::CloudFront::Function') ?? {},
  )
  code = fn?.Properties.FunctionCode
  handler = new Function(`${code}; return handler`)()
})

const values = (of: Record<string, string>): Values =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [name, { value }]))

const ask = (uri: string, { headers = {}, query = {}, method = 'GET' } = {}) =>
  handler({
    version: '1.0',
    context: { eventType: 'viewer-request' },
    viewer: { ip: '2001:db8::7' },
    request: {
      method,
      uri,
      querystring: values(query),
      headers: values({ host: 'acme.keys.example', ...headers }),
    },
  })
const socket = { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }

describe("a socket's path becomes the stage and the version", () => {
  test.each([['/api/current', 'current'], ...VERSION_NAMES.map((name) => [`/api/${name}`, name])])(
    '%s',
    (uri, version) => {
      expect(ask(uri, { headers: socket })).toMatchObject({
        uri: `/${SOCKET_STAGE}`,
        querystring: { version: { value: version } },
      })
    },
  )

  test('whatever the viewer says of the version', () => {
    const query = { version: 'v25.04.0', other: 'x' }
    expect(ask('/api/current', { headers: socket, query })).toMatchObject({
      querystring: values({ version: 'current', other: 'x' }),
    })
  })
})

describe('a path of no API version is answered at the edge', () => {
  test.each(['/api/v', '/api/v25', '/api/v25.10', '/api/v25.10.0.1', '/api/vx', '/api/v1..2'])(
    '%s',
    (uri) => {
      const { statusCode, body } = ask(uri, { headers: socket }) as Response
      expect(statusCode).toBe(404)
      expect(JSON.parse(body).message).toContain('/api/versions')
    },
  )
})

test("a socket's path without a socket says what to do", () => {
  expect(ask('/api/current')).toMatchObject({
    statusCode: 426,
    headers: { 'cache-control': { value: 'no-store' } },
  })
})

describe('all other paths stay as they are', () => {
  test.each([
    '/api',
    '/api/',
    '/api/versions',
    '/api/current/',
    '/api/v25.10.0/',
    '/api/v25.10.0/websocket',
    '//api/current',
    '/API/current',
    '/api/%63urrent',
    '/oauth2/introspect',
    '/oauth2/jwks',
    '/.well-known/oauth-authorization-server',
    '/.well-known/openid-configuration',
    '/v1/tenants',
  ])('%s', (uri) => {
    expect(ask(uri, { headers: socket })).toMatchObject({ uri, querystring: {} })
  })
})

test('the origins hear who the viewer is, whatever the viewer says', () => {
  const forged = {
    [EDGE_HEADERS.secret]: 'guessed',
    [EDGE_HEADERS.address]: '203.0.113.9',
    [EDGE_HEADERS.host]: 'other.keys.example',
    'x-keyharbor-else': 'x',
  }
  const { headers } = ask('/oauth2/introspect', { headers: forged }) as Request
  expect(headers).toEqual(
    values({
      host: 'acme.keys.example',
      [EDGE_HEADERS.address]: '2001:db8::7',
      [EDGE_HEADERS.host]: 'acme.keys.example',
    }),
  )
})

test('is within what CloudFront takes: 10 KB', () => {
  expect(code.length).toBeLessThan(10_240)
})

describe('a folder of the site', () => {
  test.each([
    ['/ui/', '/ui/index.html'],
    ['/api/docs/', '/api/docs/index.html'],
    ['/api/docs/v26.0.0/methods/', '/api/docs/v26.0.0/methods/index.html'],
  ])('%s is the page in it', (uri, page) => {
    expect(ask(uri)).toMatchObject({ uri: page })
  })

  test.each([
    ['/', '/ui/'],
    ['/ui', '/ui/'],
    ['/api/docs', '/api/docs/'],
    ['/api/docs/current', '/api/docs/current/'],
    ['/api/docs/v25.10.0', '/api/docs/v25.10.0/'],
    ['/api/docs/v26.0.0/methods', '/api/docs/v26.0.0/methods/'],
  ])('%s is %s', (uri, location) => {
    expect(ask(uri)).toMatchObject({ statusCode: 302, headers: { location: { value: location } } })
  })

  const patches = VERSIONS.flatMap((version) =>
    namesOf(version).flatMap((name) => (name === version ? [] : [[name, version]])),
  )
  test.each(patches)('of a patch version %s is that of its release %s', (name, version) => {
    for (const [path, there] of [
      ['', '/'],
      ['/', '/'],
      ['/methods/', '/methods/'],
      ['/methods/core.ping.html', '/methods/core.ping.html'],
      ['/openrpc.json', '/openrpc.json'],
    ] as const)
      expect(ask(`/api/docs/${name}${path}`)).toMatchObject({
        statusCode: 302,
        headers: { location: { value: `/api/docs/${version}${there}` } },
      })
  })

  test('redirects pages of any origin to the documents that they may read, and to nothing else', () => {
    const anyOrigin = { 'access-control-allow-origin': { value: '*' } }
    expect(ask('/api/docs/v25.04.1/openrpc.json')).toMatchObject({ headers: anyOrigin })
    for (const uri of ['/', '/ui', '/api/docs/v25.04.1/', '/api/docs/v25.04.1/query.html'])
      expect(ask(uri).headers).not.toHaveProperty('access-control-allow-origin')
  })

  test.each([
    ...VERSIONS.map((version) => `/api/docs/${version}/query.html`),
    '/api/docs/v25.04.3/query.html',
    '/api/docs/v25.10.6/query.html',
    '/api/docs/v25.10.55/query.html',
    '/ui/assets/index-1.js',
    '/api/docs/docs.css',
    '/openrpc.json',
  ])('has files, which are taken as they are: %s', (uri) => {
    expect(ask(uri)).toMatchObject({ uri })
  })
})

describe('who asks before a page of another origin asks', () => {
  test.each([
    '/openrpc.json',
    '/api/docs/v26.0.0/openrpc.json',
    '/api/docs/current/openrpc.json',
    '/api/docs/current/search.json',
    '/api/docs/current/',
    '/api/openrpc.json',
    '/openapi.json',
    '/ui/openrpc.json',
    '/oauth2/introspect',
  ])('hears from the edge of public files, and of nothing else: %s', (uri) => {
    const answer = ask(uri, { method: 'OPTIONS' })
    if (!isPublicFile(uri)) return expect(answer).not.toHaveProperty('statusCode')
    const allowed = Object.entries(PREFLIGHT).map(([name, value]) => [name.toLowerCase(), value])
    expect(answer).toEqual({
      statusCode: 204,
      statusDescription: 'No Content',
      headers: values({ ...Object.fromEntries(allowed), 'cache-control': 'no-store' }),
    })
    return expect(ask(uri)).toMatchObject({ uri })
  })
})
