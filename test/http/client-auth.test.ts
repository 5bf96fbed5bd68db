/**
 * How a client authenticates, at each endpoint that the metadata names: by every method that the metadata has for it, by
 * one at a time, and with whatever else libraries put into the form.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMainApp } from '../../shared/http/app.ts'
import { sweep } from '../../shared/jobs/sweep.ts'
import { revokeKey } from '../../shared/keys/revoke.ts'
import type { Service } from '../../shared/service.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import type { User } from '../../shared/store/user-items.ts'
import { addKey, addUser, newTenant, type Rig, startRig } from '../kit/service.ts'
import { asClient, bearer, bentOf, countReads, send } from './kit.ts'

let rig: Rig
let service: Service
let user: User
let device: string
let metadata: Record<string, string & readonly string[]>
beforeAll(async () => {
  rig = await startRig()
  service = rig.service
  const { tenant } = await newTenant(service)
  // Makes the key that signs.
  await sweep(service)
  user = await addUser(service, tenant, 'device', ['KEY_VALIDATE'])
  device = await newKey()
  const request = new Request('https://keys.example/.well-known/openid-configuration')
  const reply = await createMainApp(service).fetch(request, {
    address: '192.0.2.1',
    secure: true,
  })
  metadata = (await reply.json()) as typeof metadata
})
afterAll(() => rig.close())

const newKey = async (): Promise<string> => (await addKey(service, user)).raw.reveal()
const posted = (raw: string) => {
  const [client_id = '', client_secret = ''] = raw.split('-')
  return { client_id, client_secret }
}

type Sent = { headers?: Record<string, string>; form?: Record<string, string> }
/** By the names of the IANA registry "OAuth Token Endpoint Authentication Methods", and of access token types. */
const METHODS: Readonly<Record<string, (raw: string) => Sent>> = {
  none: () => ({}),
  Bearer: (raw) => ({ headers: bearer(raw) }),
  client_secret_basic: (raw) => ({ headers: asClient(raw) }),
  client_secret_post: (raw) => ({ form: posted(raw) }),
}

const ENDPOINTS = ['token', 'introspection', 'revocation'] as const
type Endpoint = (typeof ENDPOINTS)[number]

const ask = async (endpoint: Endpoint, { headers = {}, form = {} }: Sent, more = '') => {
  const { pathname } = new URL(metadata[`${endpoint}_endpoint`] ?? '')
  const fields = { grant_type: 'client_credentials', token: await newKey(), ...form }
  const body = `${new URLSearchParams(fields)}${more}`
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  return send(service, pathname, { body, headers: { ...type, ...headers } })
}

describe.each(ENDPOINTS)('the %s endpoint', (endpoint) => {
  const supported = () => metadata[`${endpoint}_endpoint_auth_methods_supported`] ?? []

  it('takes each method that the metadata has for it, the two of RFC 6749 among them', async () => {
    expect(supported()).toEqual(
      expect.arrayContaining(['client_secret_basic', 'client_secret_post']),
    )
    for (const method of supported()) {
      const by = METHODS[method]
      if (by === undefined) throw new Error(`no case for ${method}`)
      const reply = await ask(endpoint, by(device))
      expect([method, reply.status]).toEqual([method, 200])
      if (endpoint === 'introspection') expect(reply.body).toMatchObject({ active: true })
      if (endpoint === 'token') expect(reply.body).toHaveProperty('access_token')
    }
  })

  it('refuses a wrong secret, by either method, with a challenge and as no client', async () => {
    for (const { headers = {}, form = {} } of [
      METHODS.client_secret_basic?.(bentOf(device)) ?? {},
      METHODS.client_secret_post?.(bentOf(device)) ?? {},
      { form: { client_id: posted(device).client_id, client_secret: 'x' } },
      { form: { client_secret: device } },
    ]) {
      const reply = await ask(endpoint, { headers, form })
      expect(reply).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
      expect(reply.headers.get('www-authenticate')).toMatch(/^Basic realm="keyharbor"/)
    }
  })

  it('takes one method a request', async () => {
    const [basic, form] = [asClient(device), posted(device)]
    for (const headers of [basic, bearer(device), { authorization: 'Digest x' }]) {
      const reply = await ask(endpoint, { headers, form })
      expect(reply).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
      expect(reply.body.error_description).toContain('once')
    }
  })

  it('tells the holder of a revoked key what it is, and nobody else', async () => {
    const { key, raw } = await addKey(service, user)
    await revokeKey(service, { ref: key, actor: SERVICE, cause: 'asked' })
    const said = async (text: string) => (await ask(endpoint, { form: posted(text) })).text
    expect(await said(raw.reveal())).toContain('The key is revoked.')
    expect(await said(bentOf(raw.reveal()))).not.toContain('revoked')
  })

  it('leaves alone what it doesn’t understand, also twice, and takes what it does once', async () => {
    const twice = '&resource=https%3A%2F%2Fa.example&resource=https%3A%2F%2Fb.example&audience=x'
    expect((await ask(endpoint, METHODS.client_secret_post?.(device) ?? {}, twice)).status).toBe(
      200,
    )
    const { client_id } = posted(device)
    const [known] = endpoint === 'token' ? ['grant_type'] : ['token']
    for (const more of [
      `&${known}=x`,
      `&client_id=${client_id}`,
      '&client_secret=x',
      '&client_id=',
    ]) {
      const reply = await ask(endpoint, METHODS.client_secret_post?.(device) ?? {}, more)
      expect(reply).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
      const name = more.slice(1).split('=')[0]
      expect(reply.body.error_description).toBe(
        `The parameter \`${name}\` is given more than once.`,
      )
    }
  })
})

describe('a client that authenticates by the form', () => {
  it('costs no more reads than one by the header', async () => {
    const { counted, service: counting } = countReads(service)
    const form = { token: await newKey(), ...posted(device) }
    expect((await send(counting, '/oauth2/introspect', { form })).status).toBe(200)
    expect(counted).toEqual({ reads: 1, keys: 2 })
  })

  it('loses the key that came in clear, and the one it asked about', async () => {
    const [by, token] = [await addKey(service, user), await addKey(service, user)]
    const form = { token: token.raw.reveal(), ...posted(by.raw.reveal()) }
    const reply = await send(service, '/oauth2/introspect', { form, proto: 'http' })
    expect(reply).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    const kept = await service.keys.byNumbers(user.tenant, [by.key.n, token.key.n])
    expect(kept.map(({ revoked }) => revoked?.cause)).toEqual(['insecure', 'insecure'])
  })
})

describe('a key that is to be ended', () => {
  const isRevoked = async (n: number) =>
    (await service.keys.byNumbers(user.tenant, [n]))[0]?.revoked?.cause

  it('ends by itself, or with a good client beside it, and never with a bad one', async () => {
    const { key, raw } = await addKey(service, user)
    const end = (sent: Sent) =>
      send(service, '/oauth2/revoke', {
        headers: sent.headers ?? {},
        form: { token: raw.reveal(), ...sent.form },
      })
    expect((await end({ form: posted(bentOf(device)) })).status).toBe(401)
    expect((await end({ headers: asClient(bentOf(device)) })).status).toBe(401)
    expect(await isRevoked(key.n)).toBeUndefined()
    expect((await end({ form: posted(device) })).status).toBe(200)
    expect(await isRevoked(key.n)).toBe('asked')
  })

  it('came in clear with its client: both end', async () => {
    const [by, token] = [await addKey(service, user), await addKey(service, user)]
    const form = { token: token.raw.reveal(), ...posted(by.raw.reveal()) }
    const reply = await send(service, '/oauth2/revoke', { form, proto: 'http' })
    expect(reply).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    expect([await isRevoked(by.key.n), await isRevoked(token.key.n)]).toEqual([
      'insecure',
      'insecure',
    ])
  })
})
