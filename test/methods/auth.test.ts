import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../../shared/domain/secret.ts'
import { updateKey } from '../../shared/keys/change.ts'
import { revokeKey } from '../../shared/keys/revoke.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import type { User } from '../../shared/store/user-items.ts'
import { REAL_ROUNDS } from '../kit/costs.ts'
import { type Peer, type PeerOptions, refusalOf, type Sockets, startSockets } from '../kit/peer.ts'
import { scramLogin } from '../kit/scram.ts'
import { setUpFactor } from '../kit/second-factor.ts'
import { addKey, addUser, newTenant, type Rig, slugOf, startRig } from '../kit/service.ts'

const certificate = createHash('sha256').update('the certificate').digest()
const PASSWORD = 'correct horse'

/** Where a tenant's first key is. */
const FIRST = { from: 1, to: 1, descending: false }

let rig: Rig
let sockets: Sockets
let admin: User
let slug: string
beforeAll(async () => {
  const digests = [Buffer.alloc(32), certificate].map((digest) => digest.toString('base64'))
  rig = await startRig({ KEYHARBOR_CHANNEL_BINDINGS: digests.join() }, REAL_ROUNDS)
  sockets = startSockets(rig.service)
  admin = await newTenant(rig.service)
  slug = await slugOf(rig.service, admin)
})
afterAll(() => rig.close())

/** What a key's user may be called at a login, and what means somebody else. */
const rightNames = () => ['admin', `admin@${slug}`]
const wrongNames = async () => {
  const other = await newTenant(rig.service)
  const others = await rig.service.tenants.slugOf(other.tenant)
  return [
    ...['root', `root@${slug}`, `admin@${others}`, 'admin@nobody', 'admin@', `@${slug}`],
    ...[`admin@@${slug}`, `admin@${slug}@${slug}`, `admin@${slug.toUpperCase()}`, `admin@${slug} `],
    ...[`ADMIN@${slug}`, `admin@${admin.tenant}`, slug],
  ]
}
/** Sockets that count how often a tenant is read for its name. */
const watched = () => {
  const { tenants } = rig.service
  const read: number[] = []
  const slugOf = (tenant: number) => {
    read.push(tenant)
    return tenants.slugOf(tenant)
  }
  return { read, open: startSockets({ ...rig.service, tenants: { ...tenants, slugOf } }).open }
}

type Answer = { response_type: string; user_info: Record<string, never> | null; username?: string }
const open = (options?: PeerOptions) => sockets.open(options)
const loginEx = (peer: Peer, data: object) => peer.call<Answer>('auth.login_ex', data)
const plain = (peer: Peer, raw: { reveal(): string } | string, username = 'admin') =>
  loginEx(peer, {
    mechanism: 'API_KEY_PLAIN',
    username,
    api_key: typeof raw === 'string' ? raw : raw.reveal(),
  })
const password = (peer: Peer, username = `admin@${slug}`, given = PASSWORD) =>
  loginEx(peer, { mechanism: 'PASSWORD_PLAIN', username, password: given })
const revoke = (ref: { tenant: number; n: number }) =>
  revokeKey(rig.service, { ref, actor: SERVICE, cause: 'asked' })

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

describe('SCRAM', () => {
  const scram = async (options: Parameters<typeof scramLogin>[1], how?: PeerOptions) => {
    const peer = await open(how)
    return {
      peer,
      ...(await scramLogin((method, ...params) => peer.call(method, ...params), options)),
    }
  }

  it('logs in, proves the server, and says so in auth.me', async () => {
    const { raw } = await addKey(rig.service, admin)
    const { last, serverProven, peer } = await scram({ username: 'admin', raw: raw.reveal() })
    expect(serverProven).toBe(true)
    expect(last).toMatchObject({
      response_type: 'SCRAM_RESPONSE',
      scram_type: 'SERVER_FINAL_RESPONSE',
      user_info: { account_attributes: expect.arrayContaining(['API_KEY', 'SCRAM']) },
    })
    expect(await peer.call('api_key.my_keys')).not.toHaveLength(0)
  })

  it('binds to the certificate, and refuses another one, and none over plain ws', async () => {
    const { raw } = await addKey(rig.service, admin)
    const key = { username: 'admin', raw: raw.reveal() }
    const other = createHash('sha256').update('a man in the middle').digest()
    expect(await scram({ ...key, certificate })).toMatchObject({ serverProven: true })
    expect((await scram({ ...key, certificate: other })).last).toEqual({
      response_type: 'AUTH_ERR',
    })
    expect((await scram({ ...key, certificate }, { proto: 'http' })).first).toEqual({
      response_type: 'AUTH_ERR',
    })
    expect(await scram(key, { proto: 'http' })).toMatchObject({ serverProven: true })
  })

  it('answers an unknown key, a wrong secret and a wrong user alike, until the proof', async () => {
    const { key, raw } = await addKey(rig.service, admin)
    const { raw: other } = await addKey(rig.service, await newTenant(rig.service))
    const [, secret] = other.reveal().split('-')
    const cases = [
      { username: 'admin', raw: `${key.id}-${secret}` },
      { username: 'root', raw: raw.reveal() },
      { username: 'admin', raw: `${key.id + 1000}-${secret}` },
      { username: 'admin', raw: `9000000000000001-${secret}` },
      { username: 'admin', raw: other.reveal().replace(/^/, '') },
    ]
    for (const one of cases.slice(0, 4)) {
      const { first, last } = await scram(one)
      expect(first.response_type).toBe('SCRAM_RESPONSE')
      expect(first.rfc_str).toMatch(/^r=[A-Za-z0-9+/]{86}==,s=[A-Za-z0-9+/]{22}==,i=50000$/)
      expect(last).toEqual({ response_type: 'AUTH_ERR' })
    }
    const salt = async () => /s=([^,]+)/.exec((await scram(cases[3] as never)).first.rfc_str)?.[1]
    expect(await salt()).toBe(await salt())
  })

  it('takes the user with the tenant of the key, and with no other', async () => {
    const { raw } = await addKey(rig.service, admin)
    for (const username of rightNames())
      expect(await scram({ username, raw: raw.reveal(), certificate }), username).toMatchObject({
        serverProven: true,
        last: { user_info: { pw_name: 'admin' } },
      })
    for (const username of await wrongNames()) {
      const { first, last } = await scram({ username, raw: raw.reveal() })
      expect(first.response_type, username).toBe('SCRAM_RESPONSE')
      expect(last, username).toEqual({ response_type: 'AUTH_ERR' })
    }
  })

  it('reads the tenant of the named one as often for an unknown key as for a known one', async () => {
    const { raw } = await addKey(rig.service, admin)
    const [id, secret] = raw.reveal().split('-')
    const { read, open } = watched()
    const reads = async (username: string, key: string) => {
      const peer = await open()
      read.length = 0
      await scramLogin((method, ...params) => peer.call(method, ...params), { username, raw: key })
      return read.length
    }
    for (const key of [raw.reveal(), `${Number(id) + 1000}-${secret}`, `${id}-${'A'.repeat(64)}`]) {
      for (const username of [`admin@${slug}`, 'root@nobody', '@'])
        expect(await reads(username, key), username).toBe(1)
      expect(await reads('admin', key)).toBe(0)
    }
  })

  it('never says EXPIRED, and refuses revoked keys at the proof', async () => {
    const revoked = await addKey(rig.service, admin)
    await revoke(revoked.key)
    const expired = await addKey(rig.service, admin, { expires: rig.clock.now + 5 })
    rig.clock.now += 5
    for (const { raw } of [revoked, expired])
      expect((await scram({ username: 'admin', raw: raw.reveal() })).last).toEqual({
        response_type: 'AUTH_ERR',
      })
  })

  it('knows both secrets during a grace period', async () => {
    const { key, raw } = await addKey(rig.service, admin)
    const { issued } = await updateKey(rig.service, {
      ref: key,
      actor: SERVICE,
      update: { reset: true, graceSeconds: 60 },
    })
    for (const secret of [raw, issued?.raw ?? new Secret('')])
      expect(await scram({ username: 'admin', raw: secret.reveal() })).toMatchObject({
        serverProven: true,
      })
    rig.clock.now += 60_000
    expect((await scram({ username: 'admin', raw: raw.reveal() })).last).toEqual({
      response_type: 'AUTH_ERR',
    })
  })

  it('needs the first message, from this connection, within a minute', async () => {
    const { raw } = await addKey(rig.service, admin)
    const peer = await open()
    const other = await open()
    let kept = ''
    await scramLogin((method, ...params) => peer.call(method, ...params), {
      username: 'admin',
      raw: raw.reveal(),
      bend: (text) => {
        kept = text
        return text.replace(/p=.*/, 'p=')
      },
    })
    const final = (on: Peer) =>
      on.call('auth.login_ex', {
        mechanism: 'SCRAM',
        scram_type: 'CLIENT_FINAL_MESSAGE',
        rfc_str: kept,
      })
    const text = '-32001 [EFAULT] SCRAM authentication is not in progress'
    expect(await refusalOf(final(other))).toBe(text)
    rig.clock.now += 61_000
    expect(await refusalOf(final(peer))).toBe(text)
  })

  it('writes nothing to the table before the proof', async () => {
    const { raw } = await addKey(rig.service, admin)
    const peer = await open()
    const before = await rig.service.connections.get(peer.id)
    await peer.call('auth.login_ex', {
      mechanism: 'SCRAM',
      scram_type: 'CLIENT_FIRST_MESSAGE',
      rfc_str: `n,,n=admin:${raw.reveal().split('-')[0]},r=${Buffer.alloc(32).toString('base64')}`,
    })
    expect(await rig.service.connections.get(peer.id)).toEqual(before)
  })
})

describe('a token', () => {
  const token = (peer: Peer, text: string) =>
    loginEx(peer, { mechanism: 'TOKEN_PLAIN', token: text })

  it('logs in again as who made it, from the same address', async () => {
    const address = '203.0.113.5'
    const peer = await open({ address })
    await password(peer)
    const text = await peer.call<string>('auth.generate_token')
    expect(text).toMatch(/^[\w.-]+$/)
    expect(await token(await open({ address }), text)).toMatchObject({ response_type: 'SUCCESS' })
    expect(await token(await open(), text)).toEqual({ response_type: 'AUTH_ERR' })
    expect(await (await open({ address })).call('auth.login_with_token', text)).toBe(true)
  })

  it('that is changed anywhere is refused', async () => {
    const peer = await open()
    await password(peer)
    const text = await peer.call<string>('auth.generate_token', 600, {}, false)
    const other = await peer.call<string>('auth.generate_token', 600, {}, false)
    const bent = Array.from(text, (char, at) => {
      const next = char === '1' ? '2' : '1'
      return text.slice(0, at) + next + text.slice(at + 1)
    })
    const mixed = text.slice(0, -43) + other.slice(-43)
    for (const guess of [...bent, mixed, `${text}x`, text.slice(0, -1), ` ${text}`, ''])
      expect(await (await open()).call('auth.login_with_token', guess)).toBe(false)
    expect(await token(await open(), text)).toMatchObject({ response_type: 'SUCCESS' })
  })

  it('of a single use is good once, also for two at once', async () => {
    const peer = await open()
    await password(peer)
    const text = await peer.call<string>('auth.generate_token', 600, {}, false, true)
    const tries = await Promise.all([1, 2, 3].map(async () => token(await open(), text)))
    expect(tries.filter(({ response_type: type }) => type === 'SUCCESS')).toHaveLength(1)
  })

  it('runs from its last use, and dies with the key that it came from', async () => {
    const { key, raw } = await addKey(rig.service, admin)
    const peer = await open()
    await plain(peer, raw)
    const text = await peer.call<string>('auth.generate_token', 60, {}, false)
    rig.clock.now += 59_000
    expect(await token(await open(), text)).toMatchObject({ response_type: 'SUCCESS' })
    rig.clock.now += 59_000
    expect(await token(await open(), text)).toMatchObject({ response_type: 'SUCCESS' })
    await revoke(key)
    expect(await token(await open(), text)).toEqual({ response_type: 'AUTH_ERR' })
    const idle = await open()
    await password(idle)
    const other = await idle.call<string>('auth.generate_token', 60, {}, false)
    rig.clock.now += 60_000
    expect(await token(await open(), other)).toEqual({ response_type: 'AUTH_ERR' })
  })

  it('with attributes is for a job’s file, of which there are none: it is refused', async () => {
    const peer = await open()
    await password(peer)
    expect(await refusalOf(peer.call('auth.generate_token', 600, { job: 1 }, false))).toBe(
      '-32001 [EFAULT] 1: job does not exist.',
    )
    for (const attrs of [{ shell: true }, { job: null }, { job: 'x' }])
      expect(await refusalOf(peer.call('auth.generate_token', 600, attrs))).toMatch(
        /^-32602 .*attrs/,
      )
  })

  it('for a reconnect is good once', async () => {
    const address = '203.0.113.9'
    const answer = await loginEx(await open({ address }), {
      mechanism: 'PASSWORD_PLAIN',
      username: `admin@${slug}`,
      password: PASSWORD,
      login_options: { user_info: false, reconnect_token: true },
    })
    expect(answer.user_info).toBeNull()
    const reconnect = (answer as never as { reconnect_token: string }).reconnect_token
    expect(await token(await open({ address }), reconnect)).toMatchObject({
      response_type: 'SUCCESS',
    })
    expect(await token(await open({ address }), reconnect)).toEqual({ response_type: 'AUTH_ERR' })
  })
})

describe('a session that goes on by tokens', () => {
  const byToken = async (text: string): Promise<Peer | null> => {
    const peer = await open()
    return (await peer.call('auth.login_with_token', text)) ? peer : null
  }
  const tokenOf = (peer: Peer, ttl = 600) =>
    peer.call<string>('auth.generate_token', ttl, {}, false)
  const successor = async (peer: Peer): Promise<Peer> => {
    const next = await byToken(await tokenOf(peer))
    if (next === null) throw new Error('the token was refused')
    return next
  }
  const ends: [string, (peer: Peer) => Promise<unknown>][] = [
    ['logout', (peer) => peer.call('auth.logout')],
    [
      'terminate_session',
      async (peer) => {
        const [own] = await peer.call<{ id: string }[]>('auth.sessions', [['current', '=', true]])
        const other = await open()
        await plain(other, (await addKey(rig.service, admin)).raw)
        expect(await other.call('auth.terminate_session', own?.id)).toBe(true)
      },
    ],
    [
      'terminate_other_sessions',
      async () => {
        const other = await open()
        await plain(other, (await addKey(rig.service, admin)).raw)
        await other.call('auth.terminate_other_sessions')
        rig.clock.now += 1
      },
    ],
  ]

  it.each(ends)(
    'ends for good by %s: no token of it is left, of whichever session',
    async (_, end) => {
      for (const login of [
        (peer: Peer) => password(peer),
        async (peer: Peer) => plain(peer, (await addKey(rig.service, admin)).raw),
      ]) {
        const first = await open()
        await login(first)
        const unused = await tokenOf(first)
        const second = await successor(first)
        const ofSecond = await tokenOf(second)
        await first.disconnect()
        const third = await successor(second)
        await second.disconnect()
        const ofThird = await tokenOf(third)
        await end(third)
        for (const left of [unused, ofSecond, ofThird]) expect(await byToken(left)).toBeNull()
      }
    },
  )

  it('ends also what its maker made later, once the maker is gone', async () => {
    const first = await open()
    await password(first)
    const second = await successor(first)
    const late = await tokenOf(first)
    await first.disconnect()
    await second.call('auth.logout')
    expect(await byToken(late)).toBeNull()
  })

  it('ends with the token of each login that came at the same moment on its socket', async () => {
    const first = await open()
    await password(first)
    const used = [await tokenOf(first), await tokenOf(first)]
    const peer = await open()
    const both = await Promise.all(used.map((one) => peer.call('auth.login_with_token', one)))
    expect(both).toContain(true)
    await peer.call('auth.logout')
    const left = await Promise.all(used.map(async (one) => (await byToken(one)) !== null))
    expect(left).toEqual(both.map((loggedIn) => !loggedIn))
  })

  it('is ended with the other sessions, also where its own has no socket', async () => {
    const thief = await open()
    await password(thief)
    const hidden = await tokenOf(thief)
    await thief.disconnect()
    const first = await open()
    await password(first)
    const before = await tokenOf(first)
    const peer = await successor(first)
    await first.disconnect()
    const own = await tokenOf(peer)
    expect(await peer.call('auth.terminate_other_sessions')).toBe(true)
    rig.clock.now += 1
    for (const gone of [hidden, before]) expect(await byToken(gone)).toBeNull()
    expect(await byToken(own)).not.toBeNull()
  })

  it('leaves other logins of the same user alone', async () => {
    const [one, other] = [await open(), await open()]
    await password(one)
    await password(other)
    const left = await tokenOf(other)
    await (await successor(one)).call('auth.logout')
    expect(await byToken(left)).not.toBeNull()
  })

  it('ends what it made and what it used, and not the future of the one that it came from', async () => {
    const first = await open()
    await password(first)
    const [used, unused] = [await tokenOf(first), await tokenOf(first)]
    const second = await byToken(used)
    if (second === null) throw new Error('the token was refused')
    const ofSecond = await tokenOf(second)
    const child = await successor(second)
    await second.call('auth.logout')
    for (const dead of [used, ofSecond]) expect(await byToken(dead)).toBeNull()
    // The first lives, and so do its tokens, those from before and those to come; as on genuine servers, so does
    // who came in by a token of the one that ended.
    for (const good of [unused, await tokenOf(first), await tokenOf(child)])
      expect(await byToken(good)).not.toBeNull()
  })

  it.each([
    ['logs out', (peer: Peer) => peer.call('auth.logout')],
    ['loses its socket', (peer: Peer) => peer.disconnect()],
    [
      'logs in as another',
      async (peer: Peer) => plain(peer, (await addKey(rig.service, admin)).raw),
    ],
  ])('takes the token that it used with it when it %s', async (_, end) => {
    const first = await open()
    await password(first)
    const used = await tokenOf(first)
    const second = await byToken(used)
    // The same one again on the same socket uses it further.
    expect(await second?.call('auth.login_with_token', used)).toBe(true)
    expect(await byToken(used)).not.toBeNull()
    if (second) await end(second)
    expect(await byToken(used)).toBeNull()
    expect(await first.call('auth.me')).toMatchObject({ pw_name: 'admin' })
  })

  it('is over thirty days after its login, however many tokens it went on by', async () => {
    const day = 86_400_000
    const key = await addKey(rig.service, admin)
    for (const login of [(peer: Peer) => password(peer), (peer: Peer) => plain(peer, key.raw)]) {
      let peer: Peer | null = await open()
      await login(peer)
      let [days, last] = [0, '']
      for (; peer !== null && days < 40; days++) {
        last = await tokenOf(peer, 2 * 86_400)
        rig.clock.now += day
        await peer.disconnect()
        peer = await byToken(last)
      }
      expect(days).toBe(30)
      expect(await byToken(last)).toBeNull()
    }
  })

  it('is expired at that moment on an open socket, too', async () => {
    const peer = await open()
    await password(peer)
    rig.clock.now += 30 * 86_400_000 - 1
    expect(await peer.call('auth.me')).toMatchObject({ pw_name: 'admin' })
    rig.clock.now += 1
    expect(await refusalOf(peer.call('auth.me'))).toBe('-32001 [EACCES] Session is expired')
  })

  it('has sixteen open tokens at the most, also by calls at once, and those used up don’t count', async () => {
    const peer = await open()
    await password(peer)
    const make = (ttl: number) => refusalOf(peer.call('auth.generate_token', ttl, {}, false, true))
    const made = await Promise.all(Array.from({ length: 20 }, (_, i) => make(60 + i)))
    expect(made.filter((one) => one === 'not refused')).toHaveLength(16)
    expect(await make(600)).toMatch(
      /^-32001 \[EBUSY\] A session has 16 open tokens at the most\. Use one, wait until .*20\d\d-.*Z/,
    )
    rig.clock.now += 90_000
    const once = await peer.call<string>('auth.generate_token', 600, {}, false, true)
    for (let i = 0; i < 15; i++) expect(await make(600)).toBe('not refused')
    expect(await make(600)).toMatch('EBUSY')
    expect(await byToken(once)).not.toBeNull()
    expect(await make(600)).toBe('not refused')
    // Who logs in gets a reconnect token of the new session.
    const login_options = { user_info: false, reconnect_token: true }
    const credentials = {
      mechanism: 'PASSWORD_PLAIN',
      username: `admin@${slug}`,
      password: PASSWORD,
    }
    expect(await loginEx(peer, { ...credentials, login_options })).toMatchObject({
      reconnect_token: expect.any(String),
    })
  })

  it('makes no token once it has ended, not even one that was under way', async () => {
    const { tokens } = rig.service
    let end = async (): Promise<unknown> => null
    const add: typeof tokens.add = async (...args) => {
      await end()
      return tokens.add(...args)
    }
    const slow = startSockets({ ...rig.service, tokens: { ...tokens, add } })
    const peer = await slow.signIn(admin)
    end = () => peer.call('auth.logout')
    expect(await refusalOf(tokenOf(peer))).toBe('-32001 [EACCES] Session is expired')
  })

  it('takes no other token with it that has the place of the one it used', async () => {
    const first = await open()
    await password(first)
    const second = await byToken(await tokenOf(first, 60))
    rig.clock.now += 60_000
    const all = await Promise.all(Array.from({ length: 16 }, () => tokenOf(first)))
    await second?.call('auth.logout')
    for (const token of all) expect(await byToken(token)).not.toBeNull()
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
