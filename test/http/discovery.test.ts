import { createServer } from 'node:http'
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KEYSET_TTL_MS } from '../../shared/crypto/signing-keys.ts'
import { OVERLAP_MS, SIGNS_MS } from '../../shared/domain/rotation.ts'
import { createCheckApp, createMainApp } from '../../shared/http/app.ts'
import { MAX_AGE_SECONDS } from '../../shared/http/discovery.ts'
import { CHECK_PATHS } from '../../shared/http/paths.ts'
import { sweep } from '../../shared/jobs/sweep.ts'
import type { Service } from '../../shared/service.ts'
import { newTenant, type Rig, START, startRig } from '../kit/service.ts'

let rig: Rig
let service: Service
beforeEach(async () => {
  rig = await startRig()
  service = rig.service
  await newTenant(service)
})
afterEach(() => rig.close())

const get = async (path: string, { host = 'keys.example', from = service } = {}) =>
  (path === '/oauth2/jwks' ? createCheckApp : createMainApp)(from).fetch(
    new Request(`https://keys.example${path}`),
    {
      address: '192.0.2.1',
      secure: true,
      host,
    },
  )

describe('GET /oauth2/jwks', () => {
  it('may be kept, for far less than the overlap of two keys', async () => {
    await sweep(service)
    const reply = await get('/oauth2/jwks')
    expect(reply.headers.get('cache-control')).toBe(`public, max-age=${MAX_AGE_SECONDS}`)
    expect(reply.headers.get('content-type')).toBe('application/jwk-set+json')
    expect(await reply.json()).toMatchObject({ keys: [{ alg: 'ES256' }] })
    expect(MAX_AGE_SECONDS * 1000 * 10).toBeLessThan(OVERLAP_MS)
  })

  it('is not to be kept before there is a key', async () => {
    const reply = await get('/oauth2/jwks')
    expect(await reply.json()).toEqual({ keys: [] })
    expect(reply.headers.get('cache-control')).toBe('no-store')
  })

  it('is all that a relying party needs, also across a rotation', async () => {
    await sweep(service)
    const server = createServer(async (_, response) => {
      const reply = await get('/oauth2/jwks')
      response.writeHead(reply.status, Object.fromEntries(reply.headers))
      response.end(await reply.text())
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    try {
      const address = server.address()
      const port = typeof address === 'object' ? address?.port : 0
      // Reads the set once, and anew for a key that it doesn't know.
      const set = createRemoteJWKSet(new URL(`http://127.0.0.1:${port}/`), { cooldownDuration: 0 })
      const verify = async (token: string) =>
        (await jwtVerify(token, set, { currentDate: new Date(rig.clock.now) })).protectedHeader.kid
      const old = await service.signing.sign({}, 'JWT')
      const first = await verify(old)
      for (let day = 1; day <= 32; day++) {
        rig.clock.now = START + day * OVERLAP_MS
        await sweep(service)
      }
      rig.clock.now += KEYSET_TTL_MS
      const next = await service.signing.sign({}, 'JWT')
      expect(decodeProtectedHeader(next).kid).not.toBe(first)
      expect(await verify(next)).toBe(decodeProtectedHeader(next).kid)
      expect(rig.clock.now).toBeGreaterThan(START + SIGNS_MS)
    } finally {
      await new Promise((done) => server.close(done))
    }
  })
})

describe.each([
  '/.well-known/oauth-authorization-server',
  // For clients that look only there.
  '/.well-known/openid-configuration',
])('GET %s (RFC 8414)', (PATH) => {
  const client = ['client_secret_basic', 'client_secret_post']

  it('tells who issues, where each endpoint is, and what it takes', async () => {
    const reply = await get(PATH, { host: 'acme.keys.example:8443' })
    const at = 'https://acme.keys.example:8443'
    expect(await reply.json()).toEqual({
      issuer: at,
      jwks_uri: `${at}/oauth2/jwks`,
      token_endpoint: `${at}/oauth2/token`,
      token_endpoint_auth_methods_supported: client,
      introspection_endpoint: `${at}/oauth2/introspect`,
      introspection_endpoint_auth_methods_supported: ['Bearer', ...client],
      introspection_signing_alg_values_supported: ['ES256'],
      revocation_endpoint: `${at}/oauth2/revoke`,
      revocation_endpoint_auth_methods_supported: ['none', ...client],
      grant_types_supported: ['client_credentials'],
      response_types_supported: [],
      scopes_supported: expect.arrayContaining(['KEY_VALIDATE', 'FULL_ADMIN']),
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
      service_documentation: `${at}/api/docs/`,
    })
  })

  it('may be kept by everybody only if it is the same for every host', async () => {
    const kept = async (from = service) => (await get(PATH, { from })).headers.get('cache-control')
    expect(await kept()).toBe(`private, max-age=${MAX_AGE_SECONDS}`)
    const env = { ...service.env, KEYHARBOR_ISSUER: 'https://fixed.example' }
    expect(await kept({ ...service, env })).toBe(`public, max-age=${MAX_AGE_SECONDS}`)
  })

  it.each([
    ['evil.example/path?x=', 'https://evil.example'],
    ['UPPER.example', 'https://upper.example'],
    ['user:pass@host.example', 'https://host.example'],
    ['no host at all', 'https://keys.example'],
    ['', 'https://keys.example'],
  ])('takes no more than a host from what a viewer sends as one: %j', async (host, issuer) => {
    expect(await (await get(PATH, { host })).json()).toMatchObject({ issuer })
  })

  it('leads below the path of an issuer that has one', async () => {
    const KEYHARBOR_ISSUER = 'https://fixed.example/_aws/api'
    const from = { ...service, env: { ...service.env, KEYHARBOR_ISSUER } }
    expect(await (await get(PATH, { from })).json()).toMatchObject({
      issuer: KEYHARBOR_ISSUER,
      jwks_uri: `${KEYHARBOR_ISSUER}/oauth2/jwks`,
      token_endpoint: `${KEYHARBOR_ISSUER}/oauth2/token`,
    })
  })

  it('names no documentation where no edge serves it', async () => {
    const env = { ...service.env, KEYHARBOR_LOCAL: false }
    const reply = await get(PATH, { from: { ...service, env } })
    expect(await reply.json()).not.toHaveProperty('service_documentation')
  })
})

it('the paths that lead to the check function are those that it serves', () => {
  const served = createCheckApp(service).routes.filter(({ path }) => path !== '/*')
  expect([...new Set(served.map(({ path }) => path))].sort()).toEqual([...CHECK_PATHS].sort())
})
