import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { decode, encode } from '../../shared/domain/ejson.ts'
import { METHODS } from '../../shared/methods/index.ts'
import { createDispatch } from '../../shared/rpc/dispatch.ts'
import { method } from '../../shared/rpc/method.ts'
import type { User } from '../../shared/store/user-items.ts'
import { type Peer, type PeerOptions, refusalOf, type Sockets, startSockets } from '../kit/peer.ts'
import { addUser, newTenant, type Rig, startRig } from '../kit/service.ts'

let rig: Rig
let sockets: Sockets
let admin: User
beforeAll(async () => {
  rig = await startRig()
  sockets = startSockets(rig.service)
  admin = await newTenant(rig.service)
})
afterAll(() => rig.close())

const loggedIn = (options?: PeerOptions): Promise<Peer> => sockets.openAs(admin, options)

describe('what the API says of itself', () => {
  it('is every method of the version, with JSON Schema for parameters and result', async () => {
    const peer = await loggedIn()
    const methods = await peer.call<Record<string, Record<string, unknown>>>('core.get_methods')
    expect(Object.keys(methods).sort()).toEqual([...METHODS.keys()].sort())
    expect(methods['api_key.create']).toMatchObject({
      no_auth_required: false,
      roles: ['READONLY_ADMIN', 'API_KEY_WRITE'],
      accepts: [
        {
          _name_: 'api_key_create',
          _required_: true,
          type: 'object',
          required: ['name', 'username'],
          additionalProperties: false,
        },
      ],
    })
    expect(methods['auth.login_ex']).toMatchObject({ no_auth_required: true })
    expect(methods['api_key.query']).toMatchObject({ filterable: true })
    const old = await loggedIn({ version: 'v25.10.0' })
    expect(await old.call('core.get_methods', 'api_key')).not.toHaveProperty([
      'api_key.convert_raw_key',
    ])
    const services = await peer.call<Record<string, unknown>>('core.get_services')
    expect(services).toMatchObject({ device: { type: 'service' }, api_key: { type: 'crud' } })
    const first = [...METHODS.keys()].map((name) => name.split('.')[0])
    expect(new Set(Object.keys(services))).toEqual(new Set(first))
  })
})

describe('core.get_methods', () => {
  it.each([
    [['FULL_ADMIN']],
    [['READONLY_ADMIN']],
    [['API_KEY_READ']],
    [['API_KEY_WRITE']],
    [['ACCOUNT_READ']],
    [['AUTH_SESSIONS_WRITE', 'ACCOUNT_WRITE']],
    [['KEY_VALIDATE']],
    [['POOL_READ']],
  ])('tells %j of the methods that they open, and of no other', async (roles) => {
    const name = roles.join('_').toLowerCase().slice(0, 30)
    const peer = await sockets.openAs(await addUser(rig.service, admin.tenant, name, roles))
    const told = await peer.call<object>('core.get_methods')
    // Who may call is settled before the arguments are looked at, of which no method takes so many.
    const tooMany = Array.from({ length: 9 }, () => null)
    const callable: string[] = []
    for (const method of METHODS.keys()) {
      const refused = await refusalOf(peer.call(method, ...tooMany))
      if (refused.startsWith('-32602')) callable.push(method)
      else expect(refused, method).toContain('Not authorized')
    }
    expect(Object.keys(told)).toEqual(callable)
    const ofKeys = await peer.call<object>('core.get_methods', 'api_key')
    expect(Object.keys(ofKeys)).toEqual(callable.filter((one) => one.startsWith('api_key.')))
  })

  it('describes each method once, however often it is asked', async () => {
    let looks = 0
    const counted = method({
      name: 'test.counted',
      summary: 'Counts how often its parameter is looked at.',
      access: 'session',
      params: { counted: z.preprocess(() => looks++, z.any()) },
      result: z.null(),
      run: () => null,
    })
    const methods = new Map([...METHODS, [counted.name, counted]])
    const peer = await loggedIn()
    const dispatch = createDispatch(rig.service, methods)
    const connection = await rig.service.connections.get(peer.id)
    const session = { ...connection?.session, roles: ['FULL_ADMIN'] }
    const describe = async (): Promise<unknown> => {
      const frame = encode({ jsonrpc: '2.0', id: 1, method: 'core.get_methods', params: [] })
      return decode((await dispatch(frame, { connection, session } as never)) ?? '')
    }
    const first = await describe()
    expect(first).toHaveProperty(['result', 'test.counted', 'accepts', 0, '_name_'], 'counted')
    expect(await describe()).toEqual(first)
    expect(looks).toBe(1)
  })
})

describe('privilege.webui_access', () => {
  type Me = { privilege: { webui_access: boolean } }
  it.each([
    [['FULL_ADMIN'], true],
    [['READONLY_ADMIN'], true],
    [['SHARING_ADMIN'], true],
    [['API_KEY_WRITE'], true],
    [['ACCOUNT_READ'], true],
    [['AUTH_SESSIONS_READ'], true],
    [['KEY_VALIDATE'], false],
    [['SHARING_SMB_READ', 'KEY_VALIDATE'], false],
  ])('of %j is %j', async (roles, isThere) => {
    const name = `web_${roles.join('_').toLowerCase()}`.slice(0, 30)
    const user = await addUser(rig.service, admin.tenant, name, roles)
    const { privilege } = await (await sockets.openAs(user)).call<Me>('auth.me')
    expect(privilege.webui_access).toBe(isThere)
  })

  it("is false for a device's key, whatever its user may", async () => {
    const peer = await loggedIn()
    const { token } = await peer.call<{ token: string }>('device.invite', { name: 'nas' })
    const device = await sockets.open()
    const { key } = await device.call<{ key: string }>('device.enroll', { token })
    expect(await device.call('auth.login_with_api_key', key)).toBe(true)
    expect((await device.call<Me>('auth.me')).privilege.webui_access).toBe(false)
  })
})

describe('results', () => {
  it('are what the registry says they are', async () => {
    const peer = await loggedIn()
    const made = await peer.call<{ id: number }>('api_key.create', {
      name: 'schema',
      username: 'admin',
    })
    const calls: [string, ...unknown[]][] = [
      ['core.ping'],
      ['core.get_services'],
      ['core.set_options', {}],
      ['core.subscribe', '*'],
      ['core.get_jobs'],
      ['auth.me'],
      ['auth.sessions'],
      ['auth.mechanism_choices'],
      ['api_key.my_keys'],
      ['api_key.update', made.id, { reset: true }],
      ['api_key.revoke', made.id],
      ['user.create', { username: 'schema', full_name: 'S', roles: [] }],
      ['user.query'],
      ['api_key.delete', made.id],
    ]
    for (const [name, ...params] of calls) {
      const result = await peer.call(name, ...params)
      const parsed = METHODS.get(name)?.result.safeParse(result)
      expect([name, parsed?.error?.issues]).toEqual([name, undefined])
    }
  })
})

describe('rows', () => {
  it('of queries and of get_instance are what the registry says they are, with every option', async () => {
    const peer = await loggedIn()
    const made = await peer.call<{ id: number; key: string }>('api_key.create', {
      name: 'row',
      username: 'admin',
    })
    const byKey = await sockets.open()
    await byKey.call('auth.login_with_api_key', made.key)
    const byToken = await sockets.open()
    await byToken.call('auth.login_with_token', await byKey.call('auth.generate_token'))
    const instances: [string, number][] = [
      ['api_key.get_instance', made.id],
      ['user.get_instance', 1],
    ]
    for (const [name, id] of instances) await areRows(name, [await peer.call(name, id)])
    for (const name of ['api_key.query', 'user.query', 'auth.sessions'] as const) {
      await areRows(name, await peer.call<unknown[]>(name))
      for (const options of [{ get: true }, { count: true }, { select: [['id', 'renamed']] }]) {
        const parsed = METHODS.get(name)?.result.safeParse(await peer.call(name, [], options))
        expect([name, options, parsed?.error?.issues]).toEqual([name, options, undefined])
      }
    }
  })

  it('leave what core.get_methods tells within one frame of API Gateway', async () => {
    const peer = await loggedIn()
    const told = JSON.stringify(await peer.call('core.get_methods'))
    expect(Buffer.byteLength(told)).toBeLessThan(120_000)
  })
})

const areRows = async (name: string, rows: readonly unknown[]): Promise<void> => {
  expect(rows.length).toBeGreaterThan(0)
  for (const row of rows) {
    const parsed = METHODS.get(name)?.row?.safeParse(row)
    expect([name, parsed?.error?.issues]).toEqual([name, undefined])
    expect(parsed?.success).toBe(true)
  }
}

describe('subscriptions', () => {
  it('name what there is when the event is unknown, and are at most fifty', async () => {
    const peer = await loggedIn()
    expect(await refusalOf(peer.call('core.subscribe', 'pool.query'))).toBe(
      '-32602 [EINVAL] event: pool.query: no such event; there are api_key.query, device.query, core.get_jobs',
    )
    for (let i = 0; i < 50; i++) await peer.call('core.subscribe', 'core.get_jobs')
    expect(await refusalOf(peer.call('core.subscribe', 'core.get_jobs'))).toMatch(
      /^-32001 \[EBUSY\] A connection has 50 subscriptions/,
    )
  })

  it('are the socket’s present session’s', async () => {
    const peer = await loggedIn()
    const { connections } = rig.service
    const before = await connections.get(peer.id)
    if (before?.session == null) throw new Error('nobody is logged in')
    await peer.call('auth.logout')
    const wanted = { id: 'one', collection: 'core.get_jobs', most: 50 }
    const told = await connections.subscribe(before, before.session, wanted, null)
    expect(told).toBe('GONE')
    await peer.disconnect()
    expect(await connections.subscribe(before, before.session, wanted, null)).toBe('GONE')
  })

  it('made at once all come to be', async () => {
    const peer = await loggedIn()
    const ids = await Promise.all(
      Array.from({ length: 20 }, () => peer.call('core.subscribe', 'core.get_jobs')),
    )
    const connection = await rig.service.connections.get(peer.id)
    expect(Object.keys(connection?.subscriptions ?? {}).sort()).toEqual([...ids].sort())
  })
})

describe('a notification', () => {
  it('is carried out and never answered, not even when it fails', async () => {
    const peer = await loggedIn()
    const send = (method: string, params: unknown[]) =>
      peer.raw(JSON.stringify({ jsonrpc: '2.0', method, params }))
    expect(await send('api_key.create', [{ name: 'silent', username: 'admin' }])).toBeNull()
    expect(await peer.call('api_key.query', [['name', '=', 'silent']], { count: true })).toBe(1)
    expect(await send('api_key.create', [{}])).toBeNull()
    expect(await send('no.such', [])).toBeNull()
  })
})
