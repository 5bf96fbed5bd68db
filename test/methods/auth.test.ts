/** Logins by key and by password with its second factor, and what a session is. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { updateKey } from '../../shared/keys/change.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import { type Peer, refusalOf, startSockets } from '../kit/peer.ts'
import { setUpFactor } from '../kit/second-factor.ts'
import { addKey, addUser, newTenant, slugOf } from '../kit/service.ts'
import { type Answer, type Logins, PASSWORD, plain, startLogins } from './logins.ts'

/** Where a tenant's first key is. */
const FIRST = { from: 1, to: 1, descending: false }

let rig: Logins['rig']
let sockets: Logins['sockets']
let admin: Logins['admin']
let slug: Logins['slug']
let open: Logins['open']
let password: Logins['password']
let revoke: Logins['revoke']
let rightNames: Logins['rightNames']
let wrongNames: Logins['wrongNames']
let watched: Logins['watched']
beforeAll(async () => {
  ;({ rig, sockets, admin, slug, open, password, revoke, rightNames, wrongNames, watched } =
    await startLogins())
})
afterAll(() => rig.close())

describe('before a login', () => {
  it('set_options answers, and subscribe is refused with 207 (docs/protocol/client.md §2.2, §2.3)', async () => {
    const peer = await open()
    const options = { legacy_jobs: false, private_methods: false, py_exceptions: false }
    expect(await peer.call('core.set_options', options)).toEqual(options)
    expect(await peer.call('core.set_options', { ...options, unknown: 1 })).toEqual(options)
    expect(await peer.exchange('core.subscribe', 'core.get_jobs')).toMatchObject({
      error: {
        code: -32001,
        data: { error: 207, reason: '[ENOTAUTHENTICATED] Not authenticated', extra: null },
      },
    })
    expect(await peer.call('core.ping')).toBe('pong')
    const old = await open({ version: 'v25.04.0' })
    expect(await old.call('core.set_options', { py_exceptions: false })).toBeNull()
  })

  it('names the mechanisms of the version', async () => {
    expect(await (await open()).call('auth.mechanism_choices')).toEqual([
      'API_KEY_PLAIN',
      'TOKEN_PLAIN',
      'PASSWORD_PLAIN',
      'SCRAM',
    ])
    const old = await open({ version: 'v25.10.0' })
    expect(await old.call('auth.mechanism_choices')).not.toContain('SCRAM')
  })

  it('counts calls for each address, and no more after the login', async () => {
    const { env } = rig.service
    const few = { ...env, KEYHARBOR_ANONYMOUS_CALLS_PER_MINUTE: 20 }
    const process = startSockets({ ...rig.service, env: few })
    const address = '198.51.100.7'
    const peers = await Promise.all([process.open({ address }), process.open({ address })])
    const [peer] = peers
    const { raw } = await addKey(rig.service, admin)
    expect(await peer.call('auth.login_with_api_key', raw.reveal())).toBe(true)
    for (let i = 0; i < 30; i++) expect(await peer.call('core.ping')).toBe('pong')
    const answers = []
    for (let i = 0; i < 20; i++) answers.push(await refusalOf(peers[1].call('core.ping')))
    expect(answers.filter((one) => one === 'not refused')).toHaveLength(19)
    const { error } = (await peers[1].exchange('core.ping')) as { error: { data: object } }
    expect(error.data).toEqual({
      error: 16,
      errname: 'EBUSY',
      reason: '[EBUSY] Rate Limit Exceeded',
      trace: null,
      extra: null,
      retry_after: 3,
    })
    expect(await (await process.open()).call('core.ping')).toBe('pong')
    rig.clock.now += 3000
    expect(await peers[1].call('core.ping')).toBe('pong')
  })

  it('closes at a message over 8 kB with 1007, and after the login over 64 kB with 1009', async () => {
    const peer = await open()
    expect(await peer.raw('x'.repeat(8193))).toBeNull()
    expect(sockets.closed.get(peer.id)).toEqual({
      code: 1007,
      reason: 'Anonymous connection max message length is 8 kB',
    })
    const other = await open()
    await plain(other, (await addKey(rig.service, admin)).raw)
    expect(await other.raw('x'.repeat(65_536))).toContain('-32700')
    expect(await other.raw('x'.repeat(65_537))).toBeNull()
    expect(sockets.closed.get(other.id)).toEqual({
      code: 1009,
      reason: 'Max message length is 64 kB',
    })
  })

  it.each(['v24.10.0', 'v25.04.99', 'v25.10.6', 'v27.0.0'])(
    'knows no version %s',
    async (version) => {
      await expect(open({ version })).rejects.toThrow('404')
    },
  )
})

describe('a key, plain', () => {
  it('logs in as its user', async () => {
    const peer = await open()
    const answer = await plain(peer, (await addKey(rig.service, admin)).raw)
    expect(answer).toMatchObject({
      response_type: 'SUCCESS',
      authenticator: 'LEVEL_1',
      reconnect_token: null,
      user_info: { pw_name: 'admin', account_attributes: ['SYS_ADMIN', 'LOCAL', 'API_KEY'] },
    })
    expect(await peer.call('auth.me')).toEqual(answer.user_info)
  })

  it('must be the key of the user who is named', async () => {
    const { raw } = await addKey(rig.service, admin)
    for (const name of rightNames())
      expect(await plain(await open(), raw, name), name).toMatchObject({
        response_type: 'SUCCESS',
        user_info: { pw_name: 'admin' },
      })
    for (const name of await wrongNames())
      expect(await plain(await open(), raw, name), name).toEqual({ response_type: 'AUTH_ERR' })
  })

  it('reads no tenant for the name that comes with a wrong secret', async () => {
    const { raw } = await addKey(rig.service, admin)
    const { read, open } = watched()
    const wrong = raw.reveal().replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
    const unknown = `${9e15}-${'A'.repeat(64)}`
    for (const text of [wrong, unknown, 'x'])
      expect(await plain(await open(), text, `admin@${slug}`)).toEqual({
        response_type: 'AUTH_ERR',
      })
    expect(read).toEqual([])
    await plain(await open(), raw, `admin@${slug}`)
    expect(read).toEqual([admin.tenant])
  })

  it('that is revoked is AUTH_ERR, that is expired EXPIRED', async () => {
    const revoked = await addKey(rig.service, admin)
    await revoke(revoked.key)
    expect(await plain(await open(), revoked.raw)).toEqual({ response_type: 'AUTH_ERR' })
    const expired = await addKey(rig.service, admin, { expires: rig.clock.now + 5 })
    rig.clock.now += 5
    expect(await plain(await open(), expired.raw)).toEqual({ response_type: 'EXPIRED' })
  })

  it('of a user without roles is DENIED from 26 on, AUTH_ERR before', async () => {
    const user = await addUser(rig.service, admin.tenant, 'stripped', ['API_KEY_READ'])
    const { raw } = await addKey(rig.service, user)
    const changed = await rig.service.users.change(
      user,
      { roles: [] },
      { event: 'user.update', at: rig.clock.now, actor: SERVICE },
    )
    if ('reason' in changed) throw new Error(changed.reason)
    await rig.service.keys.copyOwner(
      (await rig.service.keys.inRange(admin.tenant, FIRST).next()).value,
      changed,
    )
    for (const n of await rig.service.keys.ownedBy(admin.tenant, user.uid))
      await rig.service.keys.copyOwner({ tenant: admin.tenant, n }, changed)
    expect(await plain(await open(), raw, 'stripped')).toEqual({ response_type: 'DENIED' })
    const old = await open({ version: 'v25.10.0' })
    expect(await plain(old, raw, 'stripped')).toEqual({ response_type: 'AUTH_ERR' })
  })

  it('over ws:// is revoked on the spot, answers EXPIRED, and works after a reset', async () => {
    const { key, raw } = await addKey(rig.service, admin)
    const insecure = await open({ proto: 'http' })
    expect(await plain(insecure, 'nonsense')).toEqual({ response_type: 'AUTH_ERR' })
    expect(await plain(insecure, raw)).toEqual({ response_type: 'EXPIRED' })
    expect(await plain(await open(), raw)).toEqual({ response_type: 'AUTH_ERR' })
    const [entry] = await rig.service.keys.byNumbers(key.tenant, [key.n])
    expect(entry?.revoked?.reason).toBe('Attempt to use over an insecure transport')
    const { issued } = await updateKey(rig.service, {
      ref: key,
      actor: SERVICE,
      update: { reset: true, graceSeconds: 0 },
    })
    expect(await plain(await open(), issued?.raw ?? '')).toMatchObject({ response_type: 'SUCCESS' })
    const other = await addKey(rig.service, admin)
    const legacy = await open({ proto: 'ws', version: 'v25.10.0' })
    expect(await legacy.call('auth.login_with_api_key', other.raw.reveal())).toBe(false)
    const [second] = await rig.service.keys.byNumbers(key.tenant, [other.key.n])
    expect(second?.revoked?.cause).toBe('insecure')
  })
})

describe('a password', () => {
  it('logs in by user@tenant, by the host’s first label, and false in the old way', async () => {
    expect(await password(await open())).toMatchObject({ response_type: 'SUCCESS' })
    const host = await open({ host: `${slug}.keys.example:443` })
    expect(await password(host, 'admin')).toMatchObject({ response_type: 'SUCCESS' })
    expect(await password(await open(), 'admin')).toEqual({ response_type: 'AUTH_ERR' })
    expect(await (await open()).call('auth.login', `admin@${slug}`, PASSWORD)).toBe(true)
    expect(await (await open()).call('auth.login', `admin@${slug}`, 'x')).toBe(false)
  })

  it.each([
    ['a wrong password', () => `admin@${slug}`, 'wrong'],
    ['an unknown user', () => `nobody@${slug}`, PASSWORD],
    ['an unknown tenant', () => 'admin@nowhere', PASSWORD],
  ])('is refused alike for %s', async (_, name, given) => {
    expect(await password(await open(), name(), given)).toEqual({ response_type: 'AUTH_ERR' })
  })

  it('ends its sessions when it changes', async () => {
    const tenant = await newTenant(rig.service)
    const peer = await sockets.signIn(tenant)
    await peer.call('user.create', {
      username: 'kim',
      full_name: 'Kim',
      roles: ['READONLY_ADMIN'],
      password: 'first password',
    })
    const name = `kim@${await slugOf(rig.service, tenant)}`
    const kim = await open()
    expect(await password(kim, name, 'first password')).toMatchObject({ response_type: 'SUCCESS' })
    await kim.call('user.set_password', {
      username: 'kim',
      old_password: 'first password',
      new_password: 'second password',
    })
    expect(await refusalOf(kim.call('auth.me'))).toBe('-32001 [EACCES] Session is expired')
    expect(await password(kim, name, 'second password')).toMatchObject({ response_type: 'SUCCESS' })
  })
})

describe('the second factor', () => {
  const setUp = async () => {
    const tenant = await newTenant(rig.service)
    const name = `admin@${await slugOf(rig.service, tenant)}`
    const peer = await open()
    await password(peer, name)
    const proof = { password: PASSWORD }
    const { code } = await setUpFactor(peer, 'admin', () => rig.clock.now, proof)
    // Its code was used to confirm it.
    rig.clock.now += 30_000
    return { tenant, name, code }
  }
  const otp = (peer: Peer, otp_token: string, method = 'auth.login_ex_continue') =>
    peer.call<Answer>(method, { mechanism: 'OTP_TOKEN', otp_token })

  it('is asked for after a right password, and no code is good twice', async () => {
    const { name, code } = await setUp()
    const peer = await open()
    expect(await password(peer, name)).toEqual({ response_type: 'OTP_REQUIRED', username: name })
    expect(await refusalOf(peer.call('auth.me'))).toMatch('Not authenticated')
    expect(await otp(peer, code())).toMatchObject({
      response_type: 'SUCCESS',
      user_info: { account_attributes: expect.arrayContaining(['2FA']) },
    })
    const again = await open()
    await password(again, name)
    expect(await otp(again, code())).toEqual({ response_type: 'AUTH_ERR' })
    rig.clock.now += 30_000
    const later = await open()
    expect(await later.call('auth.login', name, PASSWORD, code())).toBe(true)
    expect(await (await open()).call('auth.login', name, PASSWORD)).toBe(false)
  })

  it('that is wrong ends the attempt in 26, and may be tried three times in 25.x', async () => {
    const { name } = await setUp()
    const peer = await open()
    await password(peer, name)
    expect(await otp(peer, '000000', 'auth.login_ex')).toEqual({ response_type: 'AUTH_ERR' })
    expect(await refusalOf(otp(peer, '000000'))).toBe(
      '-32001 [EINVAL] OTP_TOKEN: no authentication in progress',
    )
    const old = await open({ version: 'v25.10.0' })
    await password(old, name)
    const types = []
    for (let i = 0; i < 3; i++) types.push((await otp(old, '000000')).response_type)
    expect(types).toEqual(['OTP_REQUIRED', 'OTP_REQUIRED', 'AUTH_ERR'])
  })

  it('is abandoned by another login, and never asked of a key', async () => {
    const { tenant, name, code } = await setUp()
    const { raw } = await addKey(rig.service, tenant)
    const peer = await open()
    await password(peer, name)
    expect(await plain(peer, 'nonsense')).toEqual({ response_type: 'AUTH_ERR' })
    expect(await refusalOf(otp(peer, code()))).toMatch('no authentication in progress')
    expect(await plain(peer, raw)).toMatchObject({ response_type: 'SUCCESS' })
  })

  it('can’t be taken over with a key', async () => {
    const { tenant } = await setUp()
    const peer = await open()
    await plain(peer, (await addKey(rig.service, tenant)).raw)
    expect(await refusalOf(peer.call('user.renew_2fa_secret', 'admin', {}))).toMatch(
      'Not authorized',
    )
  })
})

describe('sessions', () => {
  it('are listed, ended one by one, and all but one’s own', async () => {
    const tenant = await newTenant(rig.service)
    const { key, raw } = await addKey(rig.service, tenant)
    const [me, one, two] = await Promise.all([open(), open(), open()])
    for (const peer of [me, one, two]) await plain(peer, raw)
    const list = await me.call<{ id: string; current: boolean }[]>('auth.sessions')
    expect(list).toHaveLength(3)
    expect(list.find(({ current }) => current)).toMatchObject({
      credentials: 'API_KEY',
      credentials_data: { username: 'admin', api_key: { id: key.id, name: key.name } },
      secure_transport: true,
      internal: false,
    })
    const other = list.find(({ current }) => !current)?.id
    expect(await me.call('auth.terminate_session', other)).toBe(true)
    expect(await me.call('auth.terminate_session', 'unknown')).toBe(false)
    expect(await me.call('auth.sessions', [], { count: true })).toBe(2)
    expect(await me.call('auth.terminate_other_sessions')).toBe(true)
    expect(await me.call('auth.sessions', [], { count: true })).toBe(1)
    expect(sockets.closed.get(one.id)).toMatchObject({ code: 1008 })
    expect(sockets.closed.get(two.id)).toMatchObject({ code: 1008 })
  })

  it('end at logout, and the socket can log in again, as somebody else', async () => {
    const peer = await open()
    const { raw } = await addKey(rig.service, admin)
    await plain(peer, raw)
    expect(await peer.call('auth.logout')).toBe(true)
    expect(await refusalOf(peer.call('auth.me'))).toMatch('Not authenticated')
    await plain(peer, raw)
    const user = await addUser(rig.service, admin.tenant, 'second', ['API_KEY_READ'])
    await plain(peer, (await addKey(rig.service, user)).raw, 'second')
    expect(await peer.call('auth.me')).toMatchObject({ pw_name: 'second' })
  })

  it('of a revoked key fail at the very next call', async () => {
    const { key, raw } = await addKey(rig.service, admin)
    const peer = await open()
    await plain(peer, raw)
    await peer.call('auth.me')
    await revoke(key)
    expect(await refusalOf(peer.call('auth.me'))).toBe('-32001 [EACCES] Session is expired')
  })

  it('leave nothing behind when the socket closes', async () => {
    const tenant = await newTenant(rig.service)
    const { raw } = await addKey(rig.service, tenant)
    const peer = await open()
    await plain(peer, raw)
    await peer.call('core.subscribe', 'api_key.query')
    await peer.disconnect()
    expect(await rig.service.connections.get(peer.id)).toBeNull()
    expect(await rig.service.sessions.all(tenant.tenant)).toEqual([])
    for await (const left of rig.service.connections.subscribers(tenant.tenant, 'api_key.query'))
      expect(left).toBeUndefined()
  })
})
