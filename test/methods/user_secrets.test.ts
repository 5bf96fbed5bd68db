/** Passwords and second factors: what changes them, and what ends with them. */
import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { itemKey } from '../../shared/store/item-keys.ts'
import { type User, userItem } from '../../shared/store/user-items.ts'
import { type Peer, refusalOf, type Sockets, startSockets } from '../kit/peer.ts'
import { appOf, type Factor, setUpFactor } from '../kit/second-factor.ts'
import { addKey, newTenant, type Rig, slugOf, startRig } from '../kit/service.ts'
import { streamed } from '../kit/streamed.ts'

const PASSWORD = 'correct horse'
const MONTH = 30 * 86_400
const BY_KEY =
  '-32001 [EACCES] Not authorized: a session that a key opened sets no password and no second factor. Log in with a password.'
const EXPIRED = '-32001 [EACCES] Session is expired'

let rig: Rig
let sockets: Sockets
let admin: User
let slug: string
beforeAll(async () => {
  rig = await startRig()
  sockets = startSockets(rig.service)
})
afterAll(() => rig.close())
/** Each test has a tenant: its administrator's password and second factor are its own. */
beforeEach(async () => {
  admin = await newTenant(rig.service)
  slug = await slugOf(rig.service, admin)
})

const now = (): number => rig.clock.now
const signIn = (): Promise<Peer> => sockets.signIn(admin)
const tokenOf = (peer: Peer) => peer.call<string>('auth.generate_token', MONTH, {}, false)
const byToken = async (token: string): Promise<Peer | null> => {
  const peer = await sockets.open()
  return (await peer.call('auth.login_with_token', token)) ? peer : null
}
/** How a login by password and, if it is asked for, a code ends. */
const outcome = async (code?: string, password = PASSWORD, username = 'admin'): Promise<string> => {
  const peer = await sockets.open()
  const data = { mechanism: 'PASSWORD_PLAIN', username: `${username}@${slug}`, password }
  type Answer = { response_type: string }
  const first = await peer.call<Answer>('auth.login_ex', data)
  if (first.response_type !== 'OTP_REQUIRED' || code === undefined) return first.response_type
  const otp = { mechanism: 'OTP_TOKEN', otp_token: code }
  return (await peer.call<Answer>('auth.login_ex_continue', otp)).response_type
}
const setUp = async (peer: Peer, proof: object = { password: PASSWORD }): Promise<Factor> => {
  const factor = await setUpFactor(peer, 'admin', now, proof)
  rig.clock.now += 30_000
  return factor
}
const renew = async (peer: Peer, username = 'admin') =>
  appOf(await peer.call('user.renew_2fa_secret', username, {}), now)
const confirm = (peer: Peer, code: string, proof: object = {}, username = 'admin') =>
  peer.call<{ recovery_codes: string[] }>('user.confirm_2fa_secret', username, { code, ...proof })
const wrong = (...right: (() => string)[]): string =>
  ['000000', '111111', '222222', '333333', '444444', '555555', '666666'].find((guess) =>
    right.every((code) => {
      const near = [-30_000, 0, 30_000].map((ms) => {
        rig.clock.now += ms
        const then = code()
        rig.clock.now -= ms
        return then
      })
      return !near.includes(guess)
    }),
  ) ?? ''

const TOO_MANY =
  /^-32001 \[EBUSY\] Too many wrong passwords or codes for this account\. Try again after 20/

describe('a new second factor', () => {
  it('counts for nothing until a code of it was shown', async () => {
    const peer = await signIn()
    const code = await renew(peer)
    expect(await outcome()).toBe('SUCCESS')
    expect(await peer.call('auth.me')).toMatchObject({
      two_factor_config: { secret_configured: false },
    })
    const proof = { password: PASSWORD }
    expect(await refusalOf(confirm(peer, wrong(code), proof))).toBe(
      '-32602 [EINVAL] twofactor_confirm.code: Incorrect code',
    )
    expect(await outcome()).toBe('SUCCESS')
    await confirm(peer, code(), proof)
    expect(await outcome()).toBe('OTP_REQUIRED')
    // Not the one that it was confirmed by.
    expect(await outcome(code())).toBe('AUTH_ERR')
    rig.clock.now += 30_000
    expect(await outcome(code())).toBe('SUCCESS')
  })

  it('leaves the one before in force until then', async () => {
    const peer = await signIn()
    const before = await setUp(peer)
    const code = await renew(peer)
    expect(await outcome(code())).toBe('AUTH_ERR')
    expect(await outcome(before.code())).toBe('SUCCESS')
    rig.clock.now += 30_000
    await confirm(peer, code(), { password: PASSWORD, otp_token: before.code() })
    rig.clock.now += 30_000
    expect(await outcome(before.code())).toBe('AUTH_ERR')
    expect(await outcome(code())).toBe('SUCCESS')
  })

  it('waits an hour for its code, and there is none to confirm before and after', async () => {
    const peer = await signIn()
    const none = '-32602 [EINVAL] username: No new second factor waits for a code: make one first.'
    expect(await refusalOf(confirm(peer, '123456', { password: PASSWORD }))).toBe(none)
    const code = await renew(peer)
    rig.clock.now += 3_600_000
    expect(await refusalOf(confirm(peer, code(), { password: PASSWORD }))).toBe(none)
  })

  it('of another user takes a code as well, and not their password', async () => {
    const boss = await signIn()
    const ada = { username: 'ada', full_name: 'Ada', roles: ['API_KEY_READ'], password: PASSWORD }
    await boss.call('user.create', ada)
    const code = await renew(boss, 'ada')
    expect(await outcome(undefined, PASSWORD, 'ada')).toBe('SUCCESS')
    expect(await refusalOf(confirm(boss, wrong(code), {}, 'ada'))).toMatch('Incorrect code')
    await confirm(boss, code(), {}, 'ada')
    expect(await outcome(undefined, PASSWORD, 'ada')).toBe('OTP_REQUIRED')
    await boss.call('user.unset_2fa_secret', 'ada')
    expect(await outcome(undefined, PASSWORD, 'ada')).toBe('SUCCESS')
  })
})

describe('the own second factor', () => {
  it('is replaced or taken away by a password and a code, and by no session alone', async () => {
    const peer = await signIn()
    const { code } = await setUp(peer)
    const stolen = await byToken(await tokenOf(peer))
    for (const session of [peer, stolen as Peer]) {
      const fresh = await renew(session)
      const tries: [object, RegExp][] = [
        [{}, /twofactor_confirm\.password: A session alone does not change .*give your password$/],
        [
          { password: PASSWORD },
          /twofactor_confirm\.otp_token: A session alone .*a recovery code$/,
        ],
        [{ otp_token: code() }, /twofactor_confirm\.password: A session alone/],
        [{ password: 'guess', otp_token: code() }, /password: Incorrect password$/],
        // A code of the new factor is no proof.
        [{ password: PASSWORD, otp_token: fresh() }, /otp_token: Incorrect code$/],
      ]
      for (const [proof, text] of tries)
        expect(await refusalOf(confirm(session, fresh(), proof))).toMatch(text)
      expect(await refusalOf(session.call('user.unset_2fa_secret', 'admin'))).toMatch(
        /twofactor_unset\.password: A session alone/,
      )
    }
    const proof = { password: PASSWORD, otp_token: code() }
    await peer.call('user.unset_2fa_secret', 'admin', proof)
    expect(await outcome()).toBe('SUCCESS')
  })

  it('takes ten tries an hour, however they come', async () => {
    const peer = await signIn()
    const { code } = await setUp(peer)
    const guess = { password: PASSWORD, otp_token: wrong(code) }
    const bad = { ...guess, password: 'guess' }
    const fresh = await renew(peer)
    const said = [
      await refusalOf(confirm(peer, fresh(), bad)),
      await refusalOf(confirm(peer, fresh(), guess)),
      await refusalOf(peer.call('user.unset_2fa_secret', 'admin', guess)),
    ]
    // Another new factor, other sessions: it is the account that is counted for, and whether one logged in from there.
    const next = await renew(peer)
    for (let left = 0; left < 7; left++) said.push(await refusalOf(confirm(peer, next(), guess)))
    const right = { password: PASSWORD, otp_token: code() }
    expect(await refusalOf(confirm(peer, next(), right))).toMatch(TOO_MANY)
    for (let left = 0; left < 10; left++) {
      const stolen = (await byToken(await tokenOf(peer))) as Peer
      said.push(await refusalOf(confirm(stolen, next(), guess)))
    }
    expect(said.filter((text) => /Incorrect/.test(text))).toHaveLength(20)
    const last = (await byToken(await tokenOf(peer))) as Peer
    expect(await refusalOf(confirm(last, next(), right))).toMatch(TOO_MANY)
    rig.clock.now += 3_600_000
    const late = await renew(peer)
    await confirm(peer, late(), { ...right, otp_token: code() })
  })

  it('counts guesses at the old password with them', async () => {
    const peer = await signIn()
    const { code } = await setUp(peer)
    const set = (old_password: string) =>
      refusalOf(
        peer.call('user.set_password', {
          username: 'admin',
          old_password,
          new_password: 'another passphrase',
        }),
      )
    const said = await Promise.all(Array.from({ length: 12 }, () => set('guess')))
    for (let left = 0; left < 5; left++) said.push(await set('guess'))
    expect(said.filter((text) => /Incorrect/.test(text))).toHaveLength(10)
    expect(await set(PASSWORD)).toMatch(TOO_MANY)
    const proof = { password: PASSWORD, otp_token: code() }
    expect(await refusalOf(peer.call('user.unset_2fa_secret', 'admin', proof))).toMatch(TOO_MANY)
    rig.clock.now += 3_600_000
    expect(await set(PASSWORD)).toBe('not refused')
  })

  it('guessed at many times at once is judged once for each try that counts', async () => {
    const peer = await signIn()
    const { code } = await setUp(peer)
    const fresh = await renew(peer)
    const guess = { password: PASSWORD, otp_token: wrong(code) }
    const said = await Promise.all(
      Array.from({ length: 12 }, () => refusalOf(confirm(peer, fresh(), guess))),
    )
    expect(said.filter((text) => /Incorrect/.test(text))).toHaveLength(10)
    expect(said.filter((text) => TOO_MANY.test(text))).toHaveLength(2)
  })
})

describe('recovery codes', () => {
  it('are good where a code is, once each, as people copy them', async () => {
    const peer = await signIn()
    const { recovery } = await setUp(peer)
    expect(recovery).toHaveLength(10)
    for (const code of recovery)
      expect(code).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){2}[0-9a-hjkmnp-tv-z]{4}$/)
    expect(new Set(recovery).size).toBe(10)
    const [first = '', second = '', third = '', fourth = ''] = recovery
    expect(await outcome(first)).toBe('SUCCESS')
    expect(await outcome(first)).toBe('AUTH_ERR')
    expect(await outcome(` ${second.toUpperCase().replaceAll('-', ' ')} `)).toBe('SUCCESS')
    const name = `admin@${slug}`
    expect(await (await sockets.open()).call('auth.login', name, PASSWORD, third)).toBe(true)
    expect(await (await sockets.open()).call('auth.login', name, PASSWORD, third)).toBe(false)
    const code = await renew(peer)
    await confirm(peer, code(), { password: PASSWORD, otp_token: fourth })
    // The next factor has its own.
    for (const old of recovery) {
      expect(await outcome(old)).toBe('AUTH_ERR')
      rig.clock.now += 3_600_000
    }
  })

  it('leave an entry in the audit when they are used, and codes of the app don’t', async () => {
    const { code, recovery } = await setUp(await signIn())
    const used = async (): Promise<number> => {
      const page = await new DynamoDBClient({}).send(
        new QueryCommand({
          TableName: rig.table,
          KeyConditionExpression: 'pk = :pk',
          FilterExpression: '#event = :event AND subject = :admin AND actor.username = :admin',
          ExpressionAttributeNames: { '#event': 'event' },
          ExpressionAttributeValues: marshall({
            ':pk': itemKey.audit(admin.tenant, now(), '').pk,
            ':event': 'user.use_recovery_code',
            ':admin': 'admin',
          }),
        }),
      )
      return page.Count ?? 0
    }
    expect(await outcome(code())).toBe('SUCCESS')
    expect(await used()).toBe(0)
    expect(await outcome(recovery[0])).toBe('SUCCESS')
    expect(await used()).toBe(1)
  })

  it('given at the same moment are good once', async () => {
    const [first = ''] = (await setUp(await signIn())).recovery
    const tries = await Promise.all([1, 2, 3, 4].map(() => outcome(first)))
    expect(tries.filter((one) => one === 'SUCCESS')).toHaveLength(1)
  })

  it('are of one user, and stand nowhere', async () => {
    const { recovery } = await setUp(await signIn())
    const item = JSON.stringify(
      userItem((await rig.service.users.get(admin.tenant, 'admin')) as User),
    )
    for (const code of recovery) {
      expect(item).not.toContain(code)
      expect(item).not.toContain(code.replaceAll('-', ''))
    }
    admin = await newTenant(rig.service)
    slug = await slugOf(rig.service, admin)
    await setUp(await signIn())
    expect(await outcome(recovery[0])).toBe('AUTH_ERR')
  })

  it('can’t be guessed from what isn’t one', async () => {
    await setUp(await signIn())
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 20 }), async (text) => {
        expect(await outcome(text)).toBe('AUTH_ERR')
      }),
      { numRuns: 5 },
    )
  })
})

/** What ends the sessions of a user, each as it is done: by the user themselves or for them. */
const CHANGES: [string, (boss: Peer, own: Peer) => Promise<unknown>][] = [
  [
    'their password, by themselves',
    (_, own) =>
      own.call('user.set_password', {
        username: 'admin',
        old_password: PASSWORD,
        new_password: 'another passphrase',
      }),
  ],
  [
    'their password, by an administrator',
    (boss) => boss.call('user.set_password', { username: 'admin', new_password: 'another one' }),
  ],
  [
    'their password, in user.update',
    (boss) => boss.call('user.update', admin.uid, { password: 'another one' }),
  ],
  ['their second factor, by themselves', (_, own) => setUp(own)],
  ['their second factor, by an administrator', (boss) => setUp(boss, {})],
]

describe('sessions and tokens from before', () => {
  it.each(CHANGES)('end with a change of %s', async (_, change) => {
    const first = await signIn()
    const boss = { username: 'boss', full_name: 'B', roles: ['FULL_ADMIN'], password: PASSWORD }
    const made = await first.call<{ id: number }>('user.create', boss)
    expect(made.id).toBeGreaterThan(0)
    const administrator = await sockets.signIn({ ...admin, username: 'boss' })
    const [other, own] = [await signIn(), await signIn()]
    const child = (await byToken(await tokenOf(other))) as Peer
    const tokens = [await tokenOf(other), await tokenOf(own), await tokenOf(child)]
    const key = await sockets.openAs(admin)
    await change(administrator, own)
    for (const peer of [other, child]) expect(await refusalOf(peer.call('auth.me'))).toBe(EXPIRED)
    for (const token of tokens) expect(await byToken(token)).toBeNull()
    // A key stands by itself.
    expect(await key.call('auth.me')).toMatchObject({ pw_name: 'admin' })
  })

  it('are refused to a login that was under way while the second factor was switched on', async () => {
    const own = await signIn()
    const code = await renew(own)
    const { users, connections } = rig.service
    const racing = startSockets({
      ...rig.service,
      connections: {
        ...connections,
        loginFirst: async (...args: Parameters<typeof connections.loginFirst>) => {
          await confirm(own, code(), { password: PASSWORD })
          return connections.loginFirst(...args)
        },
      },
    })
    await expect(racing.signIn(admin)).rejects.toThrow('answered AUTH_ERR')
    const listed = await rig.service.sessions.all(admin.tenant)
    expect(listed.filter(({ session }) => session.key === null)).toHaveLength(1)
    expect((await users.get(admin.tenant, 'admin'))?.secondFactor).not.toBeNull()
  })

  it('don’t take the session along that proved itself anew, nor what it listens to', async () => {
    const own = await signIn()
    await own.call('core.subscribe', 'api_key.query')
    for (let i = 0; i < 16; i++) await tokenOf(own)
    const before = await rig.service.users.get(admin.tenant, 'admin')
    await setUp(own)
    const after = await rig.service.users.get(admin.tenant, 'admin')
    const at = itemKey.user(admin.tenant, 'admin')
    await streamed(sockets.service, {
      key: at,
      before: userItem(before as User),
      after: userItem(after as User),
    })
    expect(sockets.closed.has(own.id)).toBe(false)
    expect(await own.call('auth.me')).toMatchObject({
      two_factor_config: { secret_configured: true },
    })
    const { key } = await addKey(rig.service, admin)
    sockets.pushed.length = 0
    await streamed(sockets.service, { key: itemKey.key(key), before: null, after: { ...key } })
    expect(sockets.pushed.map(({ connection }) => connection)).toContain(own.id)
    expect(await byToken(await tokenOf(own))).not.toBeNull()
  })
})

describe('a session that a key opened', () => {
  it('changes no password and no second factor, neither its user’s nor another’s', async () => {
    const boss = await signIn()
    const ada = { username: 'ada', full_name: 'Ada', roles: ['API_KEY_READ'], password: PASSWORD }
    const { id } = await boss.call<{ id: number }>('user.create', ada)
    const { code } = await setUp(boss)
    await renew(boss)
    const key = await sockets.openAs(admin)
    const child = (await byToken(await tokenOf(key))) as Peer
    const grandchild = (await byToken(await tokenOf(child))) as Peer
    const proof = { password: PASSWORD, otp_token: code() }
    const own = { username: 'admin', old_password: PASSWORD, new_password: 'another passphrase' }
    const tries: [string, ...unknown[]][] = [
      ['user.set_password', own],
      ['user.set_password', { username: 'ada', new_password: 'another passphrase' }],
      ['user.create', { ...ada, username: 'eve' }],
      ['user.update', id, { password: 'another passphrase' }],
      ['user.update', id, { password: null, full_name: 'A' }],
      ['user.renew_2fa_secret', 'admin', {}],
      ['user.renew_2fa_secret', 'ada', {}],
      ['user.confirm_2fa_secret', 'admin', { code: '123456', ...proof }],
      ['user.confirm_2fa_secret', 'ada', { code: '123456' }],
      ['user.unset_2fa_secret', 'admin', proof],
      ['user.unset_2fa_secret', 'ada'],
    ]
    const before = await rig.service.users.get(admin.tenant, 'admin')
    for (const peer of [key, child, grandchild])
      for (const [method, ...params] of tries)
        expect(await refusalOf(peer.call(method, ...params)), method).toBe(BY_KEY)
    expect(await rig.service.users.get(admin.tenant, 'admin')).toEqual(before)
    expect(await outcome(undefined, PASSWORD, 'ada')).toBe('SUCCESS')
    // What is left to it: the rest of a user, and users without a password.
    expect(
      await key.call('user.create', { ...ada, username: 'svc', password: null }),
    ).toMatchObject({ password_disabled: true })
    expect(await key.call('user.update', id, { full_name: 'Ada L.' })).toMatchObject({
      full_name: 'Ada L.',
    })
  })
})
