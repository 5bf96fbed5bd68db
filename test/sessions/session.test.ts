/** A session holds for as long as all that it hangs on does: judged at each call, on each way in. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { updateKey } from '../../shared/keys/change.ts'
import type { Service } from '../../shared/service.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import { itemKey } from '../../shared/store/item-keys.ts'
import type { User } from '../../shared/store/user-items.ts'
import { type Peer, type PeerOptions, refusalOf, type Sockets, startSockets } from '../kit/peer.ts'
import { addKey, newTenant, type Rig, START, slugOf, startRig } from '../kit/service.ts'
import { streamed } from '../kit/streamed.ts'

const PASSWORD = 'correct horse'
const ENDED = '-32001 [EACCES] Session is expired'

let rig: Rig
let sockets: Sockets
let admin: User
let slug: string
let root: Peer
beforeAll(async () => {
  rig = await startRig()
  sockets = startSockets(rig.service)
  admin = await newTenant(rig.service)
  slug = await slugOf(rig.service, admin)
})
afterAll(() => rig.close())
beforeEach(async () => {
  rig.clock.now = START
  root = await sockets.signIn(admin)
})

let users = 0
type Made = { readonly id: number; readonly username: string }
const make = async (username = `user-${++users}`): Promise<Made> => {
  const roles = ['READONLY_ADMIN', 'API_KEY_WRITE', 'KEY_VALIDATE']
  const user = { username, full_name: username, password: PASSWORD, roles }
  const { id } = await root.call<{ id: number }>('user.create', user)
  return { id, username }
}

/** The user of a name is deleted, and another one gets the name: with a password that is as new. */
const replace = async ({ id, username }: Made): Promise<void> => {
  await root.call('user.delete', id)
  const namesake = await make(username)
  expect(namesake.id).not.toBe(id)
}

const byPassword = async ({ username }: Made, options: PeerOptions = {}): Promise<Peer> => {
  const peer = await sockets.open(options)
  expect(await peer.call('auth.login', `${username}@${slug}`, PASSWORD)).toBe(true)
  return peer
}

const reset = async (key: { tenant: number; n: number }, graceSeconds: number): Promise<string> => {
  const { issued } = await updateKey(rig.service, {
    ref: key,
    actor: SERVICE,
    update: { reset: true, graceSeconds },
  })
  return issued?.raw.reveal() ?? ''
}

describe('a user who is deleted and made anew under the same name', () => {
  it('is another one to sessions: by password', async () => {
    const user = await make()
    const peer = await byPassword(user)
    expect(await peer.call('auth.me')).toMatchObject({ pw_uid: user.id })
    await replace(user)
    expect(await refusalOf(peer.call('auth.me'))).toBe(ENDED)
    expect(await refusalOf(peer.call('api_key.query'))).toBe(ENDED)
  })

  it('is another one to tokens, and to what they opened', async () => {
    const user = await make()
    const first = await byPassword(user, { address: '192.0.2.77' })
    const token = await first.call<string>('auth.generate_token')
    const second = await sockets.open({ address: '192.0.2.77' })
    expect(await second.call('auth.login_with_token', token)).toBe(true)
    const spare = await first.call<string>('auth.generate_token')
    await replace(user)
    expect(await refusalOf(second.call('auth.me'))).toBe(ENDED)
    const third = await sockets.open({ address: '192.0.2.77' })
    expect(await third.call('auth.login_with_token', spare)).toBe(false)
  })

  it('is another one to invitations that the former one made', async () => {
    const user = await make()
    const peer = await byPassword(user)
    const { token } = await peer.call<{ token: string }>('device.invite', {})
    await replace(user)
    const device = await sockets.open()
    const enrolled = refusalOf(device.call('device.enroll', { token, name: 'nas' }))
    expect(await enrolled).toMatch('The enrolment token is not valid.')
  })

  it('is another one to a subscription: nothing is heard by it', async () => {
    const user = await make()
    const peer = await byPassword(user)
    for (const one of [peer, root]) await one.call('core.subscribe', 'api_key.query')
    await replace(user)
    const { key } = await addKey(rig.service, admin)
    await streamed(sockets.service, { key: itemKey.key(key), before: null, after: { ...key } })
    const heard = sockets.pushed.map(({ connection }) => connection)
    expect(heard).toContain(root.id)
    expect(heard).not.toContain(peer.id)
  })
})

describe('a session by password', () => {
  it('ends when its user is locked, and when the password changes', async () => {
    for (const change of [{ locked: true }, { password: 'another passphrase' }]) {
      const user = await make()
      const peer = await byPassword(user)
      await root.call('user.update', user.id, change)
      expect(await refusalOf(peer.call('auth.me'))).toBe(ENDED)
    }
  })

  it('is not opened for who was locked while the password was checked', async () => {
    const user = await make()
    const racing = raced('tries', 'read', () => root.call('user.update', user.id, { locked: true }))
    const peer = await startSockets(racing).open()
    expect(await peer.call('auth.login', `${user.username}@${slug}`, PASSWORD)).toBe(false)
    expect(await refusalOf(peer.call('auth.me'))).toMatch('Not authenticated')
  })
})

describe('a session by key', () => {
  it('ends with the secret that opened it: at the reset, or with its grace', async () => {
    const { key, raw } = await addKey(rig.service, admin)
    const login = async (secret: string): Promise<Peer> => {
      const peer = await sockets.open()
      expect(await peer.call('auth.login_with_api_key', secret)).toBe(true)
      return peer
    }
    const first = await login(raw.reveal())
    const second = await login(await reset(key, 60))
    expect(await first.call('core.ping')).toBe('pong')
    expect(await first.call('auth.me')).toMatchObject({ pw_name: 'admin' })
    rig.clock.now += 60_000
    expect(await refusalOf(first.call('auth.me'))).toBe(ENDED)
    expect(await second.call('auth.me')).toMatchObject({ pw_name: 'admin' })
    await reset(key, 0)
    expect(await refusalOf(second.call('auth.me'))).toBe(ENDED)
  })

  it('is not opened by a key that was revoked while it was checked', async () => {
    const { key, raw } = await addKey(rig.service, admin)
    const racing = raced('keys', 'forCheck', () => root.call('api_key.revoke', key.id))
    const peer = await startSockets(racing).open()
    expect(await peer.call('auth.login_with_api_key', raw.reveal())).toBe(false)
    expect(await refusalOf(peer.call('auth.me'))).toMatch('Not authenticated')
    const sessions = await rig.service.sessions.all(key.tenant)
    expect(sessions.filter(({ session }) => session.key?.n === key.n)).toEqual([])
  })
})

// ---------------------------------------------------------------------------------------------

/** The service, in which something else happens right after a part of it was first asked. */
function raced<P extends 'keys' | 'tries'>(
  part: P,
  method: keyof Service[P],
  meanwhile: () => Promise<unknown>,
): Service {
  let happened = false
  const asked = rig.service[part][method] as (...args: unknown[]) => Promise<unknown>
  const slow = async (...args: unknown[]): Promise<unknown> => {
    const answer = await asked(...args)
    if (!happened) {
      happened = true
      await meanwhile()
    }
    return answer
  }
  return { ...rig.service, [part]: { ...rig.service[part], [method]: slow } }
}
