/** The audit, over every route of the router, and over what the clock alone brings about. */
import { createServer, type Server } from 'node:http'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type App, createCheckApp } from '../../shared/http/app.ts'
import { sweep } from '../../shared/jobs/sweep.ts'
import { updateKey } from '../../shared/keys/change.ts'
import { SERVICE, type Who } from '../../shared/store/audit.ts'
import type { User } from '../../shared/store/user-items.ts'
import { routesOf } from '../http/kit.ts'
import { startSockets } from '../kit/peer.ts'
import { addKey, addUser, newTenant, type Rig, START, startRig } from '../kit/service.ts'
import { expectHeard, OF_ROUTES, type Said, said, watch } from './ledger.ts'

const { authority: _, maker: __, ...KEYHARBOR } = SERVICE
const ADDRESS = '198.51.100.7'

let rig: Rig
let issuer: Server
let operatorToken: string
let bob: User
let device: { id: number; raw: string }
beforeAll(async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const published = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one' }] })
  issuer = createServer((_, response) => response.end(published))
  await new Promise<void>((done) => issuer.listen(0, '127.0.0.1', done))
  const address = issuer.address()
  rig = await startRig({
    KEYHARBOR_OPERATOR_JWKS_URL: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`,
    KEYHARBOR_OPERATOR_ISSUER: 'https://issuer.example',
  })
  operatorToken = await new SignJWT({ scope: 'tenants:read tenants:write' })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setIssuer('https://issuer.example')
    .setAudience('keyharbor')
    .setSubject('op')
    .setIssuedAt(START / 1000)
    .setExpirationTime(START / 1000 + 3600)
    .sign(privateKey)
  const { tenant } = await newTenant(rig.service)
  bob = await addUser(rig.service, tenant, 'bob', ['READONLY_ADMIN'])
  const user = await addUser(rig.service, tenant, 'device', ['KEY_VALIDATE'])
  const { key, raw } = await addKey(rig.service, user)
  device = { id: key.id, raw: raw.reveal() }
  // Notes what is noted once: the data keys, the signing keys.
  await sweep(rig.service)
})
afterAll(async () => {
  issuer.close()
  await rig.close()
})

type Key = { readonly id: number; readonly raw: string }
const aKey = async (): Promise<Key> => {
  const { key, raw } = await addKey(rig.service, bob)
  return { id: key.id, raw: raw.reveal() }
}
/** The holder of a key, who acts by it. */
const holder = (key: Key, username = 'bob'): Who => ({
  username,
  keyId: key.id,
  address: ADDRESS,
})

type Ask = {
  readonly headers?: Readonly<Record<string, string>>
  readonly form?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly query?: string
  readonly proto?: string
}
type Row = () => Promise<{
  readonly ask?: Ask
  readonly status: number
  readonly leaves?: Said
  readonly actors?: readonly Who[]
}>

const reads =
  (status = 200, headers: Record<string, string> = {}): Row =>
  async () => ({ status, ask: { headers } })

const bearer = (raw: string) => ({ authorization: `Bearer ${raw}` })
const atGateway = (raw: string) => ({
  ...bearer(raw),
  'keyharbor-authorization': `Bearer ${device.raw}`,
})

const INSECURE = { revoked_reason: { to: 'Attempt to use over an insecure transport' } }

/** A good key that was received in clear, and what becomes of it. */
const heard =
  (ask: (key: Key) => Ask, status: number): Row =>
  async () => {
    const key = await aKey()
    return {
      status,
      ask: ask(key),
      leaves: { [`key.revoke.insecure ${key.id}`]: INSECURE },
      actors: [holder(key)],
    }
  }

const ROWS: Readonly<Record<string, readonly Row[]>> = {
  'GET /healthz': [reads()],
  'GET /readyz': [reads()],
  'GET /api/versions': [reads()],
  'GET /openapi.json': [reads()],
  'GET /oauth2/jwks': [reads()],
  'GET /.well-known/oauth-authorization-server': [reads()],
  'GET /.well-known/openid-configuration': [reads()],
  'GET /v1/tenants': [async () => ({ status: 200, ask: { headers: bearer(operatorToken) } })],
  'POST /v1/tenants': [
    async () => ({
      status: 201,
      ask: { headers: bearer(operatorToken), json: { slug: 'made-now' } },
      leaves: { 'tenant.create made-now': { name: { to: 'made-now' }, admin: { to: 'admin' } } },
      actors: [{ username: 'op', keyId: null, address: ADDRESS }],
    }),
  ],
  ...Object.fromEntries(
    (['suspend', 'resume'] as const).map((what) => [
      `POST /v1/tenants/${what}`,
      [
        async () => {
          const { tenant } = await newTenant(rig.service)
          if (what === 'resume')
            await rig.service.tenants.setSuspended(tenant, true, rig.clock.now, SERVICE)
          const slug = await rig.service.tenants.slugOf(tenant)
          const suspended = { from: what === 'resume', to: what === 'suspend' }
          return {
            status: 200,
            ask: { headers: bearer(operatorToken), json: { id: tenant } },
            leaves: { [`tenant.${what} ${slug}`]: { suspended } },
            actors: [{ username: 'op', keyId: null, address: ADDRESS }],
          }
        },
        // So already: nothing is done, and nothing said.
        async () => {
          const { tenant } = await newTenant(rig.service)
          if (what === 'suspend')
            await rig.service.tenants.setSuspended(tenant, true, rig.clock.now, SERVICE)
          return { status: 200, ask: { headers: bearer(operatorToken), json: { id: tenant } } }
        },
      ],
    ]),
  ),
  'POST /oauth2/introspect': [
    async () => ({
      status: 200,
      ask: { headers: bearer(device.raw), form: { token: (await aKey()).raw } },
    }),
    heard(
      ({ raw: token }) => ({
        headers: bearer(device.raw),
        form: { token, transport: 'http' },
      }),
      200,
    ),
  ],
  'POST /v1/introspect': [
    async () => ({
      status: 200,
      ask: { headers: bearer(device.raw), json: { tokens: [(await aKey()).raw] } },
    }),
    heard(
      ({ raw }) => ({ headers: bearer(device.raw), json: { tokens: [raw], transport: 'ws' } }),
      200,
    ),
  ],
  ...Object.fromEntries(
    ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((method) => [
      `${method} /v1/forward-auth`,
      [
        async () => ({ status: 200, ask: { headers: atGateway((await aKey()).raw) } }),
        heard(({ raw }) => ({ headers: atGateway(raw), query: '?transport=http' }), 401),
      ],
    ]),
  ),
  'POST /oauth2/revoke': [
    async () => {
      const key = await aKey()
      return {
        status: 200,
        ask: { form: { token: key.raw } },
        leaves: {
          [`key.revoke.asked ${key.id}`]: { revoked_reason: { to: 'Revoked by its holder' } },
        },
        actors: [holder(key)],
      }
    },
    heard(({ raw: token }) => ({ form: { token }, proto: 'http' }), 200),
  ],
  'POST /oauth2/token': [
    async () => ({ status: 200, ask: { form: clientOf(await aKey()) } }),
    heard((key) => ({ form: clientOf(key), proto: 'http' }), 401),
  ],
}

const clientOf = ({ id, raw }: Key) => ({
  grant_type: 'client_credentials',
  client_id: String(id),
  client_secret: raw,
})

const send = (app: App, method: string, path: string, ask: Ask): Promise<Response> => {
  const { headers = {}, form, json, query = '', proto = 'https' } = ask
  const body = form ? new URLSearchParams(form) : json === undefined ? null : JSON.stringify(json)
  const request = new Request(`https://keys.example${path}${query}`, { method, headers, body })
  return Promise.resolve(app.fetch(request, { address: ADDRESS, secure: proto === 'https' }))
}

describe('every route of the router', () => {
  const routes = () =>
    routesOf(rig.service).map((route) => ({ ...route, name: `${route.method} ${route.path}` }))

  it('has a row', () => {
    expect(
      routes()
        .map(({ name }) => name)
        .sort(),
      'give each route a row in ROWS of test/audit/routes.test.ts: a request, and the audit entries that it leaves',
    ).toEqual(Object.keys(ROWS).sort())
  })

  it.each(Object.keys(ROWS))('%s leaves what its rows say', async (name) => {
    const route = routes().find((one) => one.name === name)
    if (route === undefined) throw new Error(`there is no route ${name}`)
    for (const row of ROWS[name] ?? []) {
      const { ask = {}, status, leaves = {}, actors = [] } = await row()
      const left = await watch(rig.table, async () => {
        expect((await send(route.app, route.method, route.path, ask)).status).toBe(status)
      })
      expect(said(left)).toEqual(leaves)
      expect(left.entries.map(({ actor }) => actor)).toEqual(actors)
      const isSaid = Object.keys(leaves).length > 0
      expect(left.changed.length > 0, 'changed, and said so').toBe(isSaid)
    }
  })
})

describe('what nobody called for', () => {
  it('a caller’s own key over plain http: both keys are revoked, by who showed them', async () => {
    const user = await addUser(rig.service, bob.tenant, 'gateway', ['KEY_VALIDATE'])
    const made = await addKey(rig.service, user)
    const own = { id: made.key.id, raw: made.raw.reveal() }
    const asked = await aKey()
    const app = createCheckApp(rig.service)
    const left = await watch(rig.table, () =>
      send(app, 'POST', '/oauth2/introspect', {
        headers: bearer(own.raw),
        form: { token: asked.raw },
        proto: 'http',
      }),
    )
    expect(said(left)).toEqual({
      [`key.revoke.insecure ${own.id}`]: INSECURE,
      [`key.revoke.insecure ${asked.id}`]: INSECURE,
    })
    expect(left.entries.map(({ actor }) => actor)).toEqual(
      expect.arrayContaining([holder(own, 'gateway'), holder(asked)]),
    )
  })

  it('a login over ws://, and an enrolment token there', async () => {
    const sockets = startSockets(rig.service)
    const key = await aKey()
    const peer = await sockets.open({ proto: 'ws', address: ADDRESS })
    const login = await watch(rig.table, () => peer.call('auth.login_with_api_key', key.raw))
    expect(said(login)).toEqual({ [`key.revoke.insecure ${key.id}`]: INSECURE })
    expect(login.entries[0]?.actor).toEqual(holder(key))

    const admin = await rig.service.users.get(bob.tenant, 'admin')
    const { token } = await (await sockets.openAs(admin as User)).call<{ token: string }>(
      'device.invite',
      { name: 'nas' },
    )
    const enrolment = await watch(rig.table, () => peer.exchange('device.enroll', { token }))
    expect(said(enrolment)).toEqual({ 'device.invite.insecure nas': {} })
  })

  it('the end of a grace period, and of a key', async () => {
    const { key } = await addKey(rig.service, bob, { expires: rig.clock.now + 120_000 })
    await updateKey(rig.service, {
      ref: key,
      actor: SERVICE,
      update: { reset: true, graceSeconds: 60 },
    })
    for (const [event, changes] of [
      ['key.grace.end', { grace_until: { from: rig.clock.now + 60_000, to: null } }],
      ['key.revoke.expired', { revoked_reason: { from: null, to: 'Key expired' } }],
    ]) {
      rig.clock.now += 60_000
      const left = await watch(rig.table, () => sweep(rig.service))
      expect(said(left)).toEqual({ [`${event} ${key.id}`]: changes })
      expect(left.entries[0]).toMatchObject({ at: rig.clock.now, actor: KEYHARBOR })
    }
    const { changed, entries } = await watch(rig.table, () => sweep(rig.service))
    expect({ changed, entries }).toEqual({ changed: [], entries: [] })
  })

  it('is all that methods don’t bring about', () => expectHeard(OF_ROUTES))
})
