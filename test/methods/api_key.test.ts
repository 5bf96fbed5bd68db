import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { User } from '../../shared/store/user-items.ts'
import { REAL_ROUNDS } from '../kit/costs.ts'
import { type Peer, type PeerOptions, refusalOf, type Sockets, startSockets } from '../kit/peer.ts'
import { addKey, addUser, newTenant, type Rig, startRig } from '../kit/service.ts'

let rig: Rig
let sockets: Sockets
let admin: User
let root: Peer
beforeAll(async () => {
  rig = await startRig({}, REAL_ROUNDS)
  sockets = startSockets(rig.service)
  admin = await newTenant(rig.service)
  root = await as(admin)
})
afterAll(() => rig.close())

const as = (user: User, options: PeerOptions = {}): Promise<Peer> => sockets.openAs(user, options)
type Entry = Record<string, unknown> & { id: number; key: string }
const create = (peer: Peer, name: string, more: object = {}) =>
  peer.call<Entry>('api_key.create', { name, username: 'admin', ...more })

describe('api_key.create', () => {
  it('shows the key and SCRAM’s keys, this once', async () => {
    const made = await create(root, 'shown once')
    expect(made).toMatchObject({
      name: 'shown once',
      username: 'admin',
      user_identifier: 1,
      iterations: 50_000,
      expires_at: null,
      local: true,
      revoked: false,
      revoked_reason: null,
      key: expect.stringMatching(new RegExp(`^${made.id}-[A-Za-z0-9]{64}$`)),
      client_key: expect.stringMatching(/^[A-Za-z0-9+/]{86}==$/),
    })
    const [listed] = await root.call<Entry[]>('api_key.query', [['id', '=', made.id]])
    expect(listed).not.toHaveProperty('key')
    expect(listed).not.toHaveProperty('client_key')
    expect(listed).toMatchObject({
      salt: '********',
      stored_key: '********',
      server_key: '********',
    })
  })

  it.each([
    [{ username: 'admin' }, '[EINVAL] api_key_create.name: Field required'],
    [
      { name: '', username: 'admin' },
      '[EINVAL] api_key_create.name: String should have at least 1 character',
    ],
    [
      { name: 'x'.repeat(201), username: 'admin' },
      '[EINVAL] api_key_create.name: String should have at most 200 characters',
    ],
    [
      { name: 'x', username: 'admin', tenant: 1 },
      '[EINVAL] api_key_create.tenant: Extra inputs are not permitted',
    ],
    [
      { name: 'x', username: 'admin', expires_at: '2030-01-01' },
      '[EINVAL] api_key_create.expires_at: Input should be a valid datetime',
    ],
    [
      { name: 5, username: 'admin' },
      '[EINVAL] api_key_create.name: Input should be a valid string',
    ],
    [{ name: 'x', username: 'nobody' }, '[EINVAL] api_key_create: User does not exist.'],
    [
      { name: 'x', username: 'admin', expires_at: new Date(0) },
      '[EINVAL] api_key_create: Expiration date is in the past',
    ],
  ])('%j is refused: %s', async (params, text) => {
    expect(await refusalOf(root.call('api_key.create', params))).toBe(`-32602 ${text}`)
  })

  it('refuses a name that is taken, and a user without roles', async () => {
    await create(root, 'unique')
    expect(await refusalOf(create(root, 'unique'))).toBe(
      '-32602 [EINVAL] api_key_create: name must be unique',
    )
    await addUser(rig.service, admin.tenant, 'roleless', [])
    expect(await refusalOf(create(root, 'r', { username: 'roleless' }))).toBe(
      '-32602 [EINVAL] api_key_create: User lacks privilege role membership.',
    )
  })

  it('refuses too many arguments', async () => {
    expect(await refusalOf(root.call('api_key.create', {}, 1))).toBe(
      '-32602 [EINVAL] : Too many arguments (expected 1, found 2)',
    )
  })
})

describe('privileges (docs/protocol/keys.md §4.4)', () => {
  it('let READONLY_ADMIN manage their own keys only', async () => {
    const user = await addUser(rig.service, admin.tenant, 'ro', ['READONLY_ADMIN'])
    const peer = await as(user)
    const own = await peer.call<Entry>('api_key.create', { name: 'ro own', username: 'ro' })
    await peer.call('api_key.update', own.id, { name: 'ro renamed' })
    const foreign = await create(root, 'not for ro')
    const text =
      '-32001 [EACCES] ro: authenticated user lacks privileges to create or modify API keys of other users.'
    expect(await refusalOf(create(peer, 'x'))).toBe(text)
    expect(await refusalOf(peer.call('api_key.update', foreign.id, {}))).toBe(text)
    expect(await refusalOf(peer.call('api_key.delete', foreign.id))).toBe(text)
    expect(await refusalOf(peer.call('api_key.revoke', foreign.id))).toBe(text)
    expect(await peer.call('api_key.delete', own.id)).toBe(true)
  })

  it('let nobody mint or reset a key for who holds roles that they lack', async () => {
    const writer = await addUser(rig.service, admin.tenant, 'writer', ['API_KEY_WRITE'])
    const peer = await as(writer)
    const foreign = await create(root, 'an admin’s')
    const text = /^-32001 \[EACCES\] writer: .*: FULL_ADMIN$/
    expect(await refusalOf(create(peer, 'x'))).toMatch(text)
    expect(await refusalOf(peer.call('api_key.update', foreign.id, { reset: true }))).toMatch(text)
    // They may do what gives nothing away.
    await peer.call('api_key.update', foreign.id, { name: 'renamed by writer' })
    await peer.call('api_key.revoke', foreign.id)
  })

  it('hide the methods behind their roles', async () => {
    const user = await addUser(rig.service, admin.tenant, 'validator', ['KEY_VALIDATE'])
    const peer = await as(user)
    for (const [method, ...params] of [
      ['api_key.query'],
      ['api_key.create', {}],
      ['api_key.my_keys'],
      ['user.query'],
      ['auth.sessions'],
    ] as const)
      expect(await refusalOf(peer.call(method, ...params))).toBe('-32001 [EACCES] Not authorized')
  })
})

describe('api_key.update', () => {
  it('renames and moves the expiry without showing a key', async () => {
    const { id } = await create(root, 'to rename')
    const expires_at = new Date(rig.clock.now + 86_400_000)
    const after = await root.call('api_key.update', id, { name: 'renamed', expires_at })
    expect(after).toMatchObject({ id, name: 'renamed', expires_at })
    expect(after).not.toHaveProperty('key')
    expect(await root.call('api_key.get_instance', id)).toEqual(after)
  })

  it('resets: the old key fails, the new one works', async () => {
    const before = await create(root, 'to reset')
    const after = await root.call<Entry>('api_key.update', before.id, { reset: true })
    const peer = await sockets.open()
    expect(await peer.call('auth.login_with_api_key', before.key)).toBe(false)
    expect(await peer.call('auth.login_with_api_key', after.key)).toBe(true)
  })

  it.each([
    [{ username: 'x' }, 'api_key_update.username: Extra inputs are not permitted'],
    [{ grace_seconds: 5 }, 'api_key_update.grace_seconds: Goes with `reset` only'],
    [
      { reset: true, grace_seconds: -1 },
      'api_key_update.grace_seconds: Input should be greater than or equal to 0',
    ],
  ])('%j is refused: %s', async (params, text) => {
    const { id } = await create(root, `refused ${JSON.stringify(params)}`)
    expect(await refusalOf(root.call('api_key.update', id, params))).toBe(`-32602 [EINVAL] ${text}`)
  })

  it('of a missing key is MatchNotFound, as in 25.x and 26', async () => {
    expect(await refusalOf(root.call('api_key.update', 99, {}))).toBe('-32001 MatchNotFound()')
  })
})

describe('a missing key', () => {
  it.each(['api_key.get_instance', 'api_key.delete', 'api_key.revoke'])('%s says so', async (m) => {
    expect(await refusalOf(root.call(m, 99))).toBe('-32602 [ENOENT] None: ApiKey 99 does not exist')
  })
})

describe('api_key.revoke', () => {
  it('shows the reason, and a reset takes it back with the reason', async () => {
    const { id } = await create(root, 'to revoke')
    const after = await root.call('api_key.revoke', id, { reason: 'laptop lost' })
    expect(after).toMatchObject({ revoked: true, revoked_reason: 'laptop lost' })
    const reset = await root.call('api_key.update', id, { reset: true })
    expect(reset).toMatchObject({ revoked: false, revoked_reason: null })
  })
})

describe('api_key.query', () => {
  it('takes filters and options', async () => {
    await create(root, 'q1')
    await create(root, 'q2')
    expect(
      await root.call('api_key.query', [['name', '~', 'q[12]$']], {
        select: ['name'],
        order_by: ['-name'],
      }),
    ).toEqual([{ name: 'q2' }, { name: 'q1' }])
    expect(await root.call('api_key.query', [['name', '^', 'q']], { count: true })).toBe(2)
    expect(await refusalOf(root.call('api_key.query', [['name', '=', 'zz']], { get: true }))).toBe(
      '-32001 MatchNotFound()',
    )
    expect(await refusalOf(root.call('api_key.query', [['name', '?', 'zz']]))).toMatch(
      /^-32602 \[EINVAL\] filters.*Value error, Invalid operation: \?/,
    )
  })

  it('by id reads that key, and another tenant’s id reads none', async () => {
    const { id } = await create(root, 'by id')
    const other = await addKey(rig.service, await newTenant(rig.service))
    expect(await root.call('api_key.query', [['id', '=', id]])).toHaveLength(1)
    expect(await root.call('api_key.query', [['id', '=', other.key.id]])).toEqual([])
    expect(await root.call('api_key.query', [['id', 'in', [id, other.key.id]]])).toHaveLength(1)
  })

  it('says so when the result is too large for a message', async () => {
    const crowd = await newTenant(rig.service)
    for (let i = 0; i < 30; i++)
      await Promise.all(
        Array.from({ length: 10 }, (_, j) =>
          addKey(rig.service, crowd, { name: `${i} ${j} ${'n'.repeat(180)}` }),
        ),
      )
    const peer = await as(crowd)
    expect(await refusalOf(peer.call('api_key.query'))).toMatch(
      /^-32001 \[EMSGSIZE\] The result has \d+ bytes, .* `limit` .* `select`/,
    )
    expect(await peer.call('api_key.query', [], { limit: 50 })).toHaveLength(50)
  })
})

describe('an entry of each version (docs/protocol/keys.md §4.2)', () => {
  const common = ['created_at', 'expires_at', 'id', 'local', 'name', 'revoked', 'user_identifier']
  const of25 = ['keyhash', 'username']
  const of26 = ['iterations', 'revoked_reason', 'salt', 'server_key', 'stored_key', 'username']
  it.each([
    ['v25.04.0', of25],
    ['v25.04.1', of25],
    ['v25.04.2', of25],
    ['v25.10.0', [...of25, 'revoked_reason']],
    ['v25.10.1', [...of25, 'revoked_reason']],
    ['v25.10.5', [...of25, 'revoked_reason']],
    ['v26.0.0', of26],
    ['current', of26],
  ])('%s', async (version, members) => {
    const peer = await as(admin, { version })
    const [entry] = await peer.call<Entry[]>('api_key.my_keys')
    expect(
      Object.keys(entry ?? {}).sort(),
      'name a new member of entry-schema.ts in `common` here, or in the versions that have it',
    ).toEqual([...common, ...members].sort())
    const made = await create(peer, `of ${version}`)
    expect('client_key' in made).toBe(version === 'v26.0.0' || version === 'current')
  })
})

describe('api_key.convert_raw_key', () => {
  it('gives SCRAM’s keys of a good key, and nothing for a bad one', async () => {
    const made = await create(root, 'to convert')
    expect(await root.call('api_key.convert_raw_key', ` ${made.key}\n`)).toEqual({
      api_key_id: made.id,
      iterations: 50_000,
      salt: made.salt,
      client_key: made.client_key,
      stored_key: made.stored_key,
      server_key: made.server_key,
    })
    const { raw } = await addKey(rig.service, await newTenant(rig.service))
    expect(await refusalOf(root.call('api_key.convert_raw_key', raw.reveal()))).toBe(
      '-32602 [EINVAL] api_key_convert_raw_key: Key does not exist.',
    )
    expect(await refusalOf(root.call('api_key.convert_raw_key', 'x'))).toBe(
      '-32602 [EINVAL] api_key_convert_raw_key: Not a valid raw API key',
    )
  })

  it('came with 26', async () => {
    const peer = await as(admin, { version: 'v25.10.0' })
    expect(await refusalOf(peer.call('api_key.convert_raw_key', 'x'))).toBe(
      '-32601 Method does not exist',
    )
  })
})
