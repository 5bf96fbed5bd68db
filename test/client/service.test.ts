/** The client on the running service: what it gives to callers is what the service says. */
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { ApiKey } from '../../client/api.ts'
import { RpcError } from '../../client/errors.ts'
import { keyLogin } from '../../client/login.ts'
import type { Change } from '../../client/types.ts'
import { reached, service } from './cloud.ts'
import { failure } from './kit.ts'

const nas = service()

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
  // Tests before this one have made keys too, and news may come late.
  const told = () => heard.filter((change) => change.id === id)
  await expect.poll(() => told().length).toBe(1)
  nas.cut()
  await reached(client, 'offline')
  client.reconnect()
  await gap
  await client.call('api_key.delete', id)
  await expect.poll(() => told().map(({ msg }) => msg)).toEqual(['added', 'removed'])
  const [added] = told()
  expect(added).toMatchObject({ fields: { username: 'admin', created_at: expect.any(Date) } })
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
