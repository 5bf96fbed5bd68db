/**
 * Two tenants, every method and every route. The lists come from the registry and the router: a new
 * method or route without a row here fails the test, so that none can be forgotten.
 */
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encode } from '../shared/domain/ejson.ts'
import type { App } from '../shared/http/app.ts'
import { METHODS } from '../shared/methods/index.ts'
import type { User } from '../shared/store/user-items.ts'
import { routesOf } from './http/kit.ts'
import { type Peer, type Sockets, startSockets } from './kit/peer.ts'
import { addKey, addUser, newTenant, type Rig, startRig } from './kit/service.ts'

const OTHERS = 'foreign-name'

let rig: Rig
let sockets: Sockets
let mine: User
let theirs: {
  admin: User
  id: number
  uid: number
  raw: string
  sessionId: string
  token: string
  device: number
  invitation: string
}
let validator: string

const login = async (raw: string): Promise<Peer> => {
  const peer = await sockets.open()
  expect(await peer.call('auth.login_with_api_key', raw)).toBe(true)
  return peer
}

beforeAll(async () => {
  rig = await startRig({ KEYHARBOR_OPERATOR_JWKS_URL: 'http://127.0.0.1:9/jwks.json' })
  sockets = startSockets(rig.service)
  mine = await newTenant(rig.service)
  // Numbers that the other tenant's users and keys have, mine must not have.
  const admin = await newTenant(rig.service)
  for (let i = 0; i < 5; i++) await addUser(rig.service, admin.tenant, `${OTHERS}-${i}`, ['X_READ'])
  const user = await addUser(rig.service, admin.tenant, OTHERS, ['FULL_ADMIN'])
  for (let i = 0; i < 5; i++) await addKey(rig.service, user, { name: `${OTHERS} ${i}` })
  const { key, raw } = await addKey(rig.service, user, { name: OTHERS })
  const peer = await login(raw.reveal())
  await peer.call('core.subscribe', '*')
  const [session] = await peer.call<{ id: string }[]>('auth.sessions')
  const token = await peer.call<string>('auth.generate_token', 86_400, {}, true)
  const invited = () => peer.call<{ token: string }>('device.invite', {})
  const enrolled = await peer.call<{ id: number }>('device.enroll', {
    token: (await invited()).token,
    name: `${OTHERS} device`,
    model: OTHERS,
  })
  theirs = {
    admin,
    device: enrolled.id,
    invitation: (await invited()).token,
    id: key.id,
    uid: user.uid,
    raw: raw.reveal(),
    sessionId: session?.id ?? '',
    token,
  }
  const device = await addUser(rig.service, mine.tenant, 'device', ['KEY_VALIDATE'])
  validator = (await addKey(rig.service, device)).raw.reveal()
})
afterAll(() => rig.close())

/** All that the table has of the other tenant. */
const theirItems = async (): Promise<unknown[]> => {
  const client = new DynamoDBClient({})
  const items: Record<string, unknown>[] = []
  let start: Record<string, never> | undefined
  do {
    const page = await client.send(
      new ScanCommand({ TableName: rig.table, ExclusiveStartKey: start }),
    )
    items.push(...(page.Items ?? []).map((item) => unmarshall(item)))
    start = page.LastEvaluatedKey as typeof start
  } while (start !== undefined)
  const tenant = theirs.admin.tenant
  return items
    .filter(({ pk }) => pk === `T#${tenant}` || String(pk).startsWith(`T#${tenant}#`))
    .sort((a, b) => `${a.pk} ${a.sk}`.localeCompare(`${b.pk} ${b.sk}`))
}

/** What an administrator of my tenant tries on the other one, and the like on what doesn't exist. */
type Tries = readonly { readonly theirs: unknown[]; readonly nobodys: unknown[] }[]
/** @param _why it names nothing that could be another's. */
const none = (_why: string): Tries => []
const byId = (...rest: unknown[]): Tries => [
  { theirs: [theirs.id, ...rest], nobodys: [theirs.id + 400, ...rest] },
]
const byDevice = (): Tries => [{ theirs: [theirs.device], nobodys: [theirs.device + 400] }]
const byUid = (...rest: unknown[]): Tries => [
  { theirs: [theirs.uid, ...rest], nobodys: [theirs.uid + 400, ...rest] },
]
const byName = (wrap: (username: string) => unknown[]): Tries => [
  { theirs: wrap(OTHERS), nobodys: wrap('nobody-name') },
]
const listing = (): Tries => [
  { theirs: [], nobodys: [] },
  { theirs: [[['id', '=', theirs.id]]], nobodys: [[['id', '=', theirs.id + 400]]] },
  { theirs: [[['username', '=', OTHERS]]], nobodys: [[['username', '=', 'nobody-name']]] },
]

const ROWS: Readonly<Record<string, () => Tries>> = {
  'core.set_options': () => none('it is about its own socket'),
  'core.ping': () => none('it takes nothing'),
  'core.subscribe': () => [{ theirs: ['api_key.query'], nobodys: ['api_key.query'] }],
  'core.unsubscribe': () => [{ theirs: [theirs.sessionId], nobodys: ['unknown'] }],
  'core.get_jobs': listing,
  'core.get_services': () => none('all hear the same'),
  'core.get_methods': () => none('all of the same roles hear the same'),
  'auth.mechanism_choices': () => none('all hear the same'),
  // A login proves who one is; with the other's own secrets one is the other. Without, see below.
  'auth.login_ex': () => [
    {
      theirs: [{ mechanism: 'TOKEN_PLAIN', token: theirs.token }],
      nobodys: [{ mechanism: 'TOKEN_PLAIN', token: theirs.token.replace(/.$/, '_') }],
    },
    {
      theirs: [{ mechanism: 'PASSWORD_PLAIN', username: OTHERS, password: 'correct horse' }],
      nobodys: [{ mechanism: 'PASSWORD_PLAIN', username: 'nobody', password: 'correct horse' }],
    },
  ],
  'auth.login_ex_continue': () => none("it goes on with its own socket's login"),
  'auth.login': () => [{ theirs: [OTHERS, 'correct horse'], nobodys: ['nobody', 'correct horse'] }],
  'auth.login_with_api_key': () => [
    {
      theirs: [`${theirs.id}-${validator.split('-')[1]}`],
      nobodys: [`${theirs.id + 400}-${validator.split('-')[1]}`],
    },
  ],
  'auth.login_with_token': () => [
    { theirs: [theirs.token], nobodys: [theirs.token.replace(/.$/, '_')] },
  ],
  'auth.generate_token': () => none('it is for its own session'),
  'auth.logout': () => none('it ends its own session'),
  'auth.me': () => none('it takes nothing'),
  'auth.sessions': listing,
  'auth.terminate_session': () => [{ theirs: [theirs.sessionId], nobodys: ['unknown'] }],
  'auth.terminate_other_sessions': () => [{ theirs: [], nobodys: [] }],
  'api_key.query': listing,
  'api_key.get_instance': () => byId(),
  'api_key.my_keys': () => none('it takes nothing'),
  'api_key.last_used': () => [{ theirs: [[theirs.id]], nobodys: [[theirs.id + 400]] }],
  'api_key.create': () => byName((username) => [{ name: `for ${username}`.slice(0, 6), username }]),
  'api_key.update': () => [...byId({ reset: true }), ...byId({ name: 'stolen' })],
  'api_key.revoke': () => byId(),
  'api_key.delete': () => byId(),
  'api_key.convert_raw_key': () => [
    { theirs: [theirs.raw], nobodys: [theirs.raw.replace(/.$/, '_')] },
  ],
  // An invitation opens its own tenant to who has it; one that is nearly it, and one for another tenant, don't.
  'device.invite': () => none('whom it names is not there yet'),
  'device.enroll': () => {
    const near = theirs.invitation.replace(/.$/, (last) => (last === 'A' ? 'E' : 'A'))
    const elsewhere = theirs.invitation.replace(/^\d+/, String(mine.tenant))
    const nowhere = near.replace(/^\d+/, '9000000')
    return [near, elsewhere].map((token) => ({
      theirs: [{ token, name: 'x' }],
      nobodys: [{ token: nowhere, name: 'x' }],
    }))
  },
  'device.query': () => [
    { theirs: [], nobodys: [] },
    { theirs: [[['id', '=', theirs.device]]], nobodys: [[['id', '=', theirs.device + 400]]] },
    { theirs: [[['name', '^', OTHERS]]], nobodys: [[['name', '^', 'nobody']]] },
  ],
  'device.get_instance': () => byDevice(),
  'device.delete': () => byDevice(),
  'user.query': listing,
  'user.get_instance': () => byUid(),
  'user.create': () => none('whom it names is not there yet'),
  'user.update': () => byUid({ locked: true }),
  'user.delete': () => byUid(),
  'user.set_password': () => byName((username) => [{ username, new_password: 'long enough' }]),
  'user.renew_2fa_secret': () => byName((username) => [username, {}]),
  'user.confirm_2fa_secret': () => byName((username) => [username, { code: '123456' }]),
  'user.unset_2fa_secret': () => byName((username) => [username]),
}

/** An answer without what differs between any two calls: ids that were sent, names, fresh uuids. */
const alike = (answer: Record<string, unknown>): string =>
  encode({ ...answer, id: null })
    // First: there may be any number in one.
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'U')
    .replaceAll(String(theirs.id + 400), 'N')
    .replaceAll(String(theirs.id), 'N')
    .replaceAll(String(theirs.device + 400), 'N')
    .replaceAll(String(theirs.device), 'N')
    .replaceAll(String(theirs.uid + 400), 'N')
    .replaceAll(`User ${theirs.uid} `, 'User N ')
    .replaceAll('Not a valid raw API key', 'Key does not exist.')

describe('every method of the registry', () => {
  it('has a row, and no row is left over', () => {
    const why =
      'give each method a row in ROWS of test/tenants.test.ts: what it tries on another tenant'
    expect(Object.keys(ROWS).sort(), why).toEqual([...METHODS.keys()].sort())
  })

  it.each([...METHODS.keys()])('%s sees and touches nothing of another tenant', async (name) => {
    for (const tries of ROWS[name]?.() ?? []) {
      const before = await theirItems()
      rig.clock.now += 1
      const peer = await login((await addKey(rig.service, mine)).raw.reveal())
      // Other addresses than the token's and new sockets: nothing is shared but the tenant.
      const onTheirs = await peer.exchange(name, ...tries.theirs)
      // A login of the very moment in which all others were ended would be one of them.
      rig.clock.now += 1
      const again = await login((await addKey(rig.service, mine)).raw.reveal())
      const onNobodys = await again.exchange(name, ...tries.nobodys)
      const said = encode(onTheirs)
      expect(said).not.toContain(OTHERS)
      if (tries.theirs.length > 0 && !Array.isArray(tries.theirs[0]))
        expect(alike(onTheirs)).toBe(alike(onNobodys))
      // Filters find nothing: no rows, or how many those are.
      if (Array.isArray(tries.theirs[0])) expect([[], 0]).toContainEqual(onTheirs.result)
      expect(await theirItems()).toEqual(before)
      expect([...sockets.closed.keys()]).not.toContain(theirs.sessionId)
      await peer.disconnect()
      await again.disconnect()
    }
  })
})

describe('every route of the router', () => {
  type Row = (app: App) => Promise<void>
  const send = (app: App, path: string, init: RequestInit = {}): Promise<Response> =>
    Promise.resolve(
      app.fetch(new Request(`https://keys.example${path}`, init), {
        address: '192.0.2.1',
        secure: true,
      }),
    )
  /** But how many checks the caller has left: that is of its own doing. */
  const headersOf = ({ headers }: Response) => [...headers].filter(([name]) => name !== 'ratelimit')
  const quiet: Row = async () => {}
  const operatorOnly =
    (method: string, path = '/v1/tenants'): Row =>
    async (app) => {
      // A tenant's key, however mighty, is no operator's token.
      const headers = { authorization: `Bearer ${theirs.raw}` }
      const body = method === 'POST' ? JSON.stringify({ slug: 'mine-now' }) : null
      const reply = await send(app, path, { method, headers, body })
      expect(reply.status).toBe(401)
      expect(await reply.text()).not.toMatch(/slug|tenants":/)
    }
  const forwardAuth =
    (method: string): Row =>
    async (app) => {
      const before = await theirItems()
      for (const query of ['', '?transport=http', '?scope=FULL_ADMIN']) {
        const ask = (token: string) =>
          send(app, `/v1/forward-auth${query}`, {
            method,
            headers: {
              authorization: `Bearer ${token}`,
              'keyharbor-authorization': `Bearer ${validator}`,
            },
          })
        const [foreign, unknown] = [await ask(theirs.raw), await ask('unknown')]
        expect([foreign.status, unknown.status]).toEqual([401, 401])
        expect(await foreign.text()).toBe(await unknown.text())
        expect(headersOf(foreign)).toEqual(headersOf(unknown))
      }
      expect(await theirItems()).toEqual(before)
    }
  const ROUTES: Readonly<Record<string, Row>> = {
    'GET /healthz': quiet,
    'GET /readyz': quiet,
    'GET /api/versions': quiet,
    'GET /openapi.json': quiet,
    'POST /oauth2/introspect': async (app) => {
      const before = await theirItems()
      for (const transport of ['https', 'http', 'ws']) {
        const ask = (token: string) =>
          send(app, '/oauth2/introspect', {
            method: 'POST',
            headers: { authorization: `Bearer ${validator}` },
            body: new URLSearchParams({ token, transport }),
          })
        const [foreign, unknown] = [await ask(theirs.raw), await ask('unknown')]
        expect(await foreign.text()).toBe('{"active":false}')
        expect(await unknown.text()).toBe('{"active":false}')
        expect(headersOf(foreign)).toEqual(headersOf(unknown))
      }
      expect(await theirItems()).toEqual(before)
    },
    'POST /v1/introspect': async (app) => {
      const before = await theirItems()
      for (const transport of ['https', 'http', 'ws']) {
        const reply = await send(app, '/v1/introspect', {
          method: 'POST',
          headers: { authorization: `Bearer ${validator}` },
          body: JSON.stringify({ tokens: [theirs.raw, 'unknown', theirs.raw], transport }),
        })
        const inactive = { active: false }
        expect(await reply.json()).toEqual({ results: [inactive, inactive, inactive] })
      }
      expect(await theirItems()).toEqual(before)
    },
    ...Object.fromEntries(
      ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((method) => [
        `${method} /v1/forward-auth`,
        forwardAuth(method),
      ]),
    ),
    // Who is heard holds the key: there is no caller of another tenant.
    'POST /oauth2/revoke': async (app) => {
      const before = await theirItems()
      const bent = theirs.raw.slice(0, -1) + (theirs.raw.endsWith('0') ? '1' : '0')
      const reply = await send(app, '/oauth2/revoke', {
        method: 'POST',
        headers: { authorization: `Bearer ${validator}` },
        body: new URLSearchParams({ token: bent }),
      })
      expect(reply.status).toBe(200)
      expect(await theirItems()).toEqual(before)
    },
    'POST /oauth2/token': async (app) => {
      const before = await theirItems()
      const [, secret = ''] = validator.split('-')
      const said = async (id: number, client_secret: string): Promise<string> => {
        const form = { grant_type: 'client_credentials', client_id: String(id), client_secret }
        const body = new URLSearchParams(form)
        const reply = await send(app, '/oauth2/token', { method: 'POST', body })
        expect(reply.status).toBe(401)
        return reply.text()
      }
      expect(await said(theirs.id, secret)).toBe(await said(theirs.id + 400, secret))
      expect(await theirItems()).toEqual(before)
    },
    'GET /oauth2/jwks': async (app) => {
      const reply = await send(app, '/oauth2/jwks')
      expect(await reply.text()).not.toMatch(/"d"|sealed|slug/)
    },
    'GET /.well-known/oauth-authorization-server': quiet,
    'GET /.well-known/openid-configuration': quiet,
    'GET /v1/tenants': operatorOnly('GET'),
    'POST /v1/tenants': operatorOnly('POST'),
    'POST /v1/tenants/suspend': operatorOnly('POST', '/v1/tenants/suspend'),
    'POST /v1/tenants/resume': operatorOnly('POST', '/v1/tenants/resume'),
  }

  it('has a row, and keeps the tenants apart', async () => {
    const routes = routesOf(rig.service)
    expect(routes.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(
      Object.keys(ROUTES).sort(),
    )
    for (const { method, path, app } of routes) await ROUTES[`${method} ${path}`]?.(app)
  })
})
