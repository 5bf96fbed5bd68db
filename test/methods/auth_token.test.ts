/** Logins by tokens, and sessions that go on by them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Peer, refusalOf, startSockets } from '../kit/peer.ts'
import { addKey } from '../kit/service.ts'
import { type Logins, loginEx, PASSWORD, plain, startLogins } from './logins.ts'

let rig: Logins['rig']
let admin: Logins['admin']
let slug: Logins['slug']
let open: Logins['open']
let password: Logins['password']
let revoke: Logins['revoke']
beforeAll(async () => {
  ;({ rig, admin, slug, open, password, revoke } = await startLogins())
})
afterAll(() => rig.close())

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
