/**
 * Every field of users, devices, tenants, sessions and connections, by every way in and out, as `keys.test.ts` has those
 * of keys: a new one fails to compile here until it has values, and fails a test until each way takes it or shows it.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeviceEntry } from '../../shared/devices/entry-schema.ts'
import { DEVICES } from '../../shared/domain/names.ts'
import { Secret } from '../../shared/domain/secret.ts'
import { CURRENT } from '../../shared/domain/versions.ts'
import type { UserCreate, UserUpdate } from '../../shared/methods/user.ts'
import type { SessionEntry } from '../../shared/sessions/entry.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import type { Connection, Session, Subscription } from '../../shared/store/connection-items.ts'
import type { DeviceFacts } from '../../shared/store/devices.ts'
import { itemKey } from '../../shared/store/item-keys.ts'
import type { Tenant } from '../../shared/store/tenants.ts'
import type { User } from '../../shared/store/user-items.ts'
import { createTenant, suspendTenant } from '../../shared/tenants/commands.ts'
import type { UserEntry } from '../../shared/users/entry.ts'
import { type Peer, type Sockets, startSockets } from '../kit/peer.ts'
import { addKey, newTenant, type Rig, START, startRig } from '../kit/service.ts'
import { streamed } from '../kit/streamed.ts'
import { readItem } from '../kit/table.ts'

let rig: Rig
let sockets: Sockets
let admin: User
let root: Peer
beforeAll(async () => {
  rig = await startRig()
  sockets = startSockets(rig.service)
  admin = await newTenant(rig.service)
  root = await sockets.signIn(admin)
})
afterAll(() => rig.close())

type Shown = readonly [made: unknown, changed: unknown]
const always = (value: unknown): Shown => [value, value]
/** What a table says of a step; what is undefined in it is absent. */
const at = (table: Readonly<Record<string, Shown>>, step: 0 | 1): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(table).flatMap(([name, shown]) =>
      shown[step] === undefined ? [] : [[name, shown[step]]],
    ),
  )

describe('a user', () => {
  const CREATE: Required<UserCreate> = {
    username: 'ada',
    full_name: 'Ada',
    roles: ['API_KEY_READ'],
    password: 'correct horse',
    locked: true,
    idempotency_key: 'create',
  }
  const CHANGE: Required<UserUpdate> = {
    full_name: 'Ada Lovelace',
    roles: ['ACCOUNT_READ'],
    password: null,
    locked: false,
  }
  const ENTRY: Readonly<Record<keyof UserEntry, Shown>> = {
    id: always(expect.any(Number)),
    username: always(CREATE.username),
    full_name: [CREATE.full_name, CHANGE.full_name],
    roles: [CREATE.roles, CHANGE.roles],
    locked: [CREATE.locked, CHANGE.locked],
    source: always('LOCAL'),
    local: always(true),
    api_keys: always([]),
    password_disabled: [false, true],
    twofactor_auth_configured: always(false),
    planted: always(undefined),
  }
  /** By which member an entry shows what is stored; null for what none does. */
  const STORED: Readonly<Record<keyof User, keyof UserEntry | null>> = {
    tenant: null,
    uid: 'id',
    username: 'username',
    fullName: 'full_name',
    roles: 'roles',
    locked: 'locked',
    local: 'local',
    createdAt: null,
    password: 'password_disabled',
    passwordCeiling: null,
    secondFactor: 'twofactor_auth_configured',
    pendingFactor: null,
    version: null,
    rev: null,
    passwordVersion: null,
    deleted: null,
  }

  const expectEverywhere = async (step: 0 | 1, answer: { id: number }): Promise<void> => {
    const expected = at(ENTRY, step)
    const { id } = answer
    expect(answer, 'the answer').toEqual(expected)
    expect(await root.call('user.get_instance', id), 'get_instance').toEqual(expected)
    expect(await root.call('user.query', [['id', '=', id]]), 'query').toEqual([expected])
  }

  it('is shown everywhere as they were made, and as they were changed', async () => {
    const made = await root.call<{ id: number }>('user.create', CREATE)
    await expectEverywhere(0, made)
    for (const [field, value] of Object.entries(CHANGE))
      expect(value, `give ${field} another value in CHANGE than in CREATE`).not.toEqual(
        CREATE[field as keyof typeof CHANGE],
      )
    await expectEverywhere(1, await root.call('user.update', made.id, CHANGE))
    const again = await root.call<object>('user.get_instance', made.id)
    const members = Object.values(STORED).filter((member) => member !== null)
    for (const member of members) expect(again).toHaveProperty(member)
  })

  it.each(Object.keys(CHANGE))('of whom only %s changes stays as they are else', async (field) => {
    const facts = { ...CREATE, username: `only.${field}`, idempotency_key: null }
    const made = await root.call<{ id: number }>('user.create', facts)
    const value = CHANGE[field as keyof typeof CHANGE]
    const after = await root.call('user.update', made.id, { [field]: value })
    const shown = field === 'password' ? { password_disabled: true } : { [field]: value }
    expect(after).toEqual({ ...made, ...shown })
  })

  it('is answered as stored, also with what another call has changed meanwhile', async () => {
    const facts = { ...CREATE, username: 'busy', locked: false, idempotency_key: null }
    const made = await root.call<{ id: number }>('user.create', facts)
    const { users } = rig.service
    const change: typeof users.change = async (user, to, deed, how) => {
      const other = { event: 'user.update', at: START, actor: SERVICE } as const
      await users.change(user, { fullName: 'Another' }, other)
      return users.change(user, to, deed, how)
    }
    const beside = startSockets({ ...rig.service, users: { ...users, change } })
    const peer = await beside.signIn(admin)
    const after = await peer.call('user.update', made.id, { locked: true })
    expect(after).toEqual({ ...made, full_name: 'Another', locked: true })
  })
})

describe('a device', () => {
  const FACTS: Readonly<Record<keyof DeviceFacts, string>> = {
    model: 'M40',
    serial: 'A1',
    version: '26.0.0',
  }
  const ENTRY: Readonly<Record<keyof DeviceEntry, Shown>> = {
    id: always(expect.any(Number)),
    name: ['nas', 'nas-berlin'],
    model: always(FACTS.model),
    serial: always(FACTS.serial),
    version: always(FACTS.version),
    enrolled_at: always(new Date(START)),
    enrolled_from: always('198.51.100.7'),
    invited_by: always('admin'),
    last_seen_at: always(null),
    expires_at: [null, new Date(START + 1000)],
    revoked: always(false),
  }

  it('is shown everywhere as it enrolled, and as its key is changed', async () => {
    await root.call('core.subscribe', 'device.query')
    const { token } = await root.call<{ token: string }>('device.invite', {})
    const peer = await sockets.open({ address: '198.51.100.7' })
    const made = { token, name: 'nas', ...FACTS }
    const enrolled = await peer.call<{ id: number }>('device.enroll', made)
    const { id } = enrolled
    expect(enrolled).toMatchObject({ name: 'nas', username: DEVICES })
    const expectEverywhere = async (step: 0 | 1): Promise<void> => {
      const expected = at(ENTRY, step)
      expect(await root.call('device.get_instance', id), 'get_instance').toEqual(expected)
      expect(await root.call('device.query', [['id', '=', id]]), 'query').toEqual([expected])
      const key = itemKey.key({ tenant: admin.tenant, n: id % 1e9 })
      const item = await readItem(rig.table, key)
      await streamed(sockets.service, { key, before: item, after: item })
      expect(sockets.pushed.at(-1)?.frame, 'what subscribers hear').toMatchObject({
        params: { collection: 'device.query', id, fields: expected },
      })
    }
    await expectEverywhere(0)
    const change = { name: 'nas-berlin', expires_at: new Date(START + 1000) }
    await root.call('api_key.update', id, change)
    await expectEverywhere(1)
  })
})

describe('a tenant', () => {
  const TENANT: Readonly<Record<keyof Tenant, Shown>> = {
    tenant: always(expect.any(Number)),
    slug: always('acme'),
    name: always('Acme'),
    createdAt: always(START),
    suspended: [false, true],
  }

  it('is listed as it was made, and as it is suspended', async () => {
    const listed = async (tenant: number): Promise<Tenant | undefined> => {
      for await (const one of rig.service.tenants.all()) if (one.tenant === tenant) return one
    }
    const facts = { slug: 'acme', name: 'Acme' }
    const first = { username: 'admin', fullName: 'Admin', password: new Secret('correct horse') }
    const made = await createTenant(rig.service, { ...facts, admin: first }, SERVICE)
    const { tenant = 0 } = made?.tenant ?? {}
    expect(made?.tenant).toEqual(at(TENANT, 0))
    expect(await listed(tenant)).toEqual(at(TENANT, 0))
    expect(await suspendTenant(rig.service, tenant, true, SERVICE)).toEqual(at(TENANT, 1))
    expect(await listed(tenant)).toEqual(at(TENANT, 1))
    expect(await suspendTenant(rig.service, tenant, false, SERVICE)).toEqual(at(TENANT, 0))
    expect(await listed(tenant)).toEqual(at(TENANT, 0))
  })
})

describe('a session', () => {
  /** One by a token of a session by key has all fields. */
  const SESSION: Readonly<Record<keyof Session, unknown>> = {
    id: expect.any(String),
    tenant: expect.any(Number),
    uid: 1,
    username: 'admin',
    credentials: 'TOKEN',
    parent: 'API_KEY',
    scram: false,
    key: { n: expect.any(Number), name: 'door', generation: 1 },
    passwordVersion: 0,
    principal: 'U000000001',
    loginAt: START,
    ends: expect.any(Number),
    token: expect.any(Object),
    root: expect.any(String),
    from: [{ id: expect.any(String), connection: expect.any(String) }],
  }
  const ENTRY: Readonly<Record<keyof SessionEntry, unknown>> = {
    id: SESSION.id,
    current: true,
    internal: false,
    origin: '198.51.100.8',
    credentials: 'TOKEN',
    credentials_data: expect.objectContaining({ username: 'admin' }),
    created_at: new Date(START),
    secure_transport: true,
  }

  it('is the same on its connection, where it is listed, and in what hangs on it', async () => {
    const { raw } = await addKey(rig.service, admin, { name: 'door' })
    const from = { address: '198.51.100.8' }
    const maker = await sockets.open(from)
    await maker.call('auth.login_with_api_key', raw.reveal())
    const token = await maker.call<string>('auth.generate_token')
    const peer = await sockets.open(from)
    expect(await peer.call('auth.login_with_token', token)).toBe(true)
    const { connections, sessions } = rig.service
    const on = (await connections.get(peer.id))?.session
    expect(on).toEqual(SESSION)
    const listed = (await sessions.all(admin.tenant)).find((one) => one.connection === peer.id)
    expect(listed?.session).toEqual(on)
    expect(await peer.call('auth.sessions', [['current', '=', true]])).toEqual([ENTRY])

    const SUBSCRIPTION: Readonly<Record<keyof Subscription, unknown>> = {
      connection: peer.id,
      id: await peer.call('core.subscribe', 'api_key.query'),
      version: CURRENT,
      session: on,
    }
    const heard: Subscription[] = []
    for await (const one of connections.subscribers(admin.tenant, 'api_key.query')) heard.push(one)
    expect(heard).toEqual([{ ...SUBSCRIPTION, session: expect.objectContaining(on ?? {}) }])
  })
})

it('a connection is read as it was opened', async () => {
  const connection: Connection = {
    id: 'c-all',
    version: 'v25.10.0',
    secure: true,
    address: '198.51.100.9',
    hostLabel: 'acme',
    connectedAt: START,
    session: null,
    pending: {
      tenant: 1,
      username: 'ada',
      uid: 2,
      passwordVersion: 3,
      wrong: 1,
      until: START + 1000,
    },
    subscriptions: { id: 'api_key.query' },
    rev: 4,
  }
  await rig.service.connections.open(connection)
  expect(await rig.service.connections.get(connection.id)).toEqual(connection)
})
