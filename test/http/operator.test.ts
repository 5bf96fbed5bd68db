import { createServer, type Server } from 'node:http'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Fault } from '../../shared/domain/fault.ts'
import { createMainApp } from '../../shared/http/app.ts'
import { sweep } from '../../shared/jobs/sweep.ts'
import type { Service } from '../../shared/service.ts'
import { newTenant, type Rig, START, startRig } from '../kit/service.ts'
import { bearer } from './kit.ts'

const ISSUER = 'https://issuer.example'
const NOW = START / 1000

let rig: Rig
let service: Service
let issuer: Server
let published: JWK[]
/** What the issuer answers in place of its keys. */
let garbage: string | null = null
const keys = new Map<string, Awaited<ReturnType<typeof generateKeyPair>>['privateKey']>()

const newKey = async (kid: string, alg = 'ES256'): Promise<JWK> => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  keys.set(kid, privateKey)
  return { ...(await exportJWK(publicKey)), kid, alg }
}

beforeAll(async () => {
  published = [await newKey('one')]
  issuer = createServer((_, response) =>
    response.end(garbage ?? JSON.stringify({ keys: published })),
  )
  await new Promise<void>((done) => issuer.listen(0, '127.0.0.1', done))
  const address = issuer.address()
  rig = await startRig({
    KEYHARBOR_OPERATOR_JWKS_URL: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`,
    KEYHARBOR_OPERATOR_ISSUER: ISSUER,
    KEYHARBOR_OPERATOR_AUDIENCE: 'keyharbor',
  })
  service = rig.service
})
afterAll(async () => {
  issuer.close()
  await rig.close()
})

type Claims = Record<string, unknown>
const good: Claims = {
  iss: ISSUER,
  aud: 'keyharbor',
  sub: 'op',
  iat: NOW,
  exp: NOW + 600,
  scope: 'tenants:read tenants:write',
}
type Header = { kid?: string; alg?: string; typ?: string }
const sign = (claims: Claims, { kid = 'one', alg = 'ES256', ...more }: Header = {}) => {
  const key = keys.get(kid)
  if (!key) throw new Error(`no key ${kid}`)
  return new SignJWT(claims).setProtectedHeader({ alg, kid, ...more }).sign(key)
}
const send = async (
  method: 'GET' | 'POST',
  token: string | null,
  body?: unknown,
  proto = 'https',
  more: Record<string, string> = {},
) => {
  const request = new Request('https://keys.example/v1/tenants', {
    method,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    headers: { ...(token !== null && { authorization: `Bearer ${token}` }), ...more },
  })
  const reply = await createMainApp(service).fetch(request, {
    address: '192.0.2.1',
    secure: proto === 'https',
  })
  return { status: reply.status, body: (await reply.json()) as Record<string, never> }
}

describe('the operator', () => {
  it('makes a tenant and lists it; the random password is shown this once', async () => {
    const made = await send('POST', await sign(good), { slug: 'acme', name: 'Acme' })
    expect(made).toMatchObject({
      status: 201,
      body: { slug: 'acme', name: 'Acme', admin: { username: 'admin' } },
    })
    expect(made.body.admin).toHaveProperty('password', expect.stringMatching(/^\w{24}$/))
    const listed = await send('GET', await sign(good))
    expect(listed.body.tenants).toContainEqual(
      expect.objectContaining({ id: made.body.id, slug: 'acme' }),
    )
    expect(JSON.stringify(listed.body)).not.toContain('password')
  })

  it('gives a slug once, also to two at once', async () => {
    const token = await sign(good)
    const made = await Promise.all([1, 2, 3].map(() => send('POST', token, { slug: 'once' })))
    expect(made.map(({ status }) => status).sort()).toEqual([201, 409, 409])
  })

  describe('with an Idempotency-Key', () => {
    const make = async (body: object, key: string, claims: Claims = good) =>
      send('POST', await sign(claims), body, 'https', { 'idempotency-key': key })

    it('makes a tenant once, and answers a repeat as the first request', async () => {
      const body = { slug: 'keyed', admin: { password: 'correct horse' } }
      const made = await make(body, 'k1')
      expect(made.status).toBe(201)
      expect(await make(body, '"k1"')).toEqual(made)
      expect(await make(body, 'k2')).toMatchObject({ status: 409, body: { error: 'conflict' } })
      const other = { ...body, admin: { password: 'correct horse 2' } }
      const refused = { status: 422, body: { error: 'idempotency_key_reused' } }
      expect(await make(other, 'k1')).toMatchObject(refused)
      expect(await make({ ...body, name: 'Other' }, 'k1')).toMatchObject(refused)
    })

    it('shows a random password once, also to two at once', async () => {
      const [one, two] = (await Promise.all([1, 2].map(() => make({ slug: 'random' }, 'k3')))).sort(
        (a, b) => a.status - b.status,
      )
      expect(one).toMatchObject({ status: 201, body: { admin: { username: 'admin' } } })
      expect(two).toMatchObject({ status: 409, body: { error: 'already_done' } })
      expect(two?.body.error_description).toContain(`Tenant ${one?.body.id} was made`)
    })

    it('is another operator’s own', async () => {
      await make({ slug: 'mine' }, 'k4')
      const theirs = await make({ slug: 'theirs' }, 'k4', { ...good, sub: 'other' })
      expect(theirs.status).toBe(201)
    })

    it.each(['', '"', '""', 'x'.repeat(65), '"a"b"', 'ä'])('takes none like %j', async (key) => {
      expect(await make({ slug: 'bad-key' }, key)).toMatchObject({ status: 400 })
    })
  })

  it.each([
    ['no slug', {}],
    ['a bad slug', { slug: 'Ümlaut' }],
    ['an unknown member', { slug: 'x1', tenant: 3 }],
    ['a short password', { slug: 'x2', admin: { password: 'short' } }],
    ['the name of the devices’ user', { slug: 'x2', admin: { username: 'keyharbor-devices' } }],
    ['no JSON', 'x'],
  ])('hears what is wrong with %s, and nothing is made', async (_, body) => {
    const reply = await send('POST', await sign(good), body)
    expect(reply).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
  })

  it.each([
    ['without exp', { exp: undefined }],
    ['without iat', { iat: undefined }],
    ['without sub', { sub: undefined }],
    ['that has expired', { exp: NOW - 60 }],
    ['from the future', { iat: NOW + 600, exp: NOW + 1200 }],
    ['of another issuer', { iss: 'https://evil.example' }],
    ['for another audience', { aud: 'other' }],
  ])('is refused with a token %s', async (_, claims) => {
    expect(await send('GET', await sign({ ...good, ...claims }))).toMatchObject({ status: 401 })
  })

  it.each<[string, Header, Claims]>([
    ['a type as RFC 9068 has it', { typ: 'at+jwt' }, {}],
    ['the same, as a media type', { typ: 'application/at+JWT' }, {}],
    ['none, and token_use, as Cognito sends it', {}, { token_use: 'access', client_id: 'x' }],
    ['JWT, as Auth0 and Entra send it', { typ: 'JWT' }, { azp: 'x', gty: 'client-credentials' }],
    ['JWT, and typ among the claims, as Keycloak sends it', { typ: 'JWT' }, { typ: 'Bearer' }],
    ['the longest life', { typ: 'at+jwt' }, { exp: NOW + 7200 }],
    ['a clock half a minute ahead', { typ: 'at+jwt' }, { iat: NOW + 30 }],
  ])('is heard with an access token with %s', async (_, header, claims) => {
    expect((await send('GET', await sign({ ...good, ...claims }, header))).status).toBe(200)
  })

  it.each<[string, Header, Claims]>([
    ['an ID token, by its claims', { typ: 'JWT' }, { nonce: 'x' }],
    ['an ID token, by the digest in it', {}, { at_hash: 'x' }],
    ['an ID token, by token_use', {}, { token_use: 'id' }],
    ['an ID token, by Keycloak’s typ', { typ: 'JWT' }, { typ: 'ID' }],
    ['a refresh token of Keycloak', { typ: 'JWT' }, { typ: 'Refresh' }],
    ['an ID token that says so', { typ: 'id_token+jwt' }, {}],
    ['a logout token', { typ: 'logout+jwt' }, {}],
    ['a security event', { typ: 'JWT' }, { events: {} }],
    ['a signed answer of introspection', { typ: 'token-introspection+jwt' }, {}],
    ['a proof of possession', { typ: 'dpop+jwt' }, {}],
  ])('is refused with %s, however well signed', async (_, header, claims) => {
    const reply = await send('GET', await sign({ ...good, ...claims }, header))
    expect(reply).toMatchObject({
      status: 401,
      body: { error_description: 'The token is no access token.' },
    })
  })

  it('is refused with a token that is bound to a key which nobody asks for', async () => {
    const reply = await send('GET', await sign({ ...good, cnf: { jkt: 'x' } }))
    expect(reply).toMatchObject({ status: 401 })
    expect(reply.body.error_description).toContain('bound to a key')
  })

  it('is refused with a token that lives too long, and hears how long one may', async () => {
    const long = { ...good, exp: NOW + 7201 }
    expect(await send('GET', await sign(long))).toMatchObject({
      status: 401,
      body: { error_description: expect.stringContaining('7201 seconds, and 7200 is the most') },
    })
    // Also when most of that is over.
    rig.clock.now += 7000_000
    expect((await send('GET', await sign(long))).status).toBe(401)
    rig.clock.now = START
    // Who didn't get it from the issuer hears nothing.
    await newKey('forger')
    const forged = await sign(long, { kid: 'forger' })
    expect((await send('GET', forged)).body.error_description).toBe('The token is not valid.')
  })

  it('isn’t anybody with a token of this service, though the settings called it an operator’s', async () => {
    const us = 'https://keys.example'
    const { tenant } = await newTenant(service)
    await sweep(service)
    const url = new URL(service.env.KEYHARBOR_OPERATOR_JWKS_URL ?? '')
    published = [...published, ...((await service.signing.jwks()).keys as JWK[])]
    url.searchParams.set('anew', '1')
    const env = {
      ...service.env,
      KEYHARBOR_OPERATOR_ISSUER: us,
      KEYHARBOR_OPERATOR_AUDIENCE: us,
      KEYHARBOR_OPERATOR_JWKS_URL: url.href,
    }
    const claims = { ...good, iss: us, aud: us, sub: `${tenant}.1`, tenant, gen: 1 }
    const app = createMainApp({ ...service, env })
    const ask = async (token: string) => {
      const request = new Request(`${us}/v1/tenants`, { headers: bearer(token) })
      const reply = await app.fetch(request, { address: '192.0.2.1', secure: true })
      return { status: reply.status, text: await reply.text() }
    }
    for (const typ of ['at+jwt', 'JWT'])
      expect(await ask(await service.signing.sign(claims, typ))).toEqual({
        status: 401,
        text: expect.stringContaining('Access tokens of this service are for its keys'),
      })
  })

  it('is refused without the scope that the route wants', async () => {
    const token = await sign({ ...good, scope: 'tenants:read' })
    expect((await send('GET', token)).status).toBe(200)
    expect((await send('POST', token, { slug: 'nope' })).status).toBe(403)
    const odd = await sign({ ...good, scope: ['tenants:read'] })
    expect((await send('GET', odd)).status).toBe(403)
  })

  it.each(['no JSON', '{}'])('is not refused for an issuer that answers %s', async (answer) => {
    garbage = answer
    const logged = vi.spyOn(service.log, 'error')
    expect((await send('GET', await sign(good))).status).toBe(503)
    // The log has what was wrong with it, and not what its caller hears.
    expect(logged.mock.lastCall?.[1]).toBeInstanceOf(Error)
    expect(logged.mock.lastCall?.[1]).not.toBeInstanceOf(Fault)
    logged.mockRestore()
    garbage = null
    expect((await send('GET', await sign(good))).status).toBe(200)
  })

  it('is refused with an unsigned token, an HMAC one, and one of an unknown key', async () => {
    const [, payload] = (await sign(good)).split('.')
    const none = `${Buffer.from('{"alg":"none","kid":"one"}').toString('base64url')}.${payload}.`
    const secret = new TextEncoder().encode(JSON.stringify(published[0]))
    const hmac = await new SignJWT(good)
      .setProtectedHeader({ alg: 'HS256', kid: 'one' })
      .sign(secret)
    await newKey('stranger')
    for (const token of [none, hmac, await sign(good, { kid: 'stranger' }), 'x', ''])
      expect((await send('GET', token)).status).toBe(401)
    expect((await send('GET', null)).status).toBe(401)
  })

  it('is heard over https only', async () => {
    expect((await send('GET', await sign(good), undefined, 'http')).status).toBe(400)
  })

  it('goes on after the issuer has changed its key', async () => {
    published = [await newKey('two')]
    // A new process reads the new set; a running one reads it again when it meets an unknown key.
    expect((await send('GET', await sign(good, { kid: 'two' }))).status).toBe(200)
    expect((await send('GET', await sign(good, { kid: 'one' }))).status).toBe(401)
  })
})
