import { createHook } from 'node:async_hooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { User } from '../../shared/store/user-items.ts'
import { type Peer, refusalOf, type Sockets, startSockets } from '../kit/peer.ts'
import { addUser, newTenant, type Rig, startRig } from '../kit/service.ts'

let rig: Rig
let sockets: Sockets
let admin: User
let root: Peer
beforeAll(async () => {
  rig = await startRig()
  sockets = startSockets(rig.service)
  admin = await newTenant(rig.service)
  root = await as(admin)
})
afterAll(() => rig.close())

const as = (user: User): Promise<Peer> => sockets.openAs(user)
type Entry = Record<string, unknown> & { id: number }
const create = (peer: Peer, username: string, roles: string[] = ['API_KEY_READ']) =>
  peer.call<Entry>('user.create', { username, full_name: username, roles })

describe('a user', () => {
  it('is made, shown with their keys, changed and deleted', async () => {
    const made = await create(root, 'ann')
    expect(made).toEqual({
      id: expect.any(Number),
      username: 'ann',
      full_name: 'ann',
      roles: ['API_KEY_READ'],
      locked: false,
      source: 'LOCAL',
      local: true,
      api_keys: [],
      password_disabled: true,
      twofactor_auth_configured: false,
    })
    const key = await root.call<Entry>('api_key.create', { name: 'ann’s', username: 'ann' })
    expect(await root.call('user.query', [['username', '=', 'ann']], { get: true })).toMatchObject({
      api_keys: [key.id],
    })
    await root.call('user.update', made.id, { full_name: 'Ann A.', roles: ['READONLY_ADMIN'] })
    expect(await root.call('user.get_instance', made.id)).toMatchObject({
      full_name: 'Ann A.',
      roles: ['READONLY_ADMIN'],
    })
    expect(await root.call('user.delete', made.id)).toBe(made.id)
    expect(await refusalOf(root.call('user.get_instance', made.id))).toBe(
      `-32602 [ENOENT] None: User ${made.id} does not exist`,
    )
    expect(await root.call('api_key.get_instance', key.id)).toMatchObject({
      username: null,
      revoked: true,
      revoked_reason: 'User does not exist',
    })
  })

  it.each([
    [{ username: 'bad name', full_name: 'x' }, /user_create\.username: Value error/],
    [{ username: 'a@b', full_name: 'x' }, /user_create\.username: Value error/],
    [{ username: 'x' }, /user_create\.full_name: Field required/],
    [{ username: 'x', full_name: 'x', roles: ['lower'] }, /user_create\.roles\.0: Value error/],
    [
      { username: 'x', full_name: 'x', password: 'short' },
      /user_create\.password: String should have at least 8 characters/,
    ],
    [{ username: 'admin', full_name: 'x' }, /user_create\.username: A user with this username/],
  ])('%j is refused', async (params, text) => {
    expect(await refusalOf(root.call('user.create', params))).toMatch(text)
  })
})

describe('ACCOUNT_WRITE', () => {
  it('hands out no role that its holder lacks, and touches nobody who has one', async () => {
    const manager = await addUser(rig.service, admin.tenant, 'manager', [
      'ACCOUNT_WRITE',
      'API_KEY_WRITE',
    ])
    const peer = await as(manager)
    const beyond = /^-32001 \[EACCES\] manager: authenticated user lacks these roles/
    expect(await refusalOf(create(peer, 'sneaky', ['FULL_ADMIN']))).toMatch(beyond)
    const own = await create(peer, 'helper', ['API_KEY_READ'])
    expect(await refusalOf(peer.call('user.update', own.id, { roles: ['FULL_ADMIN'] }))).toMatch(
      beyond,
    )
    expect(
      await refusalOf(peer.call('user.update', manager.uid, { roles: ['FULL_ADMIN'] })),
    ).toMatch(beyond)
    for (const [method, ...params] of [
      ['user.update', admin.uid, { locked: true }],
      ['user.update', admin.uid, { password: 'long enough' }],
      ['user.delete', admin.uid],
      ['user.set_password', { username: 'admin', new_password: 'long enough' }],
      ['user.renew_2fa_secret', 'admin', {}],
      ['user.unset_2fa_secret', 'admin'],
    ] as [string, ...unknown[]][])
      expect(await refusalOf(peer.call(method, ...params))).toMatch(beyond)
  })
})

describe('oneself', () => {
  it('can’t be locked, deleted, or stripped of roles', async () => {
    expect(await refusalOf(root.call('user.update', admin.uid, { locked: true }))).toMatch(
      'You can not lock yourself',
    )
    expect(await refusalOf(root.call('user.delete', admin.uid))).toMatch(
      'You can not delete yourself',
    )
    expect(await refusalOf(root.call('user.update', admin.uid, { roles: [] }))).toMatch(
      'You can not take roles from yourself',
    )
  })

  it('needs the old password for a new one', async () => {
    const person = await sockets.signIn(admin)
    const text = /set_password_data\.old_password: Incorrect password/
    for (const old of [{}, { old_password: 'wrong' }])
      expect(
        await refusalOf(
          person.call('user.set_password', {
            username: 'admin',
            new_password: 'long enough',
            ...old,
          }),
        ),
      ).toMatch(text)
  })

  it('is told without a hash that there is no old one', async () => {
    const service = await addUser(rig.service, admin.tenant, 'service', ['API_KEY_READ'])
    const peer = await as(service)
    let hashes = 0
    const hook = createHook({
      init: (_, type) => {
        if (type === 'SCRYPTREQUEST') hashes += 1
      },
    }).enable()
    const tryAs = (one: Peer, username: string) =>
      refusalOf(
        one.call('user.set_password', {
          username,
          old_password: 'guess',
          new_password: 'long enough',
        }),
      )
    expect(await tryAs(peer, 'service')).toMatch(/Incorrect password|Not authorized/)
    expect(await tryAs(peer, 'admin')).toBe('-32001 [EACCES] Not authorized')
    hook.disable()
    expect(hashes).toBe(0)
  })
})
