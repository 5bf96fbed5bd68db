/** One test for each hole that a hard look found, named after it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { revokeKey } from '../../shared/keys/revoke.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import { itemKey } from '../../shared/store/item-keys.ts'
import type { User } from '../../shared/store/user-items.ts'
import { type Peer, refusalOf, type Sockets, startSockets } from '../kit/peer.ts'
import { setUpFactor } from '../kit/second-factor.ts'
import { addKey, addUser, newTenant, type Rig, slugOf, startRig } from '../kit/service.ts'
import { streamed } from '../kit/streamed.ts'

let rig: Rig
let sockets: Sockets
let admin: User
let slug: string
beforeAll(async () => {
  rig = await startRig()
  sockets = startSockets(rig.service)
  admin = await newTenant(rig.service)
  slug = await slugOf(rig.service, admin)
})
afterAll(() => rig.close())

const as = (user: User): Promise<Peer> => sockets.openAs(user)
const withPassword = async (password = 'correct horse'): Promise<[Peer, string]> => {
  const peer = await sockets.open()
  const login = { mechanism: 'PASSWORD_PLAIN', username: `admin@${slug}`, password }
  const { response_type } = await peer.call<{ response_type: string }>('auth.login_ex', login)
  return [peer, response_type]
}

describe('a listener', () => {
  it('that subscribed while it logged out hears nothing', async () => {
    const peers = await Promise.all(Array.from({ length: 8 }, () => as(admin)))
    await Promise.all(
      peers.map((peer) =>
        Promise.all([
          peer.call('core.subscribe', 'api_key.query').catch(() => null),
          peer.call('auth.logout'),
        ]),
      ),
    )
    sockets.pushed.length = 0
    const { key } = await addKey(rig.service, admin)
    const change = { key: itemKey.key(key), before: null, after: { ...key, sk: 'KEY' } }
    await streamed(sockets.service, change)
    const told = new Set(sockets.pushed.map(({ connection }) => connection))
    expect(peers.filter(({ id }) => told.has(id))).toEqual([])
  })

  it('whose key expired hears nothing, before any sweep', async () => {
    const tenant = await newTenant(rig.service)
    const { raw } = await addKey(rig.service, tenant, { expires: rig.clock.now + 1000 })
    const peer = await sockets.open()
    await peer.call('auth.login_with_api_key', raw.reveal())
    await peer.call('core.subscribe', '*')
    rig.clock.now += 1000
    sockets.pushed.length = 0
    const { key } = await addKey(rig.service, tenant)
    await streamed(sockets.service, { key: itemKey.key(key), before: null, after: { ...key } })
    expect(sockets.pushed).toEqual([])
  })
})

describe('a longer life for a key', () => {
  it('is given only by who holds its user’s roles', async () => {
    const writer = await addUser(rig.service, admin.tenant, 'prolonger', ['API_KEY_WRITE'])
    const peer = await as(writer)
    const { key } = await addKey(rig.service, admin, { expires: rig.clock.now + 60_000 })
    const beyond = /^-32001 \[EACCES\] prolonger: .*FULL_ADMIN$/
    const later = { expires_at: new Date(rig.clock.now + 120_000) }
    for (const to of [{ expires_at: null }, later])
      expect(await refusalOf(peer.call('api_key.update', key.id, to))).toMatch(beyond)
    const sooner = { expires_at: new Date(rig.clock.now + 30_000) }
    expect(await refusalOf(peer.call('api_key.update', key.id, sooner))).toBe('not refused')
  })
})

describe('guesses', () => {
  it('are counted also for who is logged in', async () => {
    const peer = await as(admin)
    const answers = []
    for (let i = 0; i < 11; i++)
      answers.push(await refusalOf(peer.call('auth.login', `nobody@${slug}`, `guess ${i}`)))
    expect(answers.slice(0, 10)).toEqual(Array(10).fill('not refused'))
    expect(answers.at(-1)).toBe('-32001 [EBUSY] Rate Limit Exceeded')
  })

  it('are no other’s than those of a whole /64', async () => {
    const few = { ...rig.service.env, KEYHARBOR_ANONYMOUS_CALLS_PER_MINUTE: 20 }
    const process = startSockets({ ...rig.service, env: few })
    const ping = async (address: string) =>
      refusalOf((await process.open({ address })).call('core.ping'))
    for (let i = 1; i <= 20; i++) await ping(`2001:db8:1:2::${i.toString(16)}`)
    expect(await ping('2001:db8:1:2:ffff::1')).toBe('-32001 [EBUSY] Rate Limit Exceeded')
    expect(await ping('2001:db8:1:3::1')).toBe('not refused')
  })

  it('of a one-time code at the same time are one', async () => {
    const [first] = await withPassword()
    await setUpFactor(first, 'admin', () => rig.clock.now, { password: 'correct horse' })
    const [peer, type] = await withPassword()
    expect(type).toBe('OTP_REQUIRED')
    const guess = { mechanism: 'OTP_TOKEN', otp_token: '000000' }
    let judged = 0
    const { users } = rig.service
    const tries = await Promise.all(
      Array.from({ length: 10 }, () =>
        refusalOf(peer.call('auth.login_ex_continue', guess)).then((said) => {
          if (said === 'not refused') judged++
          return said
        }),
      ),
    )
    // All are AUTH_ERR or find nothing pending; the pending login is used up by the first.
    expect(tries.every((said) => /not refused|no authentication in progress/.test(said))).toBe(true)
    expect(judged).toBeGreaterThan(0)
    expect(await refusalOf(peer.call('auth.login_ex_continue', guess))).toMatch('in progress')
    const user = (await users.get(admin.tenant, 'admin')) as User
    await users.change(
      user,
      { secondFactor: null },
      { event: 'user.update', at: 0, actor: SERVICE },
    )
  })
})

describe('a key', () => {
  it('does not lead to its user’s password or second factor', async () => {
    const peer = await as(admin)
    expect(
      await refusalOf(peer.call('user.update', admin.uid, { password: 'taken over' })),
    ).toMatch('Use user.set_password for your own password')
    expect(await refusalOf(peer.call('user.unset_2fa_secret', 'admin'))).toMatch('Not authorized')
    expect((await withPassword('taken over'))[1]).toBe('AUTH_ERR')
  })
})

describe('a token', () => {
  const login = async (token: string): Promise<unknown> =>
    (await sockets.open()).call('auth.login_with_token', token)

  it('dies with a session that is ended or logs out, and lives on when the socket drops', async () => {
    const [boss] = await withPassword()
    const make = async (): Promise<[Peer, string]> => {
      const [peer] = await withPassword()
      return [peer, await peer.call<string>('auth.generate_token', 600, {}, false)]
    }
    const [gone, kept] = await make()
    await gone.disconnect()
    const [out, loggedOut] = await make()
    await out.call('auth.logout')
    const [, ended] = await make()
    expect(await login(kept)).toBe(true)
    await boss.call('auth.terminate_other_sessions')
    rig.clock.now += 1
    expect(await login(loggedOut)).toBe(false)
    expect(await login(ended)).toBe(false)
  })

  it('is dead after thirty days, however often it was used', async () => {
    const [peer] = await withPassword()
    const token = await peer.call<string>('auth.generate_token', 20 * 86_400, {}, false)
    rig.clock.now += 19 * 86_400_000
    expect(await login(token)).toBe(true)
    rig.clock.now += 12 * 86_400_000
    expect(await login(token)).toBe(false)
  })
})

describe('odd input', () => {
  it('is refused like any other: a login name of any length, an id of any depth', async () => {
    const peer = await sockets.open()
    for (const name of ['é'.repeat(1000), `${'a'.repeat(900)}@${slug}`, `admin@${'x'.repeat(900)}`])
      expect(await peer.call('auth.login', name, 'whatever')).toBe(false)
    const deep = `{"jsonrpc":"2.0","method":"x","id":${'['.repeat(3900)}${']'.repeat(3900)}}`
    expect(await peer.raw(deep)).toMatch(/"code":-32(600|700)/)
  })

  it('is answered in one message, however much is wrong with it', async () => {
    const peer = await as(admin)
    const names = Array.from({ length: 1000 }, (_, n) => `"k${n}":1`).join(',')
    const long = 'x'.repeat(60_000)
    for (const [method, params] of [
      ['core.set_options', `{${names}}`],
      ['core.get_jobs', `[],{${names}}`],
      ['core.get_jobs', `[],{"select":[${'1,'.repeat(20_000)}1]}`],
      ['core.get_jobs', `[],{"${long}":1}`],
      ['auth.login_ex', `{"mechanism":"${long}"}`],
      ['core.subscribe', `"${long}"`],
      ['user.create', `{${names}}`],
    ]) {
      const frame = `{"jsonrpc":"2.0","id":1,"method":"${method}","params":[${params}]}`
      const answer = (await peer.raw(frame)) ?? ''
      expect(answer.length, method).toBeLessThan(32_000)
      expect(() => JSON.parse(answer)).not.toThrow()
    }
    const unknown = await peer.raw(
      `{"jsonrpc":"2.0","id":1,"method":"core.get_jobs","params":[[],{${names}}]}`,
    )
    const { extra } = JSON.parse(unknown ?? '').error.data
    expect(extra).toHaveLength(101)
    expect(extra[100]).toEqual(['', 'and 900 more, which are not listed', 22])
  })
})

describe('two logins at once on a socket', () => {
  it('leave one session, and a logout leaves none', async () => {
    const tenant = await newTenant(rig.service)
    const [one, two] = [await addKey(rig.service, tenant), await addKey(rig.service, tenant)]
    const peer = await sockets.open()
    await Promise.all(
      [one, two].map(({ raw }) => peer.call('auth.login_with_api_key', raw.reveal())),
    )
    const count = async () => (await rig.service.sessions.all(tenant.tenant)).length
    expect(await count()).toBe(1)
    await peer.call('auth.logout')
    expect(await count()).toBe(0)
  })
})

describe('a key that is deleted while its exposure is punished', () => {
  it('is no error', async () => {
    const { key, raw } = await addKey(rig.service, admin)
    const { keys } = rig.service
    const racing = {
      ...rig.service,
      keys: {
        ...keys,
        revoke: async (...args: Parameters<typeof keys.revoke>) => {
          await keys.remove(args[0], { at: 0, actor: SERVICE })
          return keys.revoke(...args)
        },
      },
    }
    const peer = await startSockets(racing).open({ proto: 'http' })
    expect(await peer.call('auth.login_with_api_key', raw.reveal())).toBe(false)
    const gone = revokeKey(rig.service, {
      ref: key,
      actor: SERVICE,
      cause: 'asked',
    })
    await expect(gone).rejects.toMatchObject({ code: 'INVALID' })
  })
})
