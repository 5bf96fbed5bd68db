/** Guessing passwords and codes: counted for the account, by any guesser, from anywhere, in any process. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createSlots } from '../../shared/limits/slots.ts'
import { budgetKey } from '../../shared/store/tries-items.ts'
import { toUser } from '../../shared/store/user-items.ts'
import {
  byCode,
  byPassword,
  GUESSES,
  type Guesses,
  startGuesses,
  watchWrites,
} from '../kit/guesses.ts'
import { refusalOf, startSockets } from '../kit/peer.ts'
import type { Rig } from '../kit/service.ts'

let on: Guesses
let rig: Rig
beforeAll(async () => {
  on = await startGuesses()
  rig = on.rig
})
afterAll(() => rig.close())
beforeEach(() => on.begin())
const { LIMITED, MINUTE, HOUR, DAY, PASSWORD, strange, wrong, count } = GUESSES
const now = (): number => rig.clock.now + rig.clock.ahead

describe('an account', () => {
  it('has ten wrong passwords judged an hour, in all processes together', async () => {
    const said: string[] = []
    for (let n = 0; n < 30; n++)
      said.push(await byPassword(await on.open(strange(n), n % 2), on.admin(), `guess ${n}`))
    expect(said).toEqual([...Array(10).fill('AUTH_ERR'), ...Array(20).fill(LIMITED)])
    expect(on.judged()).toBe(10)
    rig.clock.now += HOUR - 1
    expect(await on.logIn(strange(99))).toBe(LIMITED)
    rig.clock.now += 1
    expect(await on.logIn(strange(99))).toBe('SUCCESS')
  })

  it('has no more of them judged that come at the same time', async () => {
    const peers = await Promise.all(
      Array.from({ length: 30 }, (_, n) => on.open(strange(n), n % 2)),
    )
    const said = await Promise.all(
      peers.map((peer, n) => byPassword(peer, on.admin(), `guess ${n}`)),
    )
    expect(count(said, 'AUTH_ERR')).toBe(10)
    expect(count(said, LIMITED)).toBe(20)
    expect(on.judged()).toBe(10)
  })

  it('has ten codes judged of those that come from twelve addresses within a minute', async () => {
    const { code } = await on.setUp()
    rig.clock.now += DAY
    const said: string[] = []
    for (let n = 0; n < 12; n++)
      for (let times = 0; times < 7; times++) {
        const peer = await on.open(strange(n), n % 2, 'v25.10.0')
        if ((await byPassword(peer, on.admin(), PASSWORD)) !== 'OTP_REQUIRED') continue
        for (let tries = 0; tries < 3; tries++) said.push(await byCode(peer, wrong(code())))
      }
    const judgedCodes = said.filter((one) => /^(OTP_REQUIRED|AUTH_ERR)$/.test(one))
    expect(judgedCodes).toHaveLength(10)
  })

  it('has a code judged on the same count as passwords, though the password was right', async () => {
    const { code } = await on.setUp()
    await on.guess(9)
    const peer = await on.open(strange(1))
    expect(await byPassword(peer, on.admin(), PASSWORD)).toBe('OTP_REQUIRED')
    const last = await on.open(strange(2))
    expect(await byPassword(last, on.admin(), PASSWORD)).toBe('OTP_REQUIRED')
    expect(await byCode(peer, wrong(code()))).toBe('AUTH_ERR')
    // No more is judged: neither a code, nor whether a password is right.
    expect(await byCode(last, code())).toBe(LIMITED)
    expect(await on.logIn(strange(3))).toBe(LIMITED)
  })

  it('loses no try by what is right', async () => {
    const { code } = await on.setUp()
    for (let n = 0; n < 15; n++) {
      const peer = await on.open(strange(n))
      expect(await byPassword(peer, on.admin(), PASSWORD)).toBe('OTP_REQUIRED')
      if (n < 12) continue
      expect(await byCode(peer, code())).toBe('SUCCESS')
      rig.clock.now += MINUTE
    }
  })

  it('has old passwords of a stolen session judged on the same count', async () => {
    const peer = await on.open(strange(500))
    expect(await byPassword(peer, on.admin(), PASSWORD)).toBe('SUCCESS')
    await on.guess(4)
    on.setBack()
    const told: string[] = []
    const thief = await on.open(strange(501))
    const token = await peer.call('auth.generate_token', 600, {}, false)
    expect(await thief.call('auth.login_with_token', token)).toBe(true)
    for (let n = 0; n < 90; n++) {
      const data = { username: 'admin', old_password: `guess ${n}`, new_password: 'taken over' }
      told.push(await refusalOf(thief.call('user.set_password', data)))
    }
    expect(told.filter((text) => /Incorrect password/.test(text))).toHaveLength(6)
    expect(told.at(-1)).toMatch(/^-32001 \[EBUSY\] Too many wrong passwords or codes for this/)
    expect(on.judged()).toBe(6)
    expect(await on.logIn(strange(502))).toBe(LIMITED)
  })

  it('says how long to wait', async () => {
    await on.guess(10)
    rig.clock.now += 10 * MINUTE
    const peer = await on.open(strange(1))
    const login = { mechanism: 'PASSWORD_PLAIN', username: on.admin(), password: 'guess' }
    const { error } = (await peer.exchange('auth.login_ex', login)) as { error: { data: object } }
    expect(error.data).toMatchObject({ reason: '[EBUSY] Rate Limit Exceeded', retry_after: 3000 })
  })

  it('has one guess an hour after a hundred in a row, until a day goes by', async () => {
    for (let hours = 0; hours < 10; hours++) {
      expect(count(await on.guess(11), 'AUTH_ERR')).toBe(10)
      rig.clock.now += HOUR
    }
    for (let hours = 0; hours < 3; hours++) {
      expect(count(await on.guess(3), 'AUTH_ERR')).toBe(1)
      rig.clock.now += HOUR
    }
    rig.clock.now += DAY
    expect(count(await on.guess(11), 'AUTH_ERR')).toBe(10)
  })

  it('has it also beside a login of a name that shares its bucket', async () => {
    const bucket = (name: string): string =>
      budgetKey({ tenant: on.user().tenant, username: name }, 'others').pk
    let name = ''
    for (let n = 0; name === '' || bucket(name) !== bucket('admin'); n++) name = `eve-${n}`
    const boss = await on.open(strange(500))
    await byPassword(boss, on.admin(), PASSWORD)
    const eve = { username: name, full_name: 'Eve', password: PASSWORD }
    await boss.call('user.create', { ...eve, roles: ['READONLY_ADMIN'] })
    for (let hours = 0; hours < 10; hours++) {
      expect(count(await on.guess(11), 'AUTH_ERR')).toBe(10)
      rig.clock.now += HOUR
    }
    expect(await on.logIn(strange(600), PASSWORD, name)).toBe('SUCCESS')
    expect(count(await on.guess(11), 'AUTH_ERR')).toBe(1)
  })
})

describe('a process', () => {
  it('judges few passwords at once; what is one too many costs its account no try', async () => {
    const passwordSlots = createSlots({ running: 1, waiting: 1 })
    const busy = startSockets({ ...rig.service, passwordSlots })
    const peers = await Promise.all(Array.from({ length: 12 }, () => busy.open()))
    const said = await Promise.all(peers.map((peer) => byPassword(peer, on.admin(), 'guess')))
    const refused = count(said, LIMITED)
    expect(refused).toBeGreaterThan(0)
    const tried = 12 - refused
    expect(on.judged()).toBe(tried)
    expect(count(await on.guess(10), 'AUTH_ERR')).toBe(10 - tried)
  })
})

describe('the audit', () => {
  it('has one entry for the tries of an hour, and none for names that are not there', async () => {
    const since = now()
    await on.guess(12)
    await on.guess(12, 'nobody')
    const spent = {
      event: 'user.tries_spent',
      subject: 'admin',
      tries: 10,
      budget: 'others',
      since,
      actor: { username: 'keyharbor', keyId: null, address: strange(9) },
    }
    expect(await on.spentEntries()).toEqual([expect.objectContaining(spent)])
    rig.clock.now += HOUR
    await on.guess(12)
    expect(await on.spentEntries()).toHaveLength(2)
  })

  it('has it once, though the last try was right', async () => {
    await on.guess(9)
    for (let n = 0; n < 3; n++) expect(await on.logIn(strange(n))).toBe('SUCCESS')
    expect(await on.spentEntries()).toHaveLength(1)
  })
})

describe('a name that is not there', () => {
  it('is refused after as many tries, and written as often, as one that is', async () => {
    const of = async (name: string): Promise<{ said: string[]; writes: string[] }> => {
      const peers = await Promise.all(Array.from({ length: 13 }, (_, n) => on.open(strange(n))))
      const { writes, stop } = watchWrites()
      const said: string[] = []
      for (const peer of peers) said.push(await byPassword(peer, name, 'guess'))
      stop()
      return { said, writes: writes.map((what) => what.replace(/AUDIT|SPENT/, 'SUMMARY')) }
    }
    const known = await of(on.admin())
    expect(known.said).toEqual([...Array(10).fill('AUTH_ERR'), ...Array(3).fill(LIMITED)])
    expect(known.writes).toEqual([...Array(9).fill('Update OTHERS'), 'Update OTHERS + Put SUMMARY'])
    for (const name of [
      `nobody@${on.slug()}`,
      `no such name!@${on.slug()}`,
      'admin@nowhere',
      'admin',
    ])
      expect(await of(name), name).toEqual(known)
    expect(on.judged()).toBe(50)
  })

  it('shares its tries with the same other names, whether there is such a tenant or not', async () => {
    const bucket = (username: string) => budgetKey({ tenant: 7, username }, 'others').pk
    const one = 'eve'
    let same = ''
    for (let n = 0; same === '' || bucket(same) !== bucket(one); n++) same = `ada-${n}`
    for (const slug of [on.slug(), 'nowhere', 'nowhere-else']) {
      for (let n = 0; n < 10; n++)
        await byPassword(await on.open(strange(n)), `${one}@${slug}`, 'guess')
      expect(await byPassword(await on.open(strange(10)), `${same}@${slug}`, 'guess')).toBe(LIMITED)
      expect(await byPassword(await on.open(strange(11)), `name@${slug}`, 'guess')).toBe('AUTH_ERR')
    }
  })

  it('fills no more of the table than its tenant has buckets', async () => {
    const places = new Set(
      Array.from({ length: 20_000 }, (_, n) => {
        const { pk, sk } = budgetKey({ tenant: 7, username: `name-${n}` }, 'others')
        return `${pk} ${sk}`
      }),
    )
    expect(places.size).toBeLessThanOrEqual(4096)
    expect(places.size).toBeGreaterThan(3500)
  })
})

describe('a clock that is set back an hour', () => {
  it('locks nobody out for longer than a window', async () => {
    rig.clock.ahead = HOUR
    await on.guess(10)
    expect(await on.logIn(strange(1))).toBe(LIMITED)
    rig.clock.ahead = 0
    expect(await on.logIn(strange(1))).toBe('SUCCESS')
  })

  it('or by seconds gives no tries', async () => {
    rig.clock.ahead = 30_000
    await on.guess(10)
    rig.clock.ahead = 0
    expect(await on.logIn(strange(1))).toBe(LIMITED)
  })
})

it('a user from before, who carries tries in the item, is read as ever', () => {
  const { tenant, ...item } = on.user()
  expect(toUser({ ...item, tries: { count: 5, until: 1 } }, tenant)).toEqual(on.user())
})
