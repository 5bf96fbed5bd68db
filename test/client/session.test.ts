/** Sessions by tokens on the running service: from the password to the sign-out. */
import { type TOTP, URI } from 'otpauth'
import { describe, expect, it } from 'vitest'
import { reached, service } from './cloud.ts'
import { failure } from './kit.ts'

const nas = service()

const password = () => ({
  tenant: nas.known.tenant,
  username: nas.known.username,
  password: nas.known.password,
})

/** The administrator, by password: by a key nobody is given one. */
const admin = async () => {
  const { client, session } = nas.visitor()
  await session.signIn(client.call, password())
  client.signedIn()
  return client
}

describe('a session by tokens', () => {
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
    const boss = await admin()
    const who = { username: `two-${Date.now()}`, password: 'correct horse' }
    const user = { ...who, full_name: 'Two', roles: ['READONLY_ADMIN'] }
    await boss.call('user.create', user)
    const own = nas.visitor()
    await own.session.signIn(own.client.call, { ...who, tenant: nas.known.tenant })
    own.client.signedIn()
    const second = await own.client.call('user.renew_2fa_secret', who.username)
    const device = URI.parse(second.twofactor_config.provisioning_uri ?? '') as TOTP
    const proof = { code: device.generate(), password: who.password }
    // Codes of the app are good once, and this one was.
    const { recovery_codes } = await own.client.call('user.confirm_2fa_secret', who.username, proof)
    const { client, session } = nas.visitor()
    const signIn = (codes: string[]) =>
      session.signIn(client.call, {
        ...who,
        tenant: nas.known.tenant,
        code: async () => codes.shift() ?? 'none left',
      })
    const wrong = ['000000x', '1', '']
    expect(await signIn([...wrong])).toBe('AUTH_ERR')
    expect(await signIn([...wrong.slice(1), recovery_codes[0] ?? ''])).toBe('SUCCESS')
    client.signedIn()
    expect((await client.call('auth.me')).pw_name).toBe(who.username)
  })

  it('says what was wrong: the password, or no right to log in', async () => {
    const boss = await admin()
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
