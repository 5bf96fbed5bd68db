/**
 * The audit, over every method of the registry: what changes something leaves one entry with who, when, from where, and
 * what it was before and after. A method without a row here fails, as does one that changes an item without saying so.
 */
import { type TOTP, URI } from 'otpauth'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AUDIT_EVENTS, type AuditEvent } from '../../shared/domain/audit-events.ts'
import { DEVICES } from '../../shared/domain/names.ts'
import { sweep } from '../../shared/jobs/sweep.ts'
import { METHODS } from '../../shared/methods/index.ts'
import type { Method } from '../../shared/rpc/method.ts'
import { SERVICE, type Who } from '../../shared/store/audit.ts'
import type { User } from '../../shared/store/user-items.ts'
import { faultsOf } from '../../tools/docs/texts/errors.ts'
import { type Peer, type Sockets, startSockets } from '../kit/peer.ts'
import { addKey, addUser, newTenant, type Rig, slugOf, startRig } from '../kit/service.ts'
import { actsBySession, expectNothing } from './ended.ts'
import { expectHeard, type Left, OF_ROUTES, type Said, said, watch } from './ledger.ts'

const ADDRESS = '198.51.100.7'
const ADMIN: Who = { username: 'admin', keyId: null, address: ADDRESS }

let rig: Rig
let sockets: Sockets
/** Runs the next call, whose caller was judged already. */
let between: ((call: () => Promise<string | null>) => Promise<string | null>) | null = null
beforeAll(async () => {
  rig = await startRig()
  sockets = startSockets(rig.service, (call) => (between ? between(call) : call()))
})
afterAll(() => rig.close())

/** A tenant of its own, its administrator logged in by password, a user, and a key of that user. */
type World = {
  readonly admin: User
  readonly name: string
  readonly peer: Peer
  readonly bob: User
  readonly key: { readonly id: number; readonly name: string; readonly raw: string }
  readonly open: () => Promise<Peer>
}

/** A call, the entries that it leaves, and who they say it was. */
type Row = (world: World) => Promise<{
  readonly args?: readonly unknown[]
  /** Another one than the administrator's. */
  readonly by?: Peer
  readonly leaves?: (result: Record<string, unknown>) => Said
  readonly actors?: readonly Who[]
  /** Kind of the item that it changes, where changes of that have no entry otherwise. */
  readonly touches?: string
  /** Kinds that change without an entry by this call, for a reason that stands beside it. */
  readonly silently?: readonly string[]
}>

const reads =
  (...args: unknown[]): Row =>
  async () => ({ args })
const { authority: _, maker: __, ...KEYHARBOR } = SERVICE
const PASSWORD = 'correct horse'

/** What `device.invite` answered. */
const invite = (peer: Peer, more: object = {}): Promise<{ token: string }> =>
  peer.call('device.invite', more)

const sessionsOf = (peer: Peer) => peer.call<{ id: string; current: boolean }[]>('auth.sessions')
/** What an entry says of a new user. */
const made = (full_name: string, roles: readonly string[], password_disabled: boolean) => ({
  full_name: { to: full_name },
  roles: { to: roles },
  locked: { to: false },
  password_disabled: { to: password_disabled },
})
/** What it says where a password or second factor changed once. */
const PROVEN_ANEW = { password_version: { from: 1, to: 2 } }
const WITH_PASSWORD = { password_disabled: { from: true, to: false }, ...PROVEN_ANEW }

/** A new second factor of a user that waits for its first code. @returns its codes. */
const renewFactor = async ({ peer, bob }: World): Promise<() => string> => {
  const made = await peer.call<{ twofactor_config: { provisioning_uri: string } }>(
    'user.renew_2fa_secret',
    bob.username,
    {},
  )
  const device = URI.parse(made.twofactor_config.provisioning_uri) as TOTP
  return () => device.generate({ timestamp: rig.clock.now })
}

/** A user who has logged in by password, up to the question for a code; and codes that answer it. */
const askedForCode = async (world: World) => {
  const { name, peer, open } = world
  await peer.call('user.set_password', { username: 'bob', new_password: PASSWORD })
  const codeNow = await renewFactor(world)
  const { recovery_codes: recovery } = await peer.call<{ recovery_codes: readonly string[] }>(
    'user.confirm_2fa_secret',
    'bob',
    { code: codeNow() },
  )
  // None is good twice.
  rig.clock.now += 30_000
  const by = await open()
  const username = name.replace('admin', 'bob')
  await by.call('auth.login_ex', { mechanism: 'PASSWORD_PLAIN', username, password: PASSWORD })
  const answer = (otp_token: string | undefined) => [{ mechanism: 'OTP_TOKEN', otp_token }]
  return { by, code: answer(codeNow()), recovery: answer(recovery[0]) }
}

const ROWS: Readonly<Record<string, Row>> = {
  'core.set_options': reads({}),
  'core.ping': reads(),
  'core.subscribe': reads('api_key.query'),
  'core.unsubscribe': async ({ peer }) => ({ args: [await peer.call('core.subscribe', '*')] }),
  'core.get_jobs': reads(),
  'core.get_services': reads(),
  'core.get_methods': reads('core'),
  'auth.mechanism_choices': reads(),
  'auth.login_ex': async ({ key, open }) => ({
    by: await open(),
    args: [{ mechanism: 'API_KEY_PLAIN', username: 'bob', api_key: key.raw }],
  }),
  // A code is used up: of the user, that alone changes.
  'auth.login_ex_continue': async (world) => {
    const { by, code } = await askedForCode(world)
    return { by, args: code, silently: ['USER'] }
  },
  'auth.login_ex_continue, by a recovery code': async (world) => {
    const { by, recovery } = await askedForCode(world)
    const actors = [{ ...ADMIN, username: 'bob' }]
    return { by, args: recovery, leaves: () => ({ 'user.use_recovery_code bob': {} }), actors }
  },
  'auth.login': async ({ name, open }) => ({ by: await open(), args: [name, PASSWORD] }),
  // The last try of an hour.
  'auth.login, wrong once more': async ({ name }) => {
    const strangers = Array.from({ length: 10 }, (_, n) => `203.0.113.${n}`)
    const peers = await Promise.all(strangers.map((address) => sockets.open({ address })))
    const by = peers.pop() as Peer
    for (const peer of peers) await peer.call('auth.login', name, 'wrong')
    return {
      by,
      args: [name, 'wrong'],
      leaves: () => ({ 'user.tries_spent admin': {} }),
      actors: [{ ...KEYHARBOR, address: '203.0.113.9' }],
      touches: 'OTHERS',
    }
  },
  'auth.login_with_api_key': async ({ key, open }) => ({ by: await open(), args: [key.raw] }),
  'auth.login_with_token': async ({ peer, open }) => ({
    by: await open(),
    args: [await peer.call('auth.generate_token')],
  }),
  'auth.generate_token': reads(),
  'auth.logout': reads(),
  'auth.me': reads(),
  'auth.sessions': reads(),
  'auth.terminate_session': async ({ key, open, peer }) => {
    await (await open()).call('auth.login_with_api_key', key.raw)
    const id = (await sessionsOf(peer)).find(({ current }) => !current)?.id
    const whose = { username: { from: 'bob' }, origin: { from: ADDRESS } }
    return {
      args: [id],
      leaves: () => ({ [`session.terminate ${id}`]: whose }),
      touches: 'SESSION',
    }
  },
  // One for all of them.
  'auth.terminate_other_sessions': async ({ key, open, peer }) => {
    for (let n = 0; n < 2; n++) await (await open()).call('auth.login_with_api_key', key.raw)
    const id = (await sessionsOf(peer)).find(({ current }) => current)?.id
    return { leaves: () => ({ [`session.terminate_others ${id}`]: {} }), touches: 'GATE' }
  },
  'api_key.query': reads(),
  'api_key.get_instance': async ({ key }) => ({ args: [key.id] }),
  'api_key.my_keys': reads(),
  'api_key.last_used': async ({ key }) => ({ args: [[key.id]] }),
  'api_key.convert_raw_key': async ({ key }) => ({ args: [key.raw] }),
  'api_key.create': async () => ({
    args: [{ name: 'made', username: 'bob' }],
    leaves: ({ id }) => ({
      [`key.create ${id}`]: {
        name: { to: 'made' },
        username: { to: 'bob' },
        expires_at: { to: null },
      },
    }),
  }),
  'api_key.update': async ({ key }) => ({
    args: [key.id, { name: 'renamed' }],
    leaves: ({ id }) => ({ [`key.update ${id}`]: { name: { from: key.name, to: 'renamed' } } }),
  }),
  'api_key.update, to what it is': async ({ key }) => ({
    args: [key.id, { name: key.name, expires_at: null }],
    leaves: ({ id }) => ({ [`key.update ${id}`]: {} }),
  }),
  'api_key.update, of one that has expired': async ({ key, peer }) => {
    await peer.call('api_key.update', key.id, { expires_at: new Date(rig.clock.now + 1000) })
    const [expired, longer] = [rig.clock.now + 1000, rig.clock.now + 60_000]
    rig.clock.now = expired
    await sweep(rig.service)
    return {
      args: [key.id, { expires_at: new Date(longer) }],
      leaves: ({ id }) => ({
        [`key.update ${id}`]: {
          expires_at: { from: expired, to: longer },
          revoked_reason: { from: 'Key expired', to: null },
        },
      }),
    }
  },
  'api_key.update, reset': async ({ key }) => ({
    args: [key.id, { reset: true, grace_seconds: 60 }],
    leaves: ({ id }) => ({
      [`key.reset ${id}`]: {
        generation: { from: 1, to: 2 },
        grace_until: { from: null, to: rig.clock.now + 60_000 },
      },
    }),
  }),
  // It compares neither when the key ends nor when the grace period of the reset before does.
  'api_key.update, reset once more': async ({ key, peer }) => {
    await peer.call('api_key.update', key.id, { reset: true, grace_seconds: 60 })
    const later = rig.clock.now + 60_000
    return {
      args: [key.id, { reset: true, expires_at: new Date(later) }],
      leaves: ({ id }) => ({
        [`key.reset ${id}`]: {
          generation: { from: 2, to: 3 },
          expires_at: { to: later },
          grace_until: { to: null },
        },
      }),
    }
  },
  'api_key.update, by a key': async ({ admin, key, open }) => {
    const own = await addKey(rig.service, admin)
    const by = await open()
    await by.call('auth.login_with_api_key', own.raw.reveal())
    const later = rig.clock.now + 60_000
    return {
      by,
      args: [key.id, { expires_at: new Date(later) }],
      leaves: ({ id }) => ({ [`key.update ${id}`]: { expires_at: { from: null, to: later } } }),
      actors: [{ ...ADMIN, keyId: own.key.id }],
    }
  },
  'api_key.revoke': async ({ key }) => ({
    args: [key.id, { reason: 'seen' }],
    leaves: ({ id }) => ({ [`key.revoke.asked ${id}`]: { revoked_reason: { to: 'seen' } } }),
  }),
  'api_key.delete': async ({ key }) => ({
    args: [key.id],
    leaves: () => ({ [`key.delete ${key.id}`]: { name: { from: key.name } } }),
  }),
  // The first one makes the user whom devices' keys belong to.
  'device.invite': async () => ({
    args: [{ name: 'nas' }],
    leaves: () => ({
      'device.invite nas': { expires_at: { to: rig.clock.now + 3_600_000 } },
      [`user.create ${DEVICES}`]: made('Devices', ['KEY_VALIDATE'], true),
    }),
    actors: [ADMIN, ADMIN],
  }),
  'device.enroll': async ({ peer, open }) => ({
    by: await open(),
    args: [{ token: (await invite(peer)).token, name: 'nas', model: 'X1' }],
    leaves: ({ id }) => ({
      [`device.enroll ${id}`]: {
        name: { to: 'nas' },
        model: { to: 'X1' },
        serial: { to: null },
        version: { to: null },
        invited_by: { to: 'admin' },
      },
    }),
    actors: [{ ...ADMIN, username: DEVICES }],
  }),
  'device.query': reads(),
  'device.get_instance': async ({ peer }) => {
    const { token } = await invite(peer)
    const { id } = await peer.call<{ id: number }>('device.enroll', { token, name: 'nas' })
    return { args: [id] }
  },
  'device.delete': async ({ peer }) => {
    const { token } = await invite(peer)
    const { id } = await peer.call<{ id: number }>('device.enroll', { token, name: 'nas' })
    return { args: [id], leaves: () => ({ [`key.delete ${id}`]: { name: { from: 'nas' } } }) }
  },
  'user.query': reads(),
  'user.get_instance': async ({ bob }) => ({ args: [bob.uid] }),
  'user.create': async () => ({
    args: [{ username: 'ada', full_name: 'Ada', password: PASSWORD }],
    leaves: () => ({ 'user.create ada': made('Ada', [], false) }),
  }),
  'user.update': async ({ bob }) => ({
    args: [bob.uid, { full_name: 'Robert', password: PASSWORD }],
    leaves: () => ({
      'user.update bob': { full_name: { from: 'bob', to: 'Robert' }, ...WITH_PASSWORD },
    }),
  }),
  'user.update, what the keys copy': async ({ bob }) => ({
    args: [bob.uid, { locked: true, roles: [] }],
    leaves: () => ({
      'user.update bob': {
        roles: { from: ['READONLY_ADMIN'], to: [] },
        locked: { to: true },
      },
    }),
  }),
  // A lock compares neither name nor lock.
  'user.update, locked once more': async ({ bob, peer }) => {
    await peer.call('user.update', bob.uid, { locked: true })
    return {
      args: [bob.uid, { locked: true, full_name: 'Robert' }],
      leaves: () => ({ 'user.update bob': { full_name: { to: 'Robert' }, locked: { to: true } } }),
    }
  },
  // The user's keys are revoked by the service.
  'user.delete': async ({ bob, key }) => ({
    args: [bob.uid],
    leaves: () => ({
      [`key.revoke.no-user ${key.id}`]: {
        username: { from: 'bob', to: null },
        revoked_reason: { to: 'User does not exist' },
      },
      'user.delete bob': { roles: { from: ['READONLY_ADMIN'] } },
    }),
    actors: [ADMIN, KEYHARBOR],
  }),
  'user.set_password': async () => ({
    args: [{ username: 'bob', new_password: PASSWORD }],
    leaves: () => ({ 'user.set_password bob': WITH_PASSWORD }),
  }),
  'user.renew_2fa_secret': async () => ({
    args: ['bob', {}],
    leaves: () => ({ 'user.renew_2fa_secret bob': {} }),
  }),
  'user.confirm_2fa_secret': async (world) => {
    const code = await renewFactor(world)
    const changes = { twofactor_auth_configured: { from: false, to: true }, ...PROVEN_ANEW }
    return {
      args: ['bob', { code: code() }],
      leaves: () => ({ 'user.confirm_2fa_secret bob': changes }),
    }
  },
  'user.unset_2fa_secret': async ({ peer }) => {
    await peer.call('user.renew_2fa_secret', 'bob', {})
    return { args: ['bob'], leaves: () => ({ 'user.unset_2fa_secret bob': {} }) }
  },
}

const begin = async (): Promise<World> => {
  const admin = await newTenant(rig.service)
  const open = () => sockets.open({ address: ADDRESS })
  const name = `admin@${await slugOf(rig.service, admin)}`
  const peer = await open()
  expect(await peer.call('auth.login', name, PASSWORD)).toBe(true)
  const bob = await addUser(rig.service, admin.tenant, 'bob', ['READONLY_ADMIN'])
  const { key, raw } = await addKey(rig.service, bob)
  return { admin, name, peer, bob, key: { id: key.id, name: key.name, raw: raw.reveal() }, open }
}

/** The documentation tells what a call may hear that changes something. */
const expectTold = (name: string): void => {
  const faults = faultsOf(METHODS.get(name) as Method)
  const why = `${name} changes something: name it in SETTLED and BY_SESSION of tools/docs/texts/errors.ts`
  expect(faults, why).toContain('OUTCOME_UNKNOWN')
  if (actsBySession(name) && name !== 'device.enroll')
    expect(faults, why).toContain('RIGHTS_CHANGED')
}

describe('every method of the registry', () => {
  it('has a row', () => {
    const named = new Set(Object.keys(ROWS).map((row) => row.split(',')[0]))
    expect(
      [...named].sort(),
      'give each method a row in ROWS of test/audit/methods.test.ts: a call, and the audit entries that it leaves',
    ).toEqual([...METHODS.keys()].sort())
  })

  it.each(Object.keys(ROWS))('%s leaves what its row says', async (row) => {
    const world = await begin()
    const asked = (await ROWS[row]?.(world)) ?? {}
    const { args = [], by, leaves, actors, touches, silently = [] } = asked
    let result: Record<string, unknown> = {}
    const left = await watch(rig.table, async () => {
      result = await (by ?? world.peer).call(row.split(',')[0] ?? '', ...args)
    })
    const expected = leaves?.(result) ?? {}
    expect(
      said(left),
      'what the entry says is what the row’s `leaves` says: a new field of shared/domain/audit-events.ts goes into both',
    ).toEqual(expected)
    const count = Object.keys(expected).length
    if (count > 0) expectTold(row.split(',')[0] ?? '')
    const unsaid = count > 0 ? [] : left.changed
    expect(
      [...unsaid],
      'changed without an entry: write it by db.change, with an event of shared/domain/audit-events.ts',
    ).toEqual([...silently])
    if (touches !== undefined) expect(left.touched).toContain(touches)
    else if (count > 0) expect(left.changed).not.toEqual([])
    for (const { at } of left.entries) expect(at).toBe(rig.clock.now)
    const who = left.entries.map(({ actor }) => actor)
    expect(who).toHaveLength(count)
    const known = actors ?? Object.keys(expected).map(() => ADMIN)
    expect(who).toEqual(expect.arrayContaining([...known]))
    // Secrets of the world, of the call and of its answer.
    const [, secret = '-'] = world.key.raw.split('-')
    const { key, token } = (result ?? {}) as { key?: unknown; token?: unknown }
    const text = JSON.stringify(left.entries)
    for (const one of [PASSWORD, secret, key, token])
      if (typeof one === 'string') expect(text).not.toContain(one)
  })

  it('has left each event of the list, but for those of routes and the clock', () => {
    const events = Object.keys(AUDIT_EVENTS) as AuditEvent[]
    expectHeard(events.filter((event) => !OF_ROUTES.includes(event)))
  })
})

describe('a session that ended after a call was judged', () => {
  const acts = Object.keys(ROWS).filter((row) => actsBySession(row.split(',')[0] ?? ''))

  it.each(acts)('%s: changes nothing by it', async (row) => {
    const world = await begin()
    const boss = await addUser(rig.service, world.admin.tenant, 'boss', ['FULL_ADMIN'])
    const locking = await sockets.openAs(boss)
    const { args = [], by, leaves } = (await ROWS[row]?.(world)) ?? {}
    // The process has a copy of the session's item already.
    await world.peer.call('auth.generate_token')
    const name = row.split(',')[0] ?? ''
    let left: Left | null = null
    between = async (call) => {
      between = null
      await locking.call('user.update', world.admin.uid, { locked: true })
      let answer: string | null = null
      left = await watch(rig.table, async () => {
        answer = await call()
      })
      return answer
    }
    const { error } = await (by ?? world.peer).exchange(name, ...args)
    expectNothing(name, left)
    if (leaves !== undefined)
      expect((error as { data: object }).data).toMatchObject({
        reason:
          name === 'device.enroll'
            ? expect.stringMatching('not valid')
            : '[EACCES] Session is expired',
      })
  })
})
