import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createCheckApp } from '../../shared/http/app.ts'
import { sweep } from '../../shared/jobs/sweep.ts'
import { LONGEST_SCOPE } from '../../shared/keys/access-token.ts'
import { revokeKey } from '../../shared/keys/revoke.ts'
import type { Service } from '../../shared/service.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import type { User } from '../../shared/store/user-items.ts'
import { addKey, addUser, newTenant, type Rig, startRig } from '../kit/service.ts'
import { bearer, send } from './kit.ts'

let rig: Rig
let service: Service
let user: User
let id: string
let secret: string
beforeAll(async () => {
  rig = await startRig()
  service = rig.service
  const { tenant } = await newTenant(service)
  user = await addUser(service, tenant, 'device', ['KEY_VALIDATE', 'API_KEY_WRITE'])
  await sweep(service)
})
afterAll(() => rig.close())
beforeEach(async () => {
  ;[id = '', secret = ''] = (await addKey(service, user)).raw.reveal().split('-')
})

type Asked = {
  form?: Record<string, string> | string
  basic?: string | null
  headers?: Record<string, string>
  proto?: string
  host?: string
  from?: Service
}
const GRANT = { grant_type: 'client_credentials' }
const ask = async ({ form = GRANT, basic, headers = {}, proto = 'https', host, from }: Asked) => {
  const credentials = basic === undefined ? `${id}:${secret}` : basic
  const request = new Request('https://keys.example/oauth2/token', {
    method: 'POST',
    body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(credentials !== null && {
        authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      }),
      ...headers,
    },
  })
  const reply = await createCheckApp(from ?? service).fetch(request, {
    address: '192.0.2.1',
    secure: proto === 'https',
    ...(host !== undefined && { host }),
  })
  const body = (await reply.json()) as Record<string, string>
  return { status: reply.status, headers: reply.headers, body }
}
const claimsOf = async (token = '', issuer = 'https://keys.example') => {
  const verdict = await service.accessTokens.verify(token, issuer)
  if (verdict.state !== 'active') throw new Error(verdict.state)
  return verdict.claims
}

describe('the client credentials grant (RFC 6749 §4.4)', () => {
  it('takes a parameter without a value as one that is left out', async () => {
    const { status, body } = await ask({ form: { ...GRANT, scope: '' } })
    expect({ status, scope: body.scope }).toEqual({
      status: 200,
      scope: 'KEY_VALIDATE API_KEY_WRITE',
    })
  })

  it('gives a token with the rights of the key’s user, for five minutes', async () => {
    const reply = await ask({})
    expect(reply.status).toBe(200)
    expect(reply.body).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: 'Bearer',
      expires_in: 300,
      scope: 'KEY_VALIDATE API_KEY_WRITE',
    })
    expect(reply.headers.get('cache-control')).toBe('no-store')
    expect(reply.headers.get('pragma')).toBe('no-cache')
    expect(await claimsOf(reply.body.access_token)).toMatchObject({
      id: Number(id),
      uid: user.uid,
      tenant: user.tenant,
      roles: user.roles,
    })
  })

  it.each([
    ['the whole key by Basic', () => ({ basic: `${id}:${id}-${secret}` })],
    [
      'the secret in the form',
      () => ({ basic: null, form: { ...GRANT, client_id: id, client_secret: secret } }),
    ],
    [
      'the whole key in the form',
      () => ({ basic: null, form: { ...GRANT, client_id: id, client_secret: `${id}-${secret}` } }),
    ],
  ])('takes %s', async (_, asked) => {
    expect(await ask(asked())).toMatchObject({ status: 200 })
  })

  it('gives less where less is asked for, also what a role includes', async () => {
    const scope = 'API_KEY_READ KEY_VALIDATE API_KEY_READ'
    const { body } = await ask({ form: { ...GRANT, scope } })
    expect(body.scope).toBe('API_KEY_READ KEY_VALIDATE')
    expect((await claimsOf(body.access_token)).roles).toEqual(['API_KEY_READ', 'KEY_VALIDATE'])
  })

  it('is told of as its key is, but for its times', async () => {
    const { access_token } = (await ask({})).body
    const about = async (text: string | undefined) => {
      const request = new Request('https://keys.example/oauth2/introspect', {
        method: 'POST',
        body: new URLSearchParams({ token: text ?? '' }),
        headers: { authorization: `Bearer ${id}-${secret}` },
      })
      const env = { address: '192.0.2.1', secure: true }
      const reply = await createCheckApp(service).fetch(request, env)
      const { iat, exp, ...told } = (await reply.json()) as Record<string, unknown>
      return told
    }
    expect(await about(access_token)).toEqual(await about(`${id}-${secret}`))
    expect(await about(access_token)).toMatchObject({ active: true, sub: String(user.uid) })
  })

  it('gives no longer than the key lives', async () => {
    const { raw } = await addKey(service, user, { expires: rig.clock.now + 10_000 })
    expect((await ask({ basic: raw.reveal().replace('-', ':') })).body.expires_in).toBe(10)
  })

  it('issues for the host that was asked for, or the issuer that is set', async () => {
    const named = await ask({ host: 'acme.keys.example:8443' })
    await claimsOf(named.body.access_token, 'https://acme.keys.example:8443')
    const env = { ...service.env, KEYHARBOR_ISSUER: 'https://fixed.example' }
    const fixed = await ask({ from: { ...service, env }, host: 'acme.keys.example' })
    await claimsOf(fixed.body.access_token, 'https://fixed.example')
  })

  it('costs one read of the key, and no call of KMS', async () => {
    await ask({})
    let reads = 0
    const forCheck: Service['keys']['forCheck'] = (refs) => {
      reads++
      return service.keys.forCheck(refs)
    }
    rig.kmsCalls.length = 0
    await ask({ from: { ...service, keys: { ...service.keys, forCheck } } })
    expect({ reads, kms: rig.kmsCalls }).toEqual({ reads: 1, kms: [] })
    await ask({ basic: 'x:y', from: { ...service, keys: { ...service.keys, forCheck } } })
    expect(reads).toBe(1)
  })
})

describe('refusals (RFC 6749 §5.2)', () => {
  const bent = (): string => `${secret.slice(0, -1)}${secret.endsWith('0') ? '1' : '0'}`
  it.each<[string, () => Asked, number, string]>([
    ['no credentials', () => ({ basic: null }), 401, 'invalid_client'],
    [
      'an id only',
      () => ({ basic: null, form: { ...GRANT, client_id: id } }),
      401,
      'invalid_client',
    ],
    ['garbage', () => ({ basic: 'x:y' }), 401, 'invalid_client'],
    [
      'Basic that is none',
      () => ({ basic: null, headers: { authorization: 'Basic %' } }),
      401,
      'invalid_client',
    ],
    ['a wrong checksum', () => ({ basic: `${id}:${bent()}` }), 401, 'invalid_client'],
    [
      "another key's id",
      () => ({ basic: `${Number(id) + 1}:${id}-${secret}` }),
      401,
      'invalid_client',
    ],
    [
      'both ways at once',
      () => ({ form: { ...GRANT, client_secret: secret } }),
      400,
      'invalid_request',
    ],
    ['no grant', () => ({ form: { scope: 'KEY_VALIDATE' } }), 400, 'invalid_request'],
    [
      'a parameter twice',
      () => ({ form: 'grant_type=client_credentials&grant_type=client_credentials' }),
      400,
      'invalid_request',
    ],
    [
      'JSON',
      () => ({ form: '{}', headers: { 'content-type': 'application/json' } }),
      400,
      'invalid_request',
    ],
    ['another grant', () => ({ form: { grant_type: 'password' } }), 400, 'unsupported_grant_type'],
    [
      'a role that the user lacks',
      () => ({ form: { ...GRANT, scope: 'KEY_VALIDATE FULL_ADMIN' } }),
      400,
      'invalid_scope',
    ],
    [
      'a scope that is no list',
      () => ({ form: { ...GRANT, scope: 'KEY_VALIDATE  API_KEY_READ' } }),
      400,
      'invalid_scope',
    ],
  ])('with %s', async (_, asked, status, error) => {
    const reply = await ask(asked())
    expect(reply).toMatchObject({ status, body: { error } })
    expect(reply.headers.get('cache-control')).toBe('no-store')
    expect(reply.headers.get('www-authenticate')?.startsWith('Basic ') ?? false).toBe(
      status === 401,
    )
    expect(JSON.stringify(reply.body)).not.toContain(secret)
  })

  it('tells the holder of the secret that the key is revoked, and nobody else anything', async () => {
    const { key, raw } = await addKey(service, user)
    await revokeKey(service, { ref: key, actor: SERVICE, cause: 'asked' })
    const own = await ask({ basic: raw.reveal().replace('-', ':') })
    expect(own).toMatchObject({
      status: 401,
      body: { error: 'invalid_client', error_description: 'The key is revoked.' },
    })
    // Of the right form, and of keys that are there, are not, and are another's.
    const foreign = await addKey(service, await newTenant(service))
    const [, otherSecret = ''] = foreign.raw.reveal().split('-')
    const said = new Set<string>()
    for (const client of [
      `${key.id}:${otherSecret}`,
      `${foreign.key.id}:${secret}`,
      '1000000999:x',
    ])
      said.add(JSON.stringify(await ask({ basic: client })))
    expect(said.size).toBe(1)
  })

  it('with more roles than a token can carry, unless fewer are asked for', async () => {
    const roles = Array.from({ length: 80 }, (_, n) => `R${n}_${'X'.repeat(LONGEST_SCOPE / 80)}`)
    const mighty = await addUser(service, user.tenant, 'mighty', [...roles, 'KEY_VALIDATE'])
    const { raw } = await addKey(service, mighty)
    const basic = raw.reveal().replace('-', ':')
    expect(await ask({ basic })).toMatchObject({ status: 400, body: { error: 'invalid_scope' } })
    expect(await ask({ basic, form: { ...GRANT, scope: 'KEY_VALIDATE' } })).toMatchObject({
      status: 200,
    })
  })
})

describe('a key over plain http', () => {
  it.each<[string, () => Asked]>([
    ['by Basic', () => ({})],
    ['in the form', () => ({ basic: null, form: { client_id: id, client_secret: secret } })],
    ['whatever grant it asks for', () => ({ form: { grant_type: 'password' } })],
  ])('is revoked, and gets no token: %s', async (_, asked) => {
    expect(await ask({ ...asked(), proto: 'http' })).toMatchObject({
      status: 401,
      body: { error: 'invalid_client', error_description: expect.stringContaining('revoked') },
    })
    expect(await ask({})).toMatchObject({
      status: 401,
      body: { error_description: 'The key is revoked.' },
    })
  })
})

describe('an access token', () => {
  const granted = async (scope: string) => (await ask({ form: { ...GRANT, scope } })).body
  const check = (by: string, form: Record<string, string>, proto = 'https') =>
    send(service, '/oauth2/introspect', { headers: bearer(by), form, proto })

  it('proves its caller, as far as it was given the right to ask', async () => {
    const token = `${id}-${secret}`
    const { access_token: good = '' } = await granted('KEY_VALIDATE')
    expect(await check(good, { token })).toMatchObject({ status: 200, body: { active: true } })
    const { access_token: other = '' } = await granted('API_KEY_READ')
    expect(await check(other, { token })).toMatchObject({
      status: 403,
      body: { error: 'insufficient_scope' },
    })
  })

  it('that came in clear is refused, and its key stays good, for nobody saw that', async () => {
    const key = `${id}-${secret}`
    const { access_token: token = '' } = await granted('KEY_VALIDATE')
    expect(await check(token, { token }, 'http')).toMatchObject({
      status: 401,
      body: { error_description: 'The access token came over http. Use https.' },
    })
    const sent = await check(key, { token, transport: 'http' })
    expect(sent).toMatchObject({ status: 200, text: '{"active":false}' })
    expect(await check(key, { token })).toMatchObject({ body: { active: true } })
  })
})
