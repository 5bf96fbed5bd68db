/** Guessing passwords and codes: counted for the account, whoever guesses, from wherever, in whichever process. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { atOnce } from '../../shared/at-once.ts'
import type { User } from '../../shared/store/users.ts'
import { byCode, byPassword, watchWrites } from '../kit/guesses.ts'
import { type Peer, refusalOf, startSockets } from '../kit/peer.ts'
import { scramLogin } from '../kit/scram.ts'
import { setUpFactor } from '../kit/second-factor.ts'
import { addKey, newTenant, type Rig, startRig } from '../kit/service.ts'

const PASSWORD = 'correct horse'
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const LIMITED = '-32001 [EBUSY] Rate Limit Exceeded'
const HOME = '198.51.100.7'

/** Passwords that were judged. What that costs is left out: thousands are sent. */
const judged = vi.hoisted(() => ({ passwords: 0 }))
vi.mock('node:crypto', async (original) => {
  const real = await original<typeof import('node:crypto')>()
  type Derive = (error: Error | null, key: Buffer) => void
  const scrypt = (password: string, salt: Buffer, bytes: number, _: object, done: Derive): void => {
    judged.passwords++
    real.scrypt(password, salt, bytes, { N: 2, r: 1, p: 1 }, done)
  }
  return { ...real, scrypt }
})

let rig: Rig
let processes: ReturnType<typeof startSockets>[]
let admin: User
let slug: string
beforeAll(async () => {
  rig = await startRig()
  processes = [startSockets(rig.service), startSockets(rig.make())]
})
afterAll(() => rig.close())
beforeEach(async () => {
  rig.clock.ahead = 0
  admin = await newTenant(rig.service)
  for await (const one of rig.service.tenants.all())
    if (one.tenant === admin.tenant) slug = one.slug
  judged.passwords = 0
})

const now = (): number => rig.clock.now + rig.clock.ahead
const strange = (n: number): string => `203.0.${Math.floor(n / 250)}.${n % 250}`
const open = (address: string, process = 0, version?: string): Promise<Peer> =>
  (processes[process] as (typeof processes)[0]).open({ address, ...(version && { version }) })
const logIn = async (address: string, password = PASSWORD, name = 'admin'): Promise<string> =>
  byPassword(await open(address), `${name}@${slug}`, password)
/** So many guesses from an address each. */
const guess = async (times: number, name = 'admin'): Promise<string[]> => {
  const said: string[] = []
  for (let n = 0; n < times; n++) said.push(await logIn(strange(n), `guess ${n}`, name))
  return said
}
const count = (of: readonly string[], what: string): number =>
  of.filter((one) => one === what).length
/** The second factor of the tenant's administrator, who did so at home. */
const setUp = async () => {
  const peer = await open(HOME)
  expect(await byPassword(peer, `admin@${slug}`, PASSWORD)).toBe('SUCCESS')
  const factor = await setUpFactor(peer, 'admin', now, { password: PASSWORD })
  rig.clock.now += MINUTE
  return { ...factor, peer }
}
const entries = async (): Promise<Record<string, unknown>[]> => {
  const { DynamoDBClient, QueryCommand } = await import('@aws-sdk/client-dynamodb')
  const { unmarshall } = await import('@aws-sdk/util-dynamodb')
  const client = new DynamoDBClient({})
  const day = new Date(now()).toISOString().slice(0, 10)
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: rig.table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: `T#${admin.tenant}#AUDIT#${day}` } },
    }),
  )
  client.destroy()
  return Items.map((item) => unmarshall(item)).filter((item) => item.event === 'user.tries_spent')
}

describe('an account', () => {
  it('has ten wrong passwords judged an hour, in all processes together', async () => {
    const said: string[] = []
    for (let n = 0; n < 30; n++)
      said.push(await byPassword(await open(strange(n), n % 2), `admin@${slug}`, `guess ${n}`))
    expect(said).toEqual([...Array(10).fill('AUTH_ERR'), ...Array(20).fill(LIMITED)])
    expect(judged.passwords).toBe(10)
    rig.clock.now += HOUR - 1
    expect(await logIn(strange(99))).toBe(LIMITED)
    rig.clock.now += 1
    expect(await logIn(strange(99))).toBe('SUCCESS')
  })

  it('has no more of them judged that come at the same time', async () => {
    const peers = await Promise.all(Array.from({ length: 30 }, (_, n) => open(strange(n), n % 2)))
    const said = await Promise.all(
      peers.map((peer, n) => byPassword(peer, `admin@${slug}`, `guess ${n}`)),
    )
    expect(count(said, 'AUTH_ERR')).toBe(10)
    expect(count(said, LIMITED)).toBe(20)
    expect(judged.passwords).toBe(10)
  })

  it('has ten codes judged of those that come from twelve addresses within a minute', async () => {
    const { code } = await setUp()
    rig.clock.now += DAY
    const said: string[] = []
    for (let n = 0; n < 12; n++)
      for (let times = 0; times < 7; times++) {
        const peer = await open(strange(n), n % 2, 'v25.10.0')
        if ((await byPassword(peer, `admin@${slug}`, PASSWORD)) !== 'OTP_REQUIRED') continue
        for (let tries = 0; tries < 3; tries++) said.push(await byCode(peer, wrong(code())))
      }
    const judgedCodes = said.filter((one) => /^(OTP_REQUIRED|AUTH_ERR)$/.test(one))
    expect(judgedCodes).toHaveLength(10)
  })

  it('has a code judged on the same count as passwords, though the password was right', async () => {
    const { code } = await setUp()
    await guess(9)
    const peer = await open(strange(1))
    expect(await byPassword(peer, `admin@${slug}`, PASSWORD)).toBe('OTP_REQUIRED')
    const last = await open(strange(2))
    expect(await byPassword(last, `admin@${slug}`, PASSWORD)).toBe('OTP_REQUIRED')
    expect(await byCode(peer, wrong(code()))).toBe('AUTH_ERR')
    // No more is judged: neither a code, nor whether a password is right.
    expect(await byCode(last, code())).toBe(LIMITED)
    expect(await logIn(strange(3))).toBe(LIMITED)
  })

  it('loses no try by what is right', async () => {
    const { code } = await setUp()
    for (let n = 0; n < 15; n++) {
      const peer = await open(strange(n))
      expect(await byPassword(peer, `admin@${slug}`, PASSWORD)).toBe('OTP_REQUIRED')
      if (n < 12) continue
      expect(await byCode(peer, code())).toBe('SUCCESS')
      rig.clock.now += MINUTE
    }
  })

  it('has old passwords of a stolen session judged on the same count', async () => {
    const peer = await open(strange(500))
    expect(await byPassword(peer, `admin@${slug}`, PASSWORD)).toBe('SUCCESS')
    await guess(4)
    judged.passwords = 0
    const told: string[] = []
    const thief = await open(strange(501))
    const token = await peer.call('auth.generate_token', 600, {}, false)
    expect(await thief.call('auth.login_with_token', token)).toBe(true)
    for (let n = 0; n < 90; n++) {
      const data = { username: 'admin', old_password: `guess ${n}`, new_password: 'taken over' }
      told.push(await refusalOf(thief.call('user.set_password', data)))
    }
    expect(told.filter((text) => /Incorrect password/.test(text))).toHaveLength(6)
    expect(told.at(-1)).toMatch(/^-32001 \[EBUSY\] Too many wrong passwords or codes for this/)
    expect(judged.passwords).toBe(6)
    expect(await logIn(strange(502))).toBe(LIMITED)
  })

  it('says how long to wait', async () => {
    await guess(10)
    rig.clock.now += 10 * MINUTE
    const peer = await open(strange(1))
    const login = { mechanism: 'PASSWORD_PLAIN', username: `admin@${slug}`, password: 'guess' }
    const { error } = (await peer.exchange('auth.login_ex', login)) as { error: { data: object } }
    expect(error.data).toMatchObject({ reason: '[EBUSY] Rate Limit Exceeded', retry_after: 3000 })
  })

  it('has one guess an hour after a hundred in a row, until a day goes by', async () => {
    for (let hours = 0; hours < 10; hours++) {
      expect(count(await guess(11), 'AUTH_ERR')).toBe(10)
      rig.clock.now += HOUR
    }
    for (let hours = 0; hours < 3; hours++) {
      expect(count(await guess(3), 'AUTH_ERR')).toBe(1)
      rig.clock.now += HOUR
    }
    rig.clock.now += DAY
    expect(count(await guess(11), 'AUTH_ERR')).toBe(10)
  })
})

describe('its owner', () => {
  it('gets in from a known network, whatever ten thousand guesses come from elsewhere', async () => {
    const { code } = await setUp()
    const addresses = 500
    const peers = await Promise.all(
      Array.from({ length: addresses }, (_, n) => open(strange(n), n % 2, 'v25.10.0')),
    )
    const said: string[] = []
    const watch = watchWrites()
    judged.passwords = 0
    await atOnce(Array(10_000).keys(), 16, async (n) => {
      rig.clock.now += 300
      const peer = peers[n % addresses] as Peer
      // Half of them have the password, and guess at codes.
      const isCode = n % 2 === 1
      const answer = await byPassword(peer, `admin@${slug}`, isCode ? PASSWORD : `guess ${n}`)
      if (answer !== 'OTP_REQUIRED') said.push(answer)
      else said.push(await byCode(peer, wrong(code())))
    })
    watch.stop()
    expect(said).toHaveLength(10_000)
    expect(said.length - count(said, LIMITED)).toBe(10)
    expect(judged.passwords).toBeLessThanOrEqual(20 + 16)
    const counted = watch.writes.filter((what) => /OTHERS|KNOWN|SPENT|AUDIT/.test(what))
    expect(counted.length).toBeLessThanOrEqual(10 + 2 * judged.passwords + 16 * 16)
    expect(await logIn(strange(999))).toBe(LIMITED)
    const home = await open(HOME, 1)
    expect(await byPassword(home, `admin@${slug}`, PASSWORD)).toBe('OTP_REQUIRED')
    expect(await byCode(home, code())).toBe('SUCCESS')
  }, 240_000)

  it('has a budget of their own at known networks, and no more', async () => {
    expect(await logIn(HOME)).toBe('SUCCESS')
    await guess(11)
    const said: string[] = []
    for (let n = 0; n < 12; n++) said.push(await logIn(HOME, `fumble ${n}`))
    expect(count(said, 'AUTH_ERR')).toBe(10)
    expect(said.at(-1)).toBe(LIMITED)
  })

  it('is known at a network for thirty days after a login, not by a password that waits for its code', async () => {
    const { code } = await setUp()
    const half = await open(strange(900))
    expect(await byPassword(half, `admin@${slug}`, PASSWORD)).toBe('OTP_REQUIRED')
    await guess(10)
    expect(await logIn(strange(900))).toBe(LIMITED)
    expect(await logIn(HOME)).toBe('OTP_REQUIRED')
    rig.clock.now += 30 * DAY
    await guess(10)
    expect(await logIn(HOME)).toBe(LIMITED)
    rig.clock.now += HOUR
    const home = await open(HOME)
    await byPassword(home, `admin@${slug}`, PASSWORD)
    expect(await byCode(home, code())).toBe('SUCCESS')
    await guess(10)
    expect(await logIn(HOME)).toBe('OTP_REQUIRED')
  })

  it('is known at the sixteen networks of the last logins', async () => {
    for (let n = 0; n < 17; n++) {
      expect(await logIn(`192.0.2.${n}`)).toBe('SUCCESS')
      rig.clock.now += 1000
    }
    await guess(10)
    expect(await logIn('192.0.2.0')).toBe(LIMITED)
    expect(await logIn('192.0.2.1')).toBe('SUCCESS')
  })

  it('is no namesake from before', async () => {
    const boss = await open(HOME)
    await byPassword(boss, `admin@${slug}`, PASSWORD)
    const ada = { username: 'ada', full_name: 'Ada', roles: ['READONLY_ADMIN'], password: PASSWORD }
    const { id } = await boss.call<{ id: number }>('user.create', ada)
    expect(await logIn(HOME, PASSWORD, 'ada')).toBe('SUCCESS')
    await boss.call('user.delete', id)
    await boss.call('user.create', ada)
    await guess(10, 'ada')
    expect(await logIn(HOME, PASSWORD, 'ada')).toBe(LIMITED)
  })

  it('gets in while KMS is out of order, as long as nobody guesses', async () => {
    processes.push(startSockets(rig.make()))
    rig.kmsDown(true)
    const peer = await open(HOME, 2)
    expect(await byPassword(peer, `admin@${slug}`, PASSWORD)).toBe('SUCCESS')
    rig.kmsDown(false)
  })

  it('sees in auth.me what was tried, and from where', async () => {
    const peer = await open(HOME)
    expect(await byPassword(peer, `admin@${slug}`, PASSWORD)).toBe('SUCCESS')
    const none = { left: 10, wrong: 0, last_from: null, until: null }
    const triesOf = async (one: Peer) => (await one.call<{ tries: object }>('auth.me')).tries
    expect(await triesOf(peer)).toEqual({ known_networks: none, other_networks: none })
    const until = new Date(now() + HOUR)
    await guess(12)
    await logIn(HOME, 'fumble')
    expect(await triesOf(peer)).toEqual({
      known_networks: { left: 9, wrong: 1, last_from: HOME, until },
      other_networks: { left: 0, wrong: 10, last_from: strange(9), until },
    })
    const { raw } = await addKey(rig.service, admin)
    const device = await open(HOME)
    await device.call('auth.login_with_api_key', raw.reveal())
    expect(await triesOf(device)).toBeNull()
  })
})

describe('the audit', () => {
  it('has one entry for the tries of an hour, and none for names that are not there', async () => {
    const since = now()
    await guess(12)
    await guess(12, 'nobody')
    const spent = {
      event: 'user.tries_spent',
      subject: 'admin',
      tries: 10,
      budget: 'others',
      since,
      actor: { username: 'keyharbor', keyId: null, address: strange(9) },
    }
    expect(await entries()).toEqual([expect.objectContaining(spent)])
    rig.clock.now += HOUR
    await guess(12)
    expect(await entries()).toHaveLength(2)
  })

  it('has it once, though the last try was right', async () => {
    await guess(9)
    for (let n = 0; n < 3; n++) expect(await logIn(strange(n))).toBe('SUCCESS')
    expect(await entries()).toHaveLength(1)
  })
})

describe('a name that is not there', () => {
  it('is refused after as many tries, and written as often, as one that is', async () => {
    const of = async (name: string): Promise<{ said: string[]; writes: string[] }> => {
      const peers = await Promise.all(Array.from({ length: 13 }, (_, n) => open(strange(n))))
      const { writes, stop } = watchWrites()
      const said: string[] = []
      for (const peer of peers) said.push(await byPassword(peer, name, 'guess'))
      stop()
      return { said, writes: writes.map((what) => what.replace(/AUDIT|SPENT/, 'SUMMARY')) }
    }
    const known = await of(`admin@${slug}`)
    expect(known.said).toEqual([...Array(10).fill('AUTH_ERR'), ...Array(3).fill(LIMITED)])
    expect(known.writes).toEqual([...Array(9).fill('Update OTHERS'), 'Update OTHERS + Put SUMMARY'])
    for (const name of [`nobody@${slug}`, `no such name!@${slug}`, 'admin@nowhere', 'admin'])
      expect(await of(name), name).toEqual(known)
    expect(judged.passwords).toBe(50)
  })

  it('fills no more of the table than its tenant has buckets', async () => {
    const { budgetKey } = await import('../../shared/store/tries-items.ts')
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
    await guess(10)
    expect(await logIn(strange(1))).toBe(LIMITED)
    rig.clock.ahead = 0
    expect(await logIn(strange(1))).toBe('SUCCESS')
  })

  it('or by seconds gives no tries', async () => {
    rig.clock.ahead = 30_000
    await guess(10)
    rig.clock.ahead = 0
    expect(await logIn(strange(1))).toBe(LIMITED)
  })

  it('holds up no calls before login', async () => {
    const few = { ...rig.service.env, KEYHARBOR_ANONYMOUS_CALLS_PER_MINUTE: 5 }
    const process = startSockets({ ...rig.service, env: few })
    const peer = await process.open()
    rig.clock.ahead = HOUR
    for (let n = 0; n < 5; n++) await peer.call('core.ping')
    expect(await refusalOf(peer.call('core.ping'))).toBe(LIMITED)
    rig.clock.ahead = 0
    rig.clock.now += MINUTE
    for (let n = 0; n < 5; n++) expect(await peer.call('core.ping')).toBe('pong')
  })
})

describe('honest boxes behind one address', () => {
  it('log in by key and by SCRAM, two hundred each, with the clock stopped', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, () => addKey(rig.service, admin)))
    const refused: unknown[] = []
    await atOnce(Array(200).keys(), 8, async (n) => {
      const raw = keys[n % keys.length]?.raw.reveal() ?? ''
      const plain = await open(HOME)
      if (!(await plain.call('auth.login_with_api_key', raw))) refused.push(n)
    })
    await atOnce(Array(200).keys(), 8, async (n) => {
      const raw = keys[n % keys.length]?.raw.reveal() ?? ''
      const box = await open(HOME)
      const { last } = await scramLogin(box.call.bind(box), { username: 'admin', raw })
      if (last?.response_type !== 'SCRAM_RESPONSE') refused.push(n)
    })
    expect(refused).toEqual([])
  }, 120_000)
})

// ---------------------------------------------------------------------------------------------

/** A code that none of these is. */
const wrong = (right: string): string =>
  String((Number(right) + 500_000) % 1_000_000).padStart(6, '0')
