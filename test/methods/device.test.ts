import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { INVITATIONS_AN_HOUR } from '../../shared/devices/commands.ts'
import { findDevices } from '../../shared/devices/queries.ts'
import { atOnce } from '../../shared/domain/at-once.ts'
import { QueryFilters } from '../../shared/domain/query/filters.ts'
import { QueryOptions } from '../../shared/domain/query/options.ts'
import { newWork } from '../../shared/domain/query/work.ts'
import { createCheckApp } from '../../shared/http/app.ts'
import { sweep } from '../../shared/jobs/sweep.ts'
import { effectiveState } from '../../shared/keys/rules.ts'
import { METHODS } from '../../shared/methods/index.ts'
import type { Service } from '../../shared/service.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import type { Device } from '../../shared/store/devices.ts'
import { itemKey } from '../../shared/store/item-keys.ts'
import { newUser, type User } from '../../shared/store/user-items.ts'
import { type Peer, type PeerOptions, refusalOf, type Sockets, startSockets } from '../kit/peer.ts'
import { addUser, newTenant, type Rig, START, slugOf, startRig } from '../kit/service.ts'
import { streamed } from '../kit/streamed.ts'
import { putItems, readItem } from '../kit/table.ts'

const DAY = 86_400_000
const REFUSED = '-32001 [EACCES] The enrolment token is not valid.'

let rig: Rig
let sockets: Sockets
let admin: User
let root: Peer
beforeAll(async () => {
  rig = await startRig()
  sockets = startSockets(rig.service)
  admin = await newTenant(rig.service)
  root = await sockets.openAs(admin)
})
afterAll(() => rig.close())

type Invited = { token: string; name: string | null; expires_at: Date }
type Enrolled = { id: number; name: string; username: string; key: string }
type Entry = Record<string, unknown> & { id: number }

let names = 0
const newName = (): string => `nas ${++names}`
const invite = (how: object = {}, by = root): Promise<Invited> => by.call('device.invite', how)
/** Each from an address of its own: an address has twenty tries a minute. */
const enroll = async (facts: object, options: PeerOptions = {}): Promise<Enrolled> =>
  (await sockets.open(options)).call('device.enroll', facts)
const newDevice = async (facts: object = {}): Promise<Enrolled> =>
  enroll({ token: (await invite()).token, name: newName(), ...facts })
const login = async (key: string): Promise<[Peer, boolean]> => {
  const peer = await sockets.open()
  return [peer, await peer.call<boolean>('auth.login_with_api_key', key)]
}
const check = async (caller: string, token: string, proto = 'https') => {
  const reply = await createCheckApp(rig.service).fetch(
    new Request('https://keys.example/oauth2/introspect', {
      method: 'POST',
      headers: { authorization: `Bearer ${caller}` },
      body: new URLSearchParams({ token }),
    }),
    { address: '192.0.2.1', secure: proto === 'https' },
  )
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> }
}
const shown = (id: number): Promise<Entry> => root.call('device.get_instance', id)

describe('a device', () => {
  it('enrols by a token, checks keys with a key of its own, and ends by its deletion', async () => {
    const { token, name, expires_at } = await invite({ name: 'nas-berlin' })
    expect(name).toBe('nas-berlin')
    expect(expires_at).toEqual(new Date(rig.clock.now + 3_600_000))
    const facts = { model: 'M40', serial: 'A1', version: '26.0.0' }
    const made = await enroll({ token, ...facts }, { address: '198.51.100.7' })
    expect(made).toEqual({
      id: expect.any(Number),
      name: 'nas-berlin',
      username: 'keyharbor-devices',
      key: expect.stringMatching(new RegExp(`^${made.id}-[A-Za-z0-9]{64}$`)),
    })
    expect(await shown(made.id)).toEqual({
      id: made.id,
      name: 'nas-berlin',
      ...facts,
      enrolled_at: new Date(rig.clock.now),
      enrolled_from: '198.51.100.7',
      invited_by: 'admin',
      last_seen_at: null,
      expires_at: null,
      revoked: false,
    })
    const visitor = await root.call<Enrolled>('api_key.create', { name: 'v', username: 'admin' })
    expect((await check(made.key, visitor.key)).body).toMatchObject({ active: true })
    const [peer, isIn] = await login(made.key)
    expect(isIn).toBe(true)
    expect(await root.call('device.delete', made.id)).toBe(true)
    expect(await check(made.key, visitor.key)).toMatchObject({ status: 401 })
    expect(await refusalOf(peer.call('auth.me'))).toBe('-32001 [EACCES] Session is expired')
    expect(await refusalOf(shown(made.id))).toBe(
      `-32602 [ENOENT] None: Device ${made.id} does not exist`,
    )
    expect(await root.call('api_key.query', [['id', '=', made.id]])).toEqual([])
  })

  it('is its key: renamed and revoked there, gone with it', async () => {
    const { id } = await newDevice()
    const name = newName()
    const expires_at = new Date(rig.clock.now + DAY)
    await root.call('api_key.update', id, { name, expires_at })
    await root.call('api_key.revoke', id)
    expect(await shown(id)).toMatchObject({ name, expires_at, revoked: true })
    await root.call('api_key.delete', id)
    expect(await root.call('device.query', [['id', '=', id]])).toEqual([])
    const { token } = await invite({ name })
    expect(await enroll({ token })).toMatchObject({ name })
  })

  it('makes no tokens: it comes back by its key, and nobody in its name', async () => {
    const { key } = await newDevice()
    const [peer] = await login(key)
    expect(await refusalOf(peer.call('auth.generate_token'))).toBe('-32001 [EACCES] Not authorized')
    expect(await peer.call('auth.mechanism_choices')).not.toContain('TOKEN_PLAIN')
    const login_options = { user_info: false, reconnect_token: true }
    const data = { mechanism: 'API_KEY_PLAIN', username: 'keyharbor-devices', api_key: key }
    expect(await peer.call('auth.login_ex', { ...data, login_options })).toMatchObject({
      response_type: 'SUCCESS',
      reconnect_token: null,
    })
  })

  it('says little of itself, or nothing, and never much', async () => {
    const { id } = await newDevice()
    expect(await shown(id)).toMatchObject({ model: null, serial: null, version: null })
    const long = 'x'.repeat(201)
    const { token } = await invite()
    for (const fact of ['name', 'model', 'serial', 'version'])
      expect(await refusalOf(enroll({ token, [fact]: long }))).toBe(
        `-32602 [EINVAL] device_enroll.${fact}: String should have at most 200 characters`,
      )
    expect(await refusalOf(enroll({ token, colour: 'red' }))).toBe(
      '-32602 [EINVAL] device_enroll.colour: Extra inputs are not permitted',
    )
  })
})

describe('an enrolment token', () => {
  it('is good once, also for two at the same moment', async () => {
    const { token } = await invite()
    const outcomes = await Promise.allSettled(
      [newName(), newName(), newName()].map((name) => enroll({ token, name })),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        expect(await refusalOf(Promise.reject(outcome.reason))).toBe(REFUSED)
    expect(await refusalOf(enroll({ token, name: newName() }))).toBe(REFUSED)
  })

  it('makes one device of two that want its one name', async () => {
    const { token } = await invite({ name: newName() })
    const outcomes = await Promise.allSettled([enroll({ token }), enroll({ token })])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('ends after an hour, or when it was said, at the very millisecond', async () => {
    const [hour, week] = [await invite(), await invite({ ttl: 7 * 86_400 })]
    rig.clock.now += 3_599_999
    expect(await enroll({ token: hour.token, name: newName() })).toBeDefined()
    const late = await invite()
    rig.clock.now += 3_600_000
    expect(await refusalOf(enroll({ token: late.token, name: newName() }))).toBe(REFUSED)
    expect(await enroll({ token: week.token, name: newName() })).toBeDefined()
    rig.clock.now = START
    expect(await refusalOf(invite({ ttl: 7 * 86_400 + 1 }))).toContain('less than or equal to')
    expect(await refusalOf(invite({ ttl: 0 }))).toContain('greater than or equal to 1')
  })

  it('is refused in the same words whatever is wrong with it', async () => {
    const { token } = await invite()
    const bent = token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
    const foreign = token.replace(/^\d+/, (tenant) => String(Number(tenant) + 1))
    for (const wrong of ['', 'x', bent, foreign, `${token} `, `0${token}`, `${token}A`])
      expect(await refusalOf(enroll({ token: wrong, name: newName() }))).toBe(REFUSED)
    expect(await enroll({ token, name: newName() })).toBeDefined()
  })

  it('gives the name that it was made for, and no other', async () => {
    const name = newName()
    const { token } = await invite({ name })
    expect(await refusalOf(enroll({ token, name: 'another' }))).toBe(
      '-32602 [EINVAL] device_enroll.name: The token is for a device of another name',
    )
    expect(await enroll({ token, name })).toMatchObject({ name })
    expect(await refusalOf(invite({ name }))).toBe(
      '-32602 [EINVAL] device_invite: name must be unique',
    )
  })

  it('stays good when the name is missing, or taken by a key or device', async () => {
    const { token } = await invite()
    const { name } = await newDevice()
    expect(await refusalOf(enroll({ token }))).toBe(
      '-32602 [EINVAL] device_enroll.name: The token names no device: give a name',
    )
    expect(await refusalOf(enroll({ token, name }))).toBe(
      '-32602 [EINVAL] device_enroll: name must be unique',
    )
    expect(await enroll({ token, name: newName() })).toBeDefined()
  })

  it('dies with the key that made it, and with the roles of its maker', async () => {
    const roles = ['API_KEY_WRITE', 'KEY_VALIDATE']
    const user = await addUser(rig.service, admin.tenant, 'installer', roles)
    const key = await root.call<Enrolled>('api_key.create', { name: 'i', username: 'installer' })
    const [installer] = await login(key.key)
    const [first, second] = [await invite({}, installer), await invite({}, installer)]
    expect(await enroll({ token: first.token, name: newName() })).toBeDefined()
    await root.call('user.update', user.uid, { roles: ['KEY_VALIDATE'] })
    expect(await refusalOf(enroll({ token: second.token, name: newName() }))).toBe(REFUSED)
    await root.call('user.update', user.uid, { roles })
    await root.call('api_key.revoke', key.id)
    expect(await refusalOf(enroll({ token: second.token, name: newName() }))).toBe(REFUSED)
  })

  it('is dead once it was sent in clear, and is not given out so', async () => {
    const refusal = /^-32001 \[EACCES\] This call takes an encrypted connection only/
    const { token } = await invite()
    expect(await refusalOf(enroll({ token, name: newName() }, { proto: 'http' }))).toMatch(refusal)
    expect(await refusalOf(enroll({ token, name: newName() }))).toBe(REFUSED)
    expect(await refusalOf(enroll({ token: 'x', name: 'x' }, { proto: 'http' }))).toMatch(refusal)
    const plain = await sockets.open({ proto: 'http' })
    const name = `admin@${await slugOf(rig.service, admin)}`
    expect(await plain.call('auth.login', name, 'correct horse')).toBe(true)
    expect(await refusalOf(plain.call('device.invite'))).toMatch(refusal)
  })

  it('is made a thousand times by a tenant in an hour of the clock, also by many at once', async () => {
    const other = await newTenant(rig.service)
    const peer = await sockets.openAs(other)
    const take = () => rig.service.devices.mayInvite(other.tenant, START, INVITATIONS_AN_HOUR)
    const taken: boolean[] = []
    // As many as there are connections: what waits for one counts against its time to connect.
    await atOnce(Array.from({ length: 998 }), 50, async () => taken.push(await take()))
    expect(taken.filter(Boolean)).toHaveLength(998)
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => invite({}, peer)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
    const refusal = '-32001 [EBUSY] A tenant makes 1000 enrolment tokens an hour at the most.'
    expect(await refusalOf(invite({}, peer))).toBe(refusal)
    expect(await invite()).toBeDefined()
    rig.clock.now = START + 3_599_999
    expect(await refusalOf(invite({}, peer))).toBe(refusal)
    rig.clock.now = START + 3_600_000
    expect(await invite({}, peer)).toBeDefined()
    rig.clock.now = START
  })

  it('is made by who may make keys and check them, and by nobody else', async () => {
    const writer = await addUser(rig.service, admin.tenant, 'key writer', ['API_KEY_WRITE'])
    expect(await refusalOf(invite({}, await sockets.openAs(writer)))).toMatch(
      /hand them out: KEY_VALIDATE$/,
    )
    const reader = await addUser(rig.service, admin.tenant, 'key reader', ['API_KEY_READ'])
    const peer = await sockets.openAs(reader)
    const { id } = await newDevice()
    for (const [method, ...params] of [['device.invite'], ['device.delete', id]] as const)
      expect(await refusalOf(peer.call(method, ...params))).toBe('-32001 [EACCES] Not authorized')
    expect(await peer.call('device.get_instance', id)).toMatchObject({ id })
  })
})

describe("a device's key", () => {
  it('checks keys and nothing more, whatever roles its user is given', async () => {
    const { id, key } = await newDevice()
    const item = await readItem(rig.table, itemKey.check({ tenant: admin.tenant, n: id % 1e9 }))
    await putItems(rig.table, [{ ...item, roles: ['FULL_ADMIN'] }])
    const [peer] = await login(key)
    expect(await refusalOf(peer.call('api_key.query'))).toBe('-32001 [EACCES] Not authorized')
    const me = await peer.call<{ privilege: { roles: Set<string> } }>('auth.me')
    expect([...me.privilege.roles]).toEqual(['KEY_VALIDATE'])
    expect((await check(key, key)).body).toMatchObject({ active: true, scope: 'KEY_VALIDATE' })
    const beyond: [string, ...unknown[]][] = [
      ['auth.generate_token'],
      ['core.get_jobs'],
      ['core.subscribe', 'api_key.query'],
      ['user.set_password', { username: 'keyharbor-devices', new_password: 'correct horse' }],
      ['user.renew_2fa_secret', 'keyharbor-devices', {}],
    ]
    for (const [method, ...params] of beyond)
      expect(await refusalOf(peer.call(method, ...params)), method).toBe(
        '-32001 [EACCES] Not authorized',
      )
    for (const method of ['core.ping', 'core.get_services', 'core.get_methods'])
      expect(await refusalOf(peer.call(method)), method).toBe('not refused')
    // The first call of every client of TrueNAS's.
    const subscription = await peer.call('core.subscribe', 'core.get_jobs')
    expect(await peer.call('core.unsubscribe', subscription)).toBeNull()
    const reset = await root.call<Enrolled>('api_key.update', id, { reset: true })
    expect((await check(reset.key, reset.key)).body).toMatchObject({ scope: 'KEY_VALIDATE' })
  })

  it('may call what it is told to, and no method that is new', () => {
    const known = [...METHODS.values()].filter(({ devices }) => devices).map(({ name }) => name)
    expect(known.sort()).toEqual([
      'auth.logout',
      'auth.me',
      'core.get_methods',
      'core.get_services',
      'core.subscribe',
      'core.unsubscribe',
    ])
  })

  it('belongs to a user who has no password, and can be locked only', async () => {
    const { key } = await newDevice()
    const [user] = await root.call<(Entry & { roles: string[] })[]>('user.query', [
      ['username', '=', 'keyharbor-devices'],
    ])
    expect(user).toMatchObject({ roles: ['KEY_VALIDATE'], password_disabled: true })
    const refusal = /^-32001 \[EACCES\] User keyharbor-devices belongs to the service/
    const username = 'keyharbor-devices'
    const tries: [string, ...unknown[]][] = [
      ['user.update', user?.id, { roles: ['FULL_ADMIN'] }],
      ['user.update', user?.id, { password: 'correct horse' }],
      ['user.set_password', { username, new_password: 'correct horse' }],
      ['user.renew_2fa_secret', username],
      ['user.delete', user?.id],
    ]
    const boss = await sockets.signIn(admin)
    for (const [method, ...params] of tries)
      expect(await refusalOf(boss.call(method, ...params)), method).toMatch(refusal)
    const other = await sockets.openAs(await newTenant(rig.service))
    const taken = { username, full_name: 'X', password: 'correct horse' }
    expect(await refusalOf(other.call('user.create', taken))).toBe(
      '-32602 [EINVAL] user_create.username: A user with this username already exists',
    )
    await root.call('user.update', user?.id, { locked: true })
    expect((await login(key))[1]).toBe(false)
    await root.call('user.update', user?.id, { locked: false })
    expect((await login(key))[1]).toBe(true)
  })
})

describe('the lock of the devices’ user', () => {
  it('stands in the gate alone, for devices of before and of meanwhile, and so does its end', async () => {
    const owner = await newTenant(rig.service)
    const peer = await sockets.openAs(owner)
    const another = async () => enroll({ token: (await invite({}, peer)).token, name: newName() })
    const early = await another()
    const user = (await rig.service.users.get(owner.tenant, 'keyharbor-devices')) as User
    const states = async (...devices: Enrolled[]) => {
      const refs = devices.map(({ id }) => ({ tenant: owner.tenant, n: id % 1e9 }))
      const keys = await rig.service.keys.forCheck(refs)
      return keys.map((key) => key && effectiveState(key, rig.clock.now))
    }
    const copyOf = ({ id }: Enrolled) =>
      readItem(rig.table, itemKey.check({ tenant: owner.tenant, n: id % 1e9 }))
    const before = await copyOf(early)
    await peer.call('user.update', user.uid, { locked: true })
    const meanwhile = await another()
    expect(await states(early, meanwhile)).toEqual(['locked', 'locked'])
    rig.clock.now += 86_400_000
    await sweep(rig.service)
    expect(await states(early, meanwhile)).toEqual(['locked', 'locked'])
    expect(await copyOf(early)).toEqual(before)
    await peer.call('user.update', user.uid, { locked: false })
    await sweep(rig.service)
    expect(await states(early, meanwhile)).toEqual(['active', 'active'])
    rig.clock.now = START
  })
})

describe('a user who only has the name of the devices’ one', () => {
  const username = 'keyharbor-devices'
  const TAKEN = `-32602 [EINVAL] device_invite: User ${username} was not made by enrolment: delete it first`
  const facts = { uid: 2, username, fullName: 'X', createdAt: START }
  const others: [string, Partial<User>][] = [
    ['more roles', { roles: ['KEY_VALIDATE', 'API_KEY_WRITE'] }],
    ['another role', { roles: ['FULL_ADMIN'] }],
    ['no role', { roles: [] }],
    ['a password', { password: 'some hash' }],
  ]

  for (const [what, other] of others)
    it(`and ${what} gets no device’s key`, async () => {
      const owner = await newTenant(rig.service)
      const peer = await sockets.openAs(owner)
      const user = newUser({ ...facts, tenant: owner.tenant, roles: ['KEY_VALIDATE'], ...other })
      await rig.service.users.add(user, SERVICE)
      expect(await refusalOf(invite({}, peer))).toBe(TAKEN)
      expect(await peer.call('api_key.query', [['username', '=', username]])).toEqual([])
    })

  it('gets none by an invitation from before either, and makes room by its deletion', async () => {
    const owner = await newTenant(rig.service)
    const peer = await sockets.openAs(owner)
    const { token } = await invite({ name: 'early' }, peer)
    const ours = await rig.service.users.get(owner.tenant, username)
    if (ours === null) throw new Error('no user')
    const at = { event: 'user.update', at: START, actor: SERVICE } as const
    const foreign = await rig.service.users.change(ours, { roles: ['FULL_ADMIN'] }, at)
    expect(foreign).toMatchObject({ roles: ['FULL_ADMIN'] })
    expect(await refusalOf(enroll({ token }))).toBe(REFUSED)
    expect(await refusalOf(invite({}, peer))).toBe(TAKEN)
    expect(await peer.call('user.delete', ours.uid)).toBe(ours.uid)
    const made = await enroll({ token: (await invite({}, peer)).token, name: 'late' })
    expect(made).toMatchObject({ username })
    expect(await rig.service.users.get(owner.tenant, username)).toMatchObject({
      roles: ['KEY_VALIDATE'],
    })
  })
})

describe('device.query', () => {
  it('lists devices and no other keys, filtered, in order, in pages', async () => {
    const tenant = await newTenant(rig.service)
    const peer = await sockets.openAs(tenant)
    const made: Enrolled[] = []
    for (const serial of ['S1', 'S2', 'S3', 'S4']) {
      const { token } = await invite({}, peer)
      made.push(await enroll({ token, name: `box ${serial}`, serial }))
    }
    const ids = made.map(({ id }) => id)
    const query = (...params: unknown[]): Promise<unknown> => peer.call('device.query', ...params)
    const only = { select: ['id'] }
    const of = (...which: number[]) => which.map((at) => ({ id: ids[at] }))
    expect(await query([], only)).toEqual(of(0, 1, 2, 3))
    expect(await query([], { ...only, order_by: ['-id'], limit: 2 })).toEqual(of(3, 2))
    expect(await query([], { ...only, order_by: ['id'], limit: 2, offset: 1 })).toEqual(of(1, 2))
    expect(await query([['id', '>', ids[1]]], { ...only, limit: 1 })).toEqual(of(2))
    expect(await query([['serial', 'in', ['S2', 'S4']]], only)).toEqual(of(1, 3))
    expect(await query([['id', 'in', [ids[2], ids[0], 5]]], only)).toEqual(of(0, 2))
    expect(await query([['name', '=', 'box S3']], { ...only, get: true })).toEqual(of(2)[0])
    expect(await query([], { count: true })).toBe(4)
    expect(await root.call('device.query', [['id', 'in', ids]])).toEqual([])
  })

  it('finds a name by its index, and looks at two thousand devices at the most for all else', async () => {
    let looked = 0
    const device = { key: { id: 7 } } as unknown as Device
    const service = {
      keys: { named: async () => [7] },
      devices: {
        byNumbers: async () => [device],
        async *inRange() {
          for (;;) {
            looked++
            yield device
          }
        },
      },
    } as unknown as Service
    const find = (filters: unknown) => {
      const ask = {
        tenant: 1,
        filters: QueryFilters.parse(filters),
        options: QueryOptions.parse({}),
      }
      return findDevices(
        service,
        ask,
        ({ key }) => key,
        () => false,
        newWork(),
      )
    }
    expect(await find([['name', '=', 'box S3']])).toEqual([device.key])
    expect(looked).toBe(0)
    await expect(find([['serial', '=', 'S3']])).rejects.toThrow(
      'The query would look at more than 2,000 devices',
    )
    expect(looked).toBe(2001)
  })

  it('lists more devices than one read takes', async () => {
    const tenant = await newTenant(rig.service)
    const peer = await sockets.openAs(tenant)
    for (let i = 0; i < 35; i++)
      await enroll({ token: (await invite({}, peer)).token, name: `box ${i}` })
    const rows = await peer.call<Entry[]>('device.query')
    expect(rows.map(({ name }) => name)).toEqual(Array.from({ length: 35 }, (_, i) => `box ${i}`))
  })

  it('tells who subscribed when a device comes, changes and goes', async () => {
    const listener = await sockets.openAs(admin)
    await listener.call('core.subscribe', 'device.query')
    const { id, name } = await newDevice({ model: 'M40' })
    const key = itemKey.key({ tenant: admin.tenant, n: id % 1e9 })
    const [facts] = await rig.service.keys.byNumbers(admin.tenant, [id % 1e9])
    const told = async (before: object | null, after: object | null) => {
      sockets.pushed.length = 0
      await streamed(sockets.service, { key, before, after })
      return sockets.pushed
        .filter(({ connection }) => connection === listener.id)
        .map(({ frame }) => frame.params)
    }
    const item = { ...facts }
    const at = { collection: 'device.query', id }
    const fields = expect.objectContaining({ id, name, model: 'M40', revoked: false })
    expect(await told(null, item)).toEqual([{ ...at, msg: 'added', fields }])
    expect(await told(item, item)).toEqual([{ ...at, msg: 'changed', fields }])
    await root.call('device.delete', id)
    expect(await told(item, item)).toEqual([])
    expect(await told(item, null)).toEqual([{ ...at, msg: 'removed' }])
  })

  it('of a key that is no device’s tells nobody', async () => {
    const listener = await sockets.openAs(admin)
    await listener.call('core.subscribe', 'device.query')
    const { id } = await root.call<Enrolled>('api_key.create', { name: 'k', username: 'admin' })
    const [facts] = await rig.service.keys.byNumbers(admin.tenant, [id % 1e9])
    const key = itemKey.key({ tenant: admin.tenant, n: id % 1e9 })
    sockets.pushed.length = 0
    await streamed(sockets.service, { key, before: null, after: { ...facts } })
    expect(sockets.pushed).toEqual([])
    const text = `-32602 [ENOENT] None: Device ${id} does not exist`
    expect(await refusalOf(root.call('device.delete', id))).toBe(text)
    expect(await refusalOf(shown(id))).toBe(text)
    expect(await root.call('api_key.get_instance', id)).toMatchObject({ id })
  })
})
