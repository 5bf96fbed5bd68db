/** All that ends authority, each with a call in flight that was judged before. */
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { type TOTP, URI } from 'otpauth'
import { describe, expect, it, vi } from 'vitest'
import { sweep } from '../../shared/jobs/sweep.ts'
import { checkKey } from '../../shared/keys/check.ts'
import { endHeld, revokeIfExposed } from '../../shared/keys/revoke.ts'
import { principalOf } from '../../shared/store/item-keys.ts'
import type { User } from '../../shared/store/user-items.ts'
import { beforeWrites, entry, holdWrites, loggedIn, session } from '../kit/held.ts'
import { type Peer, refusalOf } from '../kit/peer.ts'
import { addKey } from '../kit/service.ts'
import { EXPIRED, PASSWORD, useFlights } from './kit.ts'

const { flights, eve } = useFlights()

const proven = async (raw: string) => {
  const verdict = await checkKey(flights.rig.service, raw)
  if (verdict.state === 'unknown') throw new Error('no such key')
  return verdict
}

describe('a session by a key, when the key', () => {
  type Stolen = { readonly id: number; readonly raw: string }
  const ends: Readonly<Record<string, (key: Stolen) => Promise<unknown>>> = {
    'is reset': ({ id }) => flights.root.call('api_key.update', id, { reset: true }),
    'is deleted': ({ id }) => flights.root.call('api_key.delete', id),
    'is ended by its holder': async ({ raw }) =>
      endHeld(flights.rig.service, await proven(raw), '192.0.2.1'),
    'was seen in clear': async ({ raw }) =>
      revokeIfExposed(flights.rig.service, await proven(raw), {
        secure: false,
        address: '192.0.2.1',
      }),
    'has expired': async () => {
      flights.rig.clock.now += 60_000
      await sweep(flights.rig.service)
    },
    'was revoked already, and is once more': async ({ id }) => {
      const { sessions } = flights.there.service
      const end = vi.spyOn(sessions, 'end').mockRejectedValue(new Error('cut short'))
      // It is revoked, and that is all that is known: it isn't told as done.
      expect(await refusalOf(flights.root.call('api_key.revoke', id))).toMatch(/^-32001 \[EIO\]/)
      end.mockRestore()
      await flights.root.call('api_key.revoke', id)
    },
  }
  it.each(Object.entries(ends))('%s', async (_, end) => {
    const { key, raw } = await addKey(flights.rig.service, eve, {
      expires: flights.rig.clock.now + 60_000,
    })
    const peer = await flights.loggedIn(raw.reveal())
    const answer = await flights.making(peer, eve, () => end({ id: key.id, raw: raw.reveal() }))
    expect(answer).toBe(EXPIRED)
  })

  it('is reset, goes on for a grace period and no longer', async () => {
    const { key, raw } = await addKey(flights.rig.service, eve)
    const peer = await flights.loggedIn(raw.reveal())
    const reset = { reset: true, grace_seconds: 60 }
    const update = () => flights.root.call('api_key.update', key.id, reset)
    expect(await flights.making(peer, eve, update)).toBe('not refused')
    const over = async () => {
      flights.rig.clock.now += 60_000
      await sweep(flights.rig.service)
    }
    expect(await flights.making(peer, eve, over)).toBe(EXPIRED)
  })
})

describe('what ends sessions', () => {
  it('writes none of them twice: a repetition goes on where it was cut short', async () => {
    const user = await flights.anAdmin()
    const peers = await Promise.all([1, 2, 3].map(() => flights.here.openAs(user)))
    await Promise.all(
      peers.map((peer, n) =>
        peer.call('api_key.create', { name: `before ${user.uid} ${n}`, username: user.username }),
      ),
    )
    let writes = 0
    const send = DynamoDBClient.prototype.send
    vi.spyOn(DynamoDBClient.prototype, 'send').mockImplementation(async function (
      this: DynamoDBClient,
      command: unknown,
    ) {
      if (command instanceof UpdateItemCommand) writes++
      return (send as (command: unknown) => Promise<never>).call(this, command)
    } as never)
    const { sessions } = flights.there.service
    const some = { principal: principalOf(user) }
    for (const act of [
      () => sessions.restrict(user.tenant, some, 7),
      () => sessions.end(user.tenant, some, () => true),
    ]) {
      await act()
      expect(writes).toBe(6)
      await act()
      expect(writes).toBe(6)
      writes = 0
    }
  })
})

describe('a session by password, when', () => {
  const signIn = (user = eve) => flights.here.signIn(user, PASSWORD)
  const idOf = async (peer: Peer): Promise<string> => {
    const listed = await peer.call<{ id: string; current: boolean }[]>('auth.sessions')
    return listed.find(({ current }) => current)?.id ?? ''
  }
  const boss = () => flights.there.signIn(flights.admin, PASSWORD)

  it('the user is locked or deleted', async () => {
    for (const end of [
      ({ uid }: User) => flights.root.call('user.update', uid, { locked: true }),
      ({ uid }: User) => flights.root.call('user.delete', uid),
    ]) {
      const user = await flights.anAdmin()
      const peer = await signIn(user)
      expect(await flights.making(peer, user, () => end(user))).toBe(EXPIRED)
      vi.restoreAllMocks()
    }
  })

  it('the password is another: but not a session by a key', async () => {
    const user = await flights.anAdmin()
    const [peer, key] = [await signIn(user), await flights.here.openAs(user)]
    const by = await boss()
    const change = () => by.call('user.update', user.uid, { password: PASSWORD })
    expect(await flights.making(peer, user, change)).toBe(EXPIRED)
    vi.restoreAllMocks()
    expect(await flights.making(key, user, change)).toBe('not refused')
  })

  it('the password is another, whatever a thief changes of the user meanwhile', async () => {
    const user = await flights.anAdmin()
    const { username } = user
    const [thief, own] = [await signIn(user), await signIn(user)]
    let changes = 0
    beforeWrites(entry('user.set_password', username), async () => {
      if (++changes < 3) await thief.call('user.renew_2fa_secret', username, {})
    })
    const asked = { username, old_password: PASSWORD, new_password: 'correct zebra' }
    expect(await refusalOf(own.call('user.set_password', asked))).toBe('not refused')
    expect(changes).toBe(1)
    expect(await refusalOf(thief.call('auth.me'))).toBe(EXPIRED)
  })

  it('the second factor is another: but not the session that switched it on', async () => {
    const user = await flights.anAdmin()
    const { username } = user
    const confirm = async (own: Peer) => {
      const made = await own.call<{ twofactor_config: { provisioning_uri: string } }>(
        'user.renew_2fa_secret',
        username,
        {},
      )
      const device = URI.parse(made.twofactor_config.provisioning_uri) as TOTP
      const code = device.generate({ timestamp: flights.rig.clock.now })
      await own.call('user.confirm_2fa_secret', username, { code, password: PASSWORD })
    }
    const [peer, other] = [await signIn(user), await signIn(user)]
    expect(await flights.making(other, user, () => confirm(peer))).toBe(EXPIRED)
    vi.restoreAllMocks()
    const by = await boss()
    await by.call('user.unset_2fa_secret', username)
    const own = await signIn(user)
    expect(await flights.making(own, user, () => confirm(own))).toBe('not refused')
    vi.restoreAllMocks()
    expect(await flights.making(own, user, () => by.call('user.unset_2fa_secret', username))).toBe(
      EXPIRED,
    )
  })

  it('it logs out, is terminated, or another takes its socket', async () => {
    const { root } = flights
    const ends: ((peer: Peer, id: string) => Promise<unknown>)[] = [
      (peer) => peer.call('auth.logout'),
      (_, id) => root.call('auth.terminate_session', id),
      () => root.call('auth.terminate_other_sessions'),
      async (peer) => {
        const { raw } = await addKey(flights.rig.service, eve)
        await peer.call('auth.login_with_api_key', raw.reveal())
      },
    ]
    for (const end of ends) {
      const peer = await signIn()
      // A copy is there already.
      await peer.call('auth.generate_token')
      const id = await idOf(peer)
      expect(await flights.making(peer, eve, () => end(peer, id)), String(end)).toBe(EXPIRED)
      vi.restoreAllMocks()
      flights.rig.clock.now += 1
    }
  })
})

describe('a login in flight', () => {
  it.each([
    ['key', 'before it is listed', session],
    ['key', 'once it is listed', loggedIn],
    ['password', 'before it is listed', session],
    ['password', 'once it is listed', loggedIn],
    ['token', 'before it is written', session],
  ] as const)('by %s opens nothing when that ended %s', async (how, _, at) => {
    const user = await flights.anAdmin()
    const { key, raw } = await addKey(flights.rig.service, user)
    const token = await (await flights.loggedIn(raw.reveal())).call(
      'auth.generate_token',
      600,
      {},
      false,
    )
    const peer = await flights.here.open()
    const held = holdWrites(at(user.username))
    const logins: Readonly<Record<string, () => Promise<unknown>>> = {
      key: () => peer.call('auth.login_with_api_key', raw.reveal()),
      token: () => peer.call('auth.login_with_token', token),
      password: () =>
        flights.here
          .signIn(user, PASSWORD)
          .catch((error: Error) => !error.message.match('AUTH_ERR')),
    }
    const login = logins[how]?.()
    await held.until(1)
    if (how === 'password') await flights.root.call('user.update', user.uid, { locked: true })
    else await flights.root.call('api_key.revoke', key.id)
    held.release()
    expect(await login).toBe(false)
    expect(await refusalOf(peer.call('auth.me'))).toMatch('Not authenticated')
    const left = await flights.rig.service.sessions.all(user.tenant)
    expect(left.filter((one) => one.session.username === user.username && !one.ended)).toEqual([])
  })

  it('opens nothing when it was ended by hand, and its socket is closed', async () => {
    const user = await flights.anAdmin()
    const peer = await flights.here.open()
    const held = holdWrites(loggedIn(user.username))
    const { raw } = await addKey(flights.rig.service, user)
    const login = refusalOf(peer.call('auth.login_with_api_key', raw.reveal()))
    await held.until(1)
    const listed = async () =>
      (await flights.rig.service.sessions.all(user.tenant)).filter(
        (one) => one.connection === peer.id,
      )
    const [{ session: mine } = {}] = await listed()
    expect(await flights.root.call('auth.terminate_session', mine?.id)).toBe(true)
    held.release()
    expect(await login).toMatch('[EAGAIN]')
    expect(flights.there.closed.has(peer.id)).toBe(true)
    expect(await listed()).toEqual([])
    expect(await flights.rig.service.connections.get(peer.id)).toBeNull()
  })

  it('is another session where it was ended by hand beside a login of another frame', async () => {
    const [one, two] = [await flights.anAdmin(), await flights.anAdmin()]
    const keys = await Promise.all([one, two].map((user) => addKey(flights.rig.service, user)))
    const [mine, other] = keys.map(({ raw }) => raw.reveal())
    const peer = await flights.here.open()
    const held = holdWrites(loggedIn(one.username))
    const login = peer.call('auth.login_with_api_key', mine)
    await held.until(1)
    expect(await peer.call('auth.login_with_api_key', other)).toBe(true)
    const listed = (await flights.rig.service.sessions.all(one.tenant)).find(
      ({ session }) => session.username === one.username,
    )
    expect(await flights.root.call('auth.terminate_session', listed?.session.id)).toBe(true)
    held.release()
    await login
    const connection = await flights.rig.service.connections.get(peer.id)
    expect(connection?.session?.id).not.toBe(listed?.session.id)
  })
})

describe('an enrolment in flight', () => {
  /** Holds a device when it would get its key. */
  const enrolling = async (token: string, meanwhile: () => Promise<unknown>) => {
    const device = await flights.here.open()
    const held = holdWrites(entry('device.enroll'))
    const told = refusalOf(device.call('device.enroll', { token, name: token.slice(-12) }))
    await held.until(1)
    await meanwhile()
    held.release()
    const answer = await told
    vi.restoreAllMocks()
    return answer
  }
  const invited = async (peer: Peer): Promise<string> =>
    (await peer.call<{ token: string }>('device.invite', {})).token
  const REFUSED = '-32001 [EACCES] The enrolment token is not valid.'

  it('gets no key when what invited it ended, and does when only a session did', async () => {
    const { root, rig } = flights
    const user = await flights.anAdmin()
    const { key, raw } = await addKey(rig.service, user)
    const by = await flights.loggedIn(raw.reveal())
    const other = await flights.here.signIn(user, PASSWORD)
    const logout = () => other.call('auth.logout')
    expect(await enrolling(await invited(other), logout)).toBe('not refused')
    const revoke = () => root.call('api_key.revoke', key.id)
    expect(await enrolling(await invited(by), revoke)).toBe(REFUSED)
    for (const update of [{ roles: ['API_KEY_WRITE'] }, { locked: true }]) {
      const inviter = await flights.anAdmin()
      const token = await invited(await flights.here.signIn(inviter, PASSWORD))
      const end = () => root.call('user.update', inviter.uid, update)
      expect(await enrolling(token, end), JSON.stringify(update)).toBe(REFUSED)
    }
  })
})
