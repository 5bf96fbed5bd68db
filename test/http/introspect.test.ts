import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCheckApp } from '../../shared/http/app.ts'
import { revokeKey } from '../../shared/keys/revoke.ts'
import type { Service } from '../../shared/service.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import type { User } from '../../shared/store/user-items.ts'
import { addKey, addUser, newTenant, type Rig, startRig } from '../kit/service.ts'

let rig: Rig
let service: Service
let admin: User
let device: string
beforeAll(async () => {
  rig = await startRig()
  service = rig.service
  admin = await newTenant(service)
  const user = await addUser(service, admin.tenant, 'device', ['KEY_VALIDATE'])
  device = (await addKey(service, user)).raw.reveal()
})
afterAll(() => rig.close())

type Asked = {
  bearer?: string | null
  form?: Record<string, string> | string
  proto?: string
  headers?: Record<string, string>
}
const ask = async ({ bearer = device, form = {}, proto = 'https', headers = {} }: Asked) => {
  const request = new Request('https://keys.example/oauth2/introspect', {
    method: 'POST',
    body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
      ...headers,
    },
  })
  const reply = await createCheckApp(service).fetch(request, {
    address: '192.0.2.1',
    secure: proto === 'https',
  })
  return { status: reply.status, headers: reply.headers, body: await reply.json() }
}
const bentOf = (text: string): string => text.slice(0, -1) + (text.endsWith('0') ? '1' : '0')
const about = async (token: string, more: Record<string, string> = {}) =>
  (await ask({ form: { token, ...more } })).body

describe('introspection (RFC 7662)', () => {
  it('tells whose a good key is and what it may do', async () => {
    const expires = service.now() + 86_400_000
    const { key, raw } = await addKey(service, admin, { expires })
    const reply = await ask({ form: { token: raw.reveal() } })
    expect(reply.status).toBe(200)
    expect(reply.headers.get('cache-control')).toBe('no-store')
    expect(reply.body).toEqual({
      active: true,
      client_id: String(key.id),
      sub: String(admin.uid),
      username: 'admin',
      scope: 'FULL_ADMIN',
      token_type: 'Bearer',
      iat: Math.floor(key.createdAt / 1000),
      exp: expires / 1000,
    })
  })

  it('is exactly {"active":false} for whatever is not a good key of this tenant', async () => {
    const expired = await addKey(service, admin, { expires: service.now() + 1 })
    rig.clock.now += 1
    const revoked = await addKey(service, admin)
    await revokeKey(service, {
      ref: revoked.key,
      actor: SERVICE,
      cause: 'asked',
    })
    const { raw: foreign } = await addKey(service, await newTenant(service))
    const { raw: good } = await addKey(service, admin)
    const text = good.reveal()
    const bent = bentOf(text)
    for (const token of [expired.raw.reveal(), revoked.raw.reveal(), foreign.reveal(), bent, 'x'])
      expect(await about(token)).toEqual({ active: false })
    expect(await about(text)).toMatchObject({ active: true })
  })

  it('may ask about the very key that asks', async () => {
    expect(await about(device)).toMatchObject({ active: true, scope: 'KEY_VALIDATE' })
  })

  it.each([
    ['no credentials', null, 401],
    ['garbage', 'x', 401],
  ])('refuses a caller with %s', async (_, bearer, status) => {
    const reply = await ask({ bearer, form: { token: 'x' } })
    expect(reply.status).toBe(status)
    expect(reply.headers.get('www-authenticate')).toMatch(/^Bearer realm="keyharbor"/)
  })

  it('refuses a caller whose user lacks KEY_VALIDATE', async () => {
    const user = await addUser(service, admin.tenant, 'reader', ['API_KEY_WRITE'])
    const { raw } = await addKey(service, user)
    const reply = await ask({ bearer: raw.reveal(), form: { token: device } })
    expect(reply).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } })
  })

  it.each([
    ['no token', ''],
    ['an empty token', 'token='],
    ['a token twice', 'token=a&token=b'],
    ['an unknown transport', 'token=a&transport=carrier-pigeon'],
  ])('is a bad request with %s', async (_, form) => {
    expect(await ask({ form })).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
  })

  it('is a bad request in another format than the standard’s', async () => {
    const reply = await ask({ form: '{}', headers: { 'content-type': 'application/json' } })
    expect(reply.status).toBe(400)
  })

  it.each([
    ['of a device: both keys in one request', 1, () => device],
    ['of somebody whose text is no key: none', 0, () => 'nonsense'],
    ['of somebody whose key has a wrong checksum: none', 0, () => bentOf(device)],
  ])('costs so many reads and no call of KMS when it is that %s', async (_, cost, bearer) => {
    const { raw } = await addKey(service, admin)
    await about(raw.reveal())
    rig.kmsCalls.length = 0
    let reads = 0
    const forCheck: Service['keys']['forCheck'] = (refs) => {
      reads++
      return service.keys.forCheck(refs)
    }
    const counting = { ...service, keys: { ...service.keys, forCheck } }
    const form = new URLSearchParams({ token: raw.reveal() })
    const request = new Request('https://keys.example/oauth2/introspect', {
      method: 'POST',
      body: form,
      headers: { authorization: `Bearer ${bearer()}` },
    })
    await createCheckApp(counting).fetch(request, { address: '192.0.2.1', secure: true })
    expect({ reads, kms: rig.kmsCalls.length }).toEqual({ reads: cost, kms: 0 })
  })
})

describe('a key over an unencrypted connection', () => {
  it('is revoked when the device says so, and only for its own tenant', async () => {
    const { key, raw } = await addKey(service, admin)
    const other = await addKey(service, await newTenant(service))
    expect(await about(other.raw.reveal(), { transport: 'ws' })).toEqual({ active: false })
    expect(await about(raw.reveal(), { transport: 'https' })).toMatchObject({ active: true })
    expect(await about(raw.reveal(), { transport: 'http' })).toEqual({ active: false })
    const [own] = await service.keys.byNumbers(admin.tenant, [key.n])
    const [foreign] = await service.keys.byNumbers(other.key.tenant, [other.key.n])
    expect(own?.revoked).toMatchObject({ reason: 'Attempt to use over an insecure transport' })
    expect(foreign?.revoked).toBeNull()
  })

  it('is revoked when it asks over plain http, with the key it asks about', async () => {
    const user = await addUser(service, admin.tenant, 'careless', ['KEY_VALIDATE'])
    const caller = await addKey(service, user)
    const asked = await addKey(service, admin)
    const reply = await ask({
      bearer: caller.raw.reveal(),
      form: { token: asked.raw.reveal() },
      proto: 'http',
    })
    expect(reply).toMatchObject({ status: 401, body: { error: 'invalid_token' } })
    const keys = await service.keys.byNumbers(admin.tenant, [caller.key.n, asked.key.n])
    expect(keys.map(({ revoked }) => revoked?.cause)).toEqual(['insecure', 'insecure'])
  })

  it('is left alone in a test rig that allows it', async () => {
    const { raw } = await addKey(service, admin)
    const env = { ...service.env, KEYHARBOR_ALLOW_INSECURE: true }
    const request = new Request('http://keys.example/oauth2/introspect', {
      method: 'POST',
      body: new URLSearchParams({ token: raw.reveal(), transport: 'http' }),
      headers: { authorization: `Bearer ${device}` },
    })
    const app = createCheckApp({ ...service, env })
    const reply = await app.fetch(request, { address: '192.0.2.1', secure: false })
    expect(await reply.json()).toMatchObject({ active: true })
  })
})
