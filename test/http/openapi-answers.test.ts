/** Real answers, of each route and each status that the document tells of, are as it says. */
import { createServer, type Server } from 'node:http'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Fault } from '../../shared/domain/fault.ts'
import { openApi } from '../../shared/http/openapi/document.ts'
import { sweep } from '../../shared/jobs/sweep.ts'
import type { Service } from '../../shared/service.ts'
import { addKey, addUser, newTenant, type Rig, START, startRig } from '../kit/service.ts'
import { asClient, bearer, bentOf } from './kit.ts'
import { checkerOf, eachOperation, type Json, sent } from './openapi-kit.ts'

const ISSUER = 'https://issuer.example'

let rig: Rig
let service: Service
let issuer: Server
let tokens: { readonly all: string; readonly none: string }
/** Keys of one tenant. */
let device: string
let clerk: string

beforeAll(async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }]
  issuer = createServer((_, response) => response.end(JSON.stringify({ keys })))
  await new Promise<void>((done) => issuer.listen(0, '127.0.0.1', done))
  const address = issuer.address()
  rig = await startRig({
    KEYHARBOR_OPERATOR_JWKS_URL: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`,
    KEYHARBOR_OPERATOR_ISSUER: ISSUER,
    KEYHARBOR_DEVICE_CHECKS_PER_MINUTE: '600',
  })
  service = rig.service
  const sign = (scope: string): Promise<string> =>
    new SignJWT({ scope, iss: ISSUER, aud: 'keyharbor', sub: 'op' })
      .setIssuedAt(START / 1000)
      .setExpirationTime(START / 1000 + 600)
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .sign(privateKey)
  tokens = { all: await sign('tenants:read tenants:write'), none: await sign('other') }
  const { tenant } = await newTenant(service)
  // Makes the key that signs.
  await sweep(service)
  const keyOf = async (name: string, role: string): Promise<string> =>
    (await addKey(service, await addUser(service, tenant, name, [role]))).raw.reveal()
  device = await keyOf('device', 'KEY_VALIDATE')
  clerk = await keyOf('clerk', 'API_KEY_READ')
})
afterAll(async () => {
  issuer.close()
  await rig.close()
})

/** The key of a tenant of its own, good for a day. */
const newKey = async (): Promise<string> => {
  const expires = START + 86_400_000
  return (await addKey(service, await newTenant(service), { expires })).raw.reveal()
}

/** A device that has used up its checks. */
const spent = async (): Promise<string> => {
  const by = await newKey()
  await sent(service, 'POST', '/v1/introspect', {
    json: { tokens: Array(100).fill('x') },
    headers: bearer(by),
  })
  return by
}

const failing = (error: Error): Service => {
  const fail = async (): Promise<never> => {
    throw error
  }
  return {
    ...service,
    keys: { ...service.keys, forCheck: fail },
    signing: { ...service.signing, jwks: fail },
    tenants: {
      ...service.tenants,
      bySlug: fail,
      setSuspended: fail,
      all: async function* () {
        yield await fail()
      },
    },
  }
}
const down = (): Service => failing(new Fault('UNAVAILABLE'))
const unsettled = (): Service => failing(new Fault('OUTCOME_UNKNOWN'))
const defect = (): Service => failing(new Error('a defect'))

type Ask = { by?: string | null; token?: string; from?: Service; proto?: string; more?: Headers }
type Headers = Readonly<Record<string, string>>
type Cases = Readonly<Record<number, () => Promise<Response>[]>>
const LARGE = { 'content-length': '200000' }
const SIGNED = { accept: 'application/token-introspection+jwt' }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** A route that asks about keys. @param about what asks about one. */
const asking = (path: string, about: (token: string) => Parameters<typeof sent>[3]): Cases => {
  const ask = ({ by = device, token = clerk, from = service, proto = 'https', more = {} }: Ask) => {
    const headers = { ...FORM, ...(by !== null && bearer(by)), ...more }
    return sent(from, 'POST', path, { ...about(token), headers, proto })
  }
  const both = async (proto: string) => {
    const by = await newKey()
    return ask({ by, token: by, proto })
  }
  return {
    200: () => [ask({}), ask({ token: 'garbage' }), both('https'), ask({ more: SIGNED })],
    400: () => [sent(service, 'POST', path, { headers: bearer(device) })],
    401: () => [
      ask({ by: null }),
      ask({ by: 'x' }),
      ask({ by: bentOf(device) }),
      ask({ by: null, more: asClient(bentOf(device)) }),
      both('http'),
    ],
    403: () => [ask({ by: clerk })],
    413: () => [ask({ more: LARGE })],
    429: () => [spent().then((by) => ask({ by }))],
    500: () => [ask({ from: defect() })],
    503: () => [ask({ from: down() })],
  }
}

/** A gateway's question, by the visitor's method. */
const visiting = (method: string): Cases => {
  const visit = ({ by = device, token = clerk, from = service, more = {} }: Ask, query = '') =>
    sent(from, method, `/v1/forward-auth${query}`, {
      headers: { ...bearer(token), 'keyharbor-authorization': `Bearer ${by}`, ...more },
    })
  return {
    200: () => [visit({}), visit({}, '?scope=API_KEY_READ')],
    400: () => [visit({}, '?transport=smoke')],
    401: () => [
      visit({ token: 'x' }),
      visit({ more: asClient('x') }),
      sent(service, method, '/v1/forward-auth', {}),
    ],
    403: () => [visit({}, '?scope=FULL_ADMIN'), visit({ by: 'x' }), visit({ by: clerk })],
    413: () => [visit({ more: LARGE })],
    429: () => [spent().then((by) => visit({ by }))],
    500: () => [visit({ from: defect() })],
    503: () => [visit({ from: down() })],
  }
}

const revoke = ({ token = 'garbage', from = service, more = {} }: Ask) =>
  sent(from, 'POST', '/oauth2/revoke', { form: { token }, headers: { ...FORM, ...more } })

const grant = ({ by = device, from = service, more = {} }: Ask, form = {}) => {
  return sent(from, 'POST', '/oauth2/token', {
    headers: { ...FORM, ...(by !== null && asClient(by)), ...more },
    form: { grant_type: 'client_credentials', ...form },
  })
}
const posted = () => {
  const [client_id = ''] = device.split('-')
  return grant({ by: null }, { client_id, client_secret: device })
}

const manage =
  (method: 'GET' | 'POST', path = '/v1/tenants') =>
  (json: unknown, { by = tokens.all, from = service, proto = 'https', more = {} }: Ask = {}) =>
    sent(from, method, path, {
      headers: { ...(by !== null && bearer(by)), ...more },
      ...(method === 'POST' && { json }),
      proto,
    })
const [list, make] = [manage('GET'), manage('POST')]

const KEYED: Ask = { more: { 'idempotency-key': 'one' } }
const OTHER_KEY: Ask = { more: { 'idempotency-key': '"other"' } }

/** One of the two, which are answered alike. */
const changing = (path: string): Cases => {
  const act = manage('POST', path)
  return {
    200: () => [newTenant(service).then(({ tenant: id }) => act({ id }))],
    400: () => [act({}), act('x')],
    401: () => [act({}, { by: null })],
    403: () => [act({}, { by: tokens.none })],
    404: () => [act({ id: 9_000_000 }), act({}, { from: withoutOperator() })],
    413: () => [act({}, { more: LARGE })],
    500: () => [act({ id: 1 }, { from: defect() })],
    503: () => [act({ id: 1 }, { from: down() })],
  }
}

const unready = (part: 'tenants' | 'vault', method: string): Service => {
  const fail = async (): Promise<never> => {
    throw new Fault('UNAVAILABLE')
  }
  return { ...service, [part]: { ...service[part], [method]: fail } }
}

const withoutOperator = (): Service => {
  const { KEYHARBOR_OPERATOR_JWKS_URL: _, ...env } = service.env
  return { ...service, env: env as Service['env'] }
}

const CASES: Readonly<Record<string, Cases>> = {
  'POST /oauth2/introspect': asking('/oauth2/introspect', (token) => ({ form: { token } })),
  'POST /v1/introspect': asking('/v1/introspect', (token) => ({ json: { tokens: [token, 'x'] } })),
  ...Object.fromEntries(
    ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((method) => [
      `${method} /v1/forward-auth`,
      visiting(method),
    ]),
  ),
  'POST /oauth2/revoke': {
    200: () => [revoke({}), newKey().then((token) => revoke({ token }))],
    400: () => [revoke({ token: '' }), revoke({ token: 'a.b.c' })],
    401: () => [revoke({ token: 'x', more: asClient(bentOf(device)) })],
    413: () => [revoke({ more: LARGE })],
    500: () => [revoke({ token: device, from: defect() })],
    503: () => [revoke({ token: device, from: down() })],
  },
  'POST /oauth2/token': {
    200: () => [grant({}), grant({ by: clerk }, { scope: 'API_KEY_READ' }), posted()],
    400: () => [
      grant({}, { grant_type: '' }),
      grant({}, { grant_type: 'password' }),
      grant({}, { scope: 'FULL_ADMIN' }),
      sent(service, 'POST', '/oauth2/token', {}),
    ],
    401: () => [grant({ by: bentOf(device) }), grant({ by: null })],
    413: () => [grant({ more: LARGE })],
    429: () => [spent().then((by) => grant({ by }))],
    500: () => [grant({ from: defect() })],
    503: () => [grant({ from: down() })],
  },
  'GET /oauth2/jwks': {
    200: () => [sent(service, 'GET', '/oauth2/jwks', {})],
    500: () => [sent(defect(), 'GET', '/oauth2/jwks', {})],
    503: () => [sent(down(), 'GET', '/oauth2/jwks', {})],
  },
  'GET /.well-known/openid-configuration': {
    200: () => [sent(service, 'GET', '/.well-known/openid-configuration', {})],
  },
  'GET /.well-known/oauth-authorization-server': {
    200: () => [sent(service, 'GET', '/.well-known/oauth-authorization-server', {})],
  },
  'GET /v1/tenants': {
    200: () => [list(null)],
    400: () => [list(null, { proto: 'http' })],
    401: () => [list(null, { by: null }), list(null, { by: 'x' })],
    403: () => [list(null, { by: tokens.none })],
    404: () => [list(null, { from: withoutOperator() })],
    500: () => [list(null, { from: defect() })],
    503: () => [list(null, { from: down() })],
  },
  'POST /v1/tenants': {
    201: () => [
      make({ slug: 'made' }),
      make({ slug: 'made-too', name: 'Made', admin: { password: 'correct horse' } }),
    ],
    400: () => [make({}), make('x')],
    401: () => [make({}, { by: null })],
    403: () => [make({}, { by: tokens.none })],
    404: () => [make({}, { from: withoutOperator() })],
    409: () => [
      make({ slug: 'twice' }).then(() => make({ slug: 'twice' })),
      make({ slug: 'again' }, KEYED).then(() => make({ slug: 'again' }, KEYED)),
    ],
    413: () => [make({}, { more: LARGE })],
    422: () => [make({ slug: 'a' }, OTHER_KEY).then(() => make({ slug: 'b' }, OTHER_KEY))],
    500: () => [
      make({ slug: 'x' }, { from: defect() }),
      make({ slug: 'x' }, { from: unsettled() }),
    ],
    503: () => [make({ slug: 'x' }, { from: down() })],
  },
  'POST /v1/tenants/suspend': changing('/v1/tenants/suspend'),
  'POST /v1/tenants/resume': changing('/v1/tenants/resume'),
  'GET /healthz': { 200: () => [sent(service, 'GET', '/healthz', {})] },
  'GET /readyz': {
    200: () => [sent(service, 'GET', '/readyz', {})],
    503: () => [
      sent(unready('tenants', 'wrappedKey'), 'GET', '/readyz', {}),
      sent(unready('vault', 'prove'), 'GET', '/readyz', {}),
    ],
  },
  'GET /api/versions': { 200: () => [sent(service, 'GET', '/api/versions', {})] },
  'GET /openapi.json': { 200: () => [sent(service, 'GET', '/openapi.json', {})] },
}

const document: Json = JSON.parse(JSON.stringify(openApi('https://keys.example')))
const operations = eachOperation(document)
const checker = checkerOf(document)
const casesOf = ({ method, path }: (typeof operations)[number]): Cases =>
  CASES[`${method} ${path}`] ?? {}

it('there is a case of each status of each route', () => {
  for (const one of operations)
    expect(Object.keys(casesOf(one)), `${one.method} ${one.path}`).toEqual(
      Object.keys(one.operation.responses as Json),
    )
})

it.each(operations.map((one) => [one.method, one.path, one] as const))(
  '%s %s answers as the document says',
  async (_, __, one) => {
    for (const [status, send] of Object.entries(casesOf(one)))
      for (const reply of await Promise.all(send())) {
        expect(reply.status).toBe(Number(status))
        expect(await checker.mistakesOf(one, reply), status).toEqual([])
      }
  },
)
