/** The client on the running service: what it gives to callers is what the service says. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TOTP, URI } from 'otpauth'
import { afterAll, describe, expect, expectTypeOf, it } from 'vitest'
import type { ApiKey } from '../../client/api.ts'
import { RpcError } from '../../client/errors.ts'
import { keyLogin } from '../../client/login.ts'
import type { Change } from '../../client/types.ts'
import { reached, service } from './cloud.ts'
import { failure } from './kit.ts'

let data = ''
const nas = service(async () => {
  data = await mkdtemp(join(tmpdir(), 'keyharbor-client-'))
  return data
})
afterAll(() => rm(data, { recursive: true, force: true }))

const admin = () => nas.connect({ login: keyLogin('admin', nas.known.apiKey) })

let names = 0
const newKey = (client: ReturnType<typeof admin>, username = 'admin') =>
  client.call('api_key.create', { name: `client ${++names}`, username })

describe('a call', () => {
  it('takes and gives dates as Date, and sets as Set', async () => {
    const client = admin()
    const expires_at = new Date(Date.UTC(2031, 0, 2, 3, 4, 5))
    const made = await client.call('api_key.create', {
      name: 'dated',
      username: 'admin',
      expires_at,
    })
    expectTypeOf(made.expires_at).toEqualTypeOf<Date | null>()
    expect(made.expires_at).toEqual(expires_at)
    expect(made.created_at).toBeInstanceOf(Date)
    const { privilege } = await client.call('auth.me')
    expect(privilege.roles.has('FULL_ADMIN')).toBe(true)
  })

  it('that breaks a rule fails with each violation, and in words', async () => {
    const client = admin()
    const call = client.call('api_key.create', { name: '', username: 'no body' })
    const error = (await failure(call)) as RpcError
    expect(error).toBeInstanceOf(RpcError)
    expect(error).toMatchObject({ code: -32602, errno: 22, errname: 'EINVAL' })
    expect(error.violations.map(([at]) => at)).toEqual([
      'api_key_create.name',
      'api_key_create.username',
    ])
    expect(error.text.split('\n')).toEqual([
      'String should have at least 1 character',
      expect.stringMatching(/^Valid characters are letters/),
    ])
  })

  it('is one of 60 at once, and all are answered', async () => {
    const client = admin()
    const answers = await Promise.all(Array.from({ length: 60 }, () => client.call('core.ping')))
    expect(new Set(answers)).toEqual(new Set(['pong']))
  })
})

it('rows and count are typed, and ask for no more than they say', async () => {
  const client = admin()
  await newKey(client)
  const rows = await client.rows('api_key.query', [['name', '^', 'client ']], { limit: 1 })
  expectTypeOf(rows).toEqualTypeOf<ApiKey[]>()
  expect(rows).toHaveLength(1)
  const either = await client.count('api_key.query', [
    [
      'OR',
      [
        ['name', '=', 'admin'],
        ['name', '=', 'device'],
      ],
    ],
  ])
  expect(either).toBe(2)
})

it('a listener hears of changes, also after the socket was cut', async () => {
  const client = admin()
  const heard: Change<'api_key.query'>[] = []
  let tell: () => void = () => {}
  const gap = new Promise<void>((done) => {
    tell = done
  })
  client.subscribe('api_key.query', (change) => heard.push(change), tell)
  const { id } = await newKey(client)
  nas.cut()
  await reached(client, 'offline')
  client.reconnect()
  await gap
  await client.call('api_key.delete', id)
  await expect.poll(() => heard.find(({ msg }) => msg === 'removed')?.id).toBe(id)
  expect(heard[0]).toMatchObject({ msg: 'added', id, fields: { username: 'admin' } })
  expect(heard[0]?.msg === 'added' && heard[0].fields.created_at).toBeInstanceOf(Date)
})

describe('a login by key', () => {
  it('is by the key alone where no name is given', async () => {
    const client = nas.connect({ login: keyLogin(null, nas.known.device.apiKey) })
    expect((await client.call('auth.me')).pw_name).toBe('device')
  })

  it('of a key that is revoked while online ends as signed out', async () => {
    const boss = admin()
    const { id, key = '' } = await newKey(boss, 'device')
    const client = nas.connect({ login: keyLogin('device', key) })
    await client.call('auth.me')
    await boss.call('api_key.revoke', id, {})
    await failure(client.call('auth.me'))
    client.reconnect()
    await reached(client, 'signedOut')
  })

  it('never goes over ws:, not even the connection comes about', () => {
    const login = keyLogin('admin', nas.known.apiKey)
    const before = nas.sent.length
    expect(() => nas.connect({ url: nas.known.ws, login })).toThrow(
      'A key must not be sent in clear',
    )
    expect(nas.sent).toHaveLength(before)
  })
})

describe('a session by tokens', () => {
  const password = () => ({
    tenant: nas.known.tenant,
    username: nas.known.username,
    password: nas.known.password,
  })

  it('begins signed out, and comes back after cuts by a token that is used once', async () => {
    const { client, session, stored } = nas.visitor()
    await reached(client, 'signedOut')
    expect(await session.signIn(client.call, password())).toBe('SUCCESS')
    client.signedIn()
    for (let cuts = 0; cuts < 3; cuts++) {
      await reached(client, 'online')
      nas.cut()
      await reached(client, 'offline')
      client.reconnect()
    }
    await reached(client, 'online')
    expect((await client.call('auth.me')).pw_name).toBe('admin')
    const used = nas.sent.filter((text) => text.includes('TOKEN_PLAIN'))
    expect(used).toHaveLength(3)
    expect(new Set(used.map((text) => JSON.parse(text).params[0].token)).size).toBe(3)
    expect(new Set(stored).size).toBe(4)
    expect(nas.sent.filter((text) => text.includes(nas.known.password))).toHaveLength(1)
  })

  it('goes on by a renewed token', async () => {
    const { client, session, stored } = nas.visitor()
    await session.signIn(client.call, password())
    client.signedIn()
    await session.renew(client.call)
    expect(stored).toHaveLength(2)
    nas.cut()
    await reached(client, 'offline')
    client.reconnect()
    await reached(client, 'online')
  })

  it('ends when the stored token is refused, and forgets it', async () => {
    const { client, session, stored } = nas.visitor()
    await session.signIn(client.call, password())
    client.signedIn()
    await reached(client, 'online')
    stored.push(`1.${'x'.repeat(64)}`)
    nas.cut()
    await reached(client, 'offline')
    client.reconnect()
    await reached(client, 'signedOut')
    expect(stored.at(-1)).toBeNull()
  })

  it('ends for good at the sign-out: neither socket nor token is good any more', async () => {
    const { client, session, stored } = nas.visitor()
    await session.signIn(client.call, password())
    client.signedIn()
    await reached(client, 'online')
    const token = stored.at(-1) ?? ''
    await session.signOut(client.call)
    expect(client.state).toBe('signedOut')
    expect(stored.at(-1)).toBeNull()
    expect(await failure(client.call('auth.me'))).toMatchObject({ errname: 'ENOTAUTHENTICATED' })
    expect(await client.call('auth.login_with_token', token)).toBe(false)
  })

  it('asks for a second factor, and for the code again when that was wrong', async () => {
    const boss = admin()
    const who = { username: `two-${Date.now()}`, password: 'correct horse' }
    const user = { ...who, full_name: 'Two', roles: ['READONLY_ADMIN'] }
    await boss.call('user.create', user)
    const second = await boss.call('user.renew_2fa_secret', who.username)
    const device = URI.parse(second.twofactor_config.provisioning_uri ?? '') as TOTP
    const { client, session } = nas.visitor()
    const signIn = (codes: string[]) =>
      session.signIn(client.call, {
        ...who,
        tenant: nas.known.tenant,
        code: async () => codes.shift() ?? 'none left',
      })
    const wrong = ['000000x', '1', '']
    expect(await signIn([...wrong])).toBe('AUTH_ERR')
    expect(await signIn([...wrong.slice(1), device.generate()])).toBe('SUCCESS')
    client.signedIn()
    expect((await client.call('auth.me')).pw_name).toBe(who.username)
  })

  it('says what was wrong: the password, or no right to log in', async () => {
    const boss = admin()
    const who = { username: `none-${Date.now()}`, password: 'correct horse', tenant: 'demo' }
    const { tenant: _, ...user } = who
    await boss.call('user.create', { ...user, full_name: 'Without roles' })
    const { client, session, stored } = nas.visitor()
    expect(await session.signIn(client.call, { ...who, password: 'wrong' })).toBe('AUTH_ERR')
    expect(await session.signIn(client.call, who)).toBe('DENIED')
    expect(stored.filter((token) => token !== null)).toEqual([])
    expect(client.state).toBe('signedOut')
  })
})
