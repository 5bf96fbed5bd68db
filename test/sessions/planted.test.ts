/** Keys and passwords that somebody with fewer rights made for a user: they don't grow with the user. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { checkKey } from '../../shared/keys/check.ts'
import type { User } from '../../shared/store/user-items.ts'
import { type Peer, refusalOf, type Sockets, startSockets } from '../kit/peer.ts'
import { addUser, newTenant, type Rig, startRig } from '../kit/service.ts'

let rig: Rig
let sockets: Sockets
beforeAll(async () => {
  rig = await startRig()
  sockets = startSockets(rig.service)
})
afterAll(() => rig.close())

const DESK = ['ACCOUNT_WRITE', 'API_KEY_WRITE', 'READONLY_ADMIN']

let admin: User
let bob: User
let root: Peer
/** A help desk's session: it may make users and keys, and no more. */
let desk: Peer
beforeEach(async () => {
  admin = await newTenant(rig.service)
  root = await sockets.signIn(admin)
  bob = await addUser(rig.service, admin.tenant, 'bob', ['READONLY_ADMIN'])
  desk = await sockets.openAs(await addUser(rig.service, admin.tenant, 'desk', DESK))
})

type Issued = { id: number; key: string }
let names = 0
const keyFor = (peer: Peer, username: string): Promise<Issued> =>
  peer.call<Issued>('api_key.create', { name: `planted ${++names}`, username })

const promote = () =>
  root.call<{ planted?: unknown }>('user.update', bob.uid, { roles: ['FULL_ADMIN'] })

const signInBy = async (raw: string): Promise<Peer> => {
  const peer = await sockets.open()
  expect(await peer.call('auth.login_with_api_key', raw)).toBe(true)
  return peer
}
const rolesOf = async (raw: string): Promise<string[]> => {
  const verdict = await checkKey(rig.service, raw)
  return verdict.state === 'active' ? [...verdict.key.roles].sort() : expect.fail(verdict.state)
}
const makesAnAdmin = (peer: Peer): Promise<string> =>
  refusalOf(
    peer.call('user.create', {
      username: `admin${++names}`,
      full_name: 'Mallory',
      roles: ['FULL_ADMIN'],
    }),
  )
const BEYOND = /lacks these roles and can not hand them out: FULL_ADMIN/

describe('a key that somebody with fewer rights made', () => {
  it('does not grow with its user: not in checks, not in sessions, not in what comes of it', async () => {
    const { id, key } = await keyFor(desk, 'bob')
    await promote()
    expect(await rolesOf(key)).toEqual(DESK)
    const peer = await signInBy(key)
    expect(await makesAnAdmin(peer)).toMatch(BEYOND)
    // Made in its session, for its own user; the same key anew; a login token.
    expect(await rolesOf((await keyFor(peer, 'bob')).key)).toEqual(DESK)
    const reset = await peer.call<Issued>('api_key.update', id, { reset: true })
    expect(await rolesOf(reset.key)).toEqual(DESK)
    const again = await signInBy(reset.key)
    const token = await again.call('auth.generate_token', 600, {}, false)
    const next = await sockets.open()
    expect(await next.call('auth.login_with_token', token)).toBe(true)
    expect(await makesAnAdmin(next)).toMatch(BEYOND)
    expect(await rolesOf((await keyFor(next, 'bob')).key)).toEqual(DESK)
  })

  it('is told of when its user gets more rights', async () => {
    const { id } = await keyFor(desk, 'bob')
    await keyFor(root, 'bob')
    expect((await promote()).planted).toEqual({ password: false, api_keys: [id] })
    await root.call('api_key.delete', id)
    expect(await root.call('user.get_instance', bob.uid)).not.toHaveProperty('planted')
  })

  it('grows no more than its user either way, once they lose rights', async () => {
    const { key } = await keyFor(desk, 'bob')
    await promote()
    await root.call('user.update', bob.uid, { roles: ['API_KEY_READ'] })
    expect(await rolesOf(key)).toEqual(['API_KEY_READ'])
  })

  it('is the user’s own once they reset it; the secret before is not, while its grace lasts', async () => {
    const { id, key } = await keyFor(desk, 'bob')
    await promote()
    const own = await signInBy((await keyFor(root, 'bob')).key)
    const reset = { reset: true, grace_seconds: 60 }
    const { key: mine } = await own.call<Issued>('api_key.update', id, reset)
    expect(await rolesOf(mine)).toEqual(['FULL_ADMIN'])
    expect(await rolesOf(key)).toEqual(DESK)
    expect(await makesAnAdmin(await signInBy(key))).toMatch(BEYOND)
    expect(await makesAnAdmin(await signInBy(mine))).toBe('not refused')
    expect(await root.call('user.get_instance', bob.uid)).not.toHaveProperty('planted')
    // And is not any more, when the desk resets it once more: it may not, as bob is beyond it now.
    expect(await refusalOf(desk.call('api_key.update', id, { reset: true }))).toMatch(BEYOND)
  })
})

describe('a key that users make for themselves', () => {
  it('grows with them', async () => {
    await root.call('user.update', bob.uid, { roles: ['READONLY_ADMIN', 'API_KEY_WRITE'] })
    const own = await signInBy((await keyFor(root, 'bob')).key)
    const { key } = await keyFor(own, 'bob')
    await promote()
    expect(await rolesOf(key)).toEqual(['FULL_ADMIN'])
  })
})

describe('a password that somebody with fewer rights set', () => {
  const PASSWORD = 'of the desk’s choice'
  const set = (peer: Peer, new_password: string, old_password?: string) =>
    peer.call('user.set_password', {
      username: 'bob',
      new_password,
      ...(old_password && { old_password }),
    })

  it('does not grow with its user, nor do the keys and passwords that come of it', async () => {
    const helper = await addUser(rig.service, admin.tenant, 'helper', ['ACCOUNT_WRITE', ...DESK])
    await root.call('user.set_password', { username: 'helper', new_password: PASSWORD })
    const byPassword = await sockets.signIn(helper, PASSWORD)
    await set(byPassword, PASSWORD)
    expect((await promote()).planted).toEqual({ password: true, api_keys: [] })
    const peer = await sockets.signIn(bob, PASSWORD)
    expect(await makesAnAdmin(peer)).toMatch(BEYOND)
    expect(await rolesOf((await keyFor(peer, 'bob')).key)).toEqual(DESK)
    // Who knows the password can choose the next one.
    await set(peer, 'another of their choice', PASSWORD)
    expect(await makesAnAdmin(await sockets.signIn(bob, 'another of their choice'))).toMatch(BEYOND)
    // One that an administrator sets is as good as the administrator.
    await set(root, 'correct horse battery')
    expect(await makesAnAdmin(await sockets.signIn(bob, 'correct horse battery'))).toBe(
      'not refused',
    )
    // The key that came of it stays what it is.
    expect(await root.call('user.get_instance', bob.uid)).toMatchObject({
      planted: { password: false },
    })
  })
})
