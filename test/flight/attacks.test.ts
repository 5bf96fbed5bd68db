/** Calls in flight while what they hang on ends: from the acknowledgement on they change nothing. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { checkKey } from '../../shared/keys/check.ts'
import { endHeld } from '../../shared/keys/revoke.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import type { User } from '../../shared/store/user-items.ts'
import { beforeWrites, entry, holdWrites } from '../kit/held.ts'
import { type Peer, refusalOf, type Sockets, startSockets } from '../kit/peer.ts'
import { addKey, addUser, newTenant, type Rig, startRig } from '../kit/service.ts'

const EXPIRED = '-32001 [EACCES] Session is expired'
/** Calls that one socket may have in flight. */
const A_SOCKET = 20

let rig: Rig
/** Two processes: the thief's calls are in the one, the administrator's in the other. */
let here: Sockets
let there: Sockets
let admin: User
let root: Peer
beforeAll(async () => {
  rig = await startRig()
  here = startSockets(rig.service)
  there = startSockets(rig.make())
  admin = await newTenant(rig.service)
  root = await there.openAs(admin)
})
afterAll(() => rig.close())
afterEach(() => vi.restoreAllMocks())

const loggedIn = async (raw: string): Promise<Peer> => {
  const peer = await here.open()
  expect(await peer.call('auth.login_with_api_key', raw)).toBe(true)
  return peer
}

/** So many calls of a session's sockets, A_SOCKET on each. */
const inFlight = async (
  many: number,
  open: () => Promise<Peer>,
  call: (peer: Peer, i: number) => Promise<unknown>,
): Promise<Promise<string>[]> => {
  const peers = await Promise.all(Array.from({ length: Math.ceil(many / A_SOCKET) }, open))
  return Array.from({ length: many }, (_, i) =>
    refusalOf(call(peers[Math.floor(i / A_SOCKET)] as Peer, i)),
  )
}

const isGood = async (raw: string): Promise<boolean> =>
  (await checkKey(rig.service, raw)).state === 'active'

let names = 0
const anAdmin = (): Promise<User> =>
  addUser(rig.service, admin.tenant, `eve-${++names}`, ['FULL_ADMIN'])

describe('a stolen key', () => {
  it('makes none of 60 keys that were in flight when it was revoked', async () => {
    const eve = await anAdmin()
    const { key, raw } = await addKey(rig.service, eve)
    const held = holdWrites(entry('key.create', eve.username))
    const calls = await inFlight(
      60,
      () => loggedIn(raw.reveal()),
      (peer, i) =>
        peer.call('api_key.create', { name: `loot ${key.n} ${i}`, username: eve.username }),
    )
    await held.until(60)
    await root.call('api_key.revoke', key.id)
    held.release()
    expect(new Set(await Promise.all(calls))).toEqual(new Set([EXPIRED]))
    expect(await rig.service.keys.ownedBy(eve.tenant, eve.uid)).toEqual([key.n])
  })

  it('is not kept by a reset in flight, by itself or by another, when it is revoked', async () => {
    const eve = await anAdmin()
    const outcomes: string[] = []
    const good: string[] = []
    for (let trial = 0; trial < 30; trial++) {
      const { key, raw } = await addKey(rig.service, eve)
      const thief = trial % 2 === 0 ? await loggedIn(raw.reveal()) : await here.openAs(eve)
      const held = holdWrites(entry('key.reset'))
      const loot = thief.call<{ key: string }>('api_key.update', key.id, {
        reset: true,
        grace_seconds: 3600,
      })
      const told = refusalOf(loot)
      await held.until(1)
      rig.clock.now += 1
      await root.call('api_key.revoke', key.id)
      held.release()
      outcomes.push(await told)
      for (const one of [
        raw.reveal(),
        await loot.then(
          (made) => made.key,
          () => '',
        ),
      ])
        if (await isGood(one)) good.push(one)
      vi.restoreAllMocks()
    }
    expect(good).toEqual([])
    expect(new Set(outcomes.filter((_, trial) => trial % 2 === 0))).toEqual(new Set([EXPIRED]))
    expect(new Set(outcomes.filter((_, trial) => trial % 2 === 1))).toEqual(
      new Set([expect.stringMatching(/was revoked by another call at the same moment/)]),
    )
  })

  it('is not kept by a reset that came in before the revoke, and read the key after it', async () => {
    const eve = await anAdmin()
    const { key } = await addKey(rig.service, eve)
    let revoke: (() => Promise<unknown>) | null = null
    const late = startSockets(rig.service, async (call) => {
      await revoke?.()
      return call()
    })
    const thief = await late.openAs(eve)
    revoke = async () => {
      revoke = null
      rig.clock.now += 1
      await root.call('api_key.revoke', key.id)
    }
    const told = await refusalOf(thief.call('api_key.update', key.id, { reset: true }))
    expect(told).toMatch('was revoked by another call at the same moment')
    // Asked again it is what somebody wants.
    expect(await thief.call('api_key.update', key.id, { reset: true })).toMatchObject({
      revoked: false,
    })
  })

  it.each<[string, (raw: string, id: number) => Promise<unknown>]>([
    ['key.reset', (_, id) => root.call('api_key.update', id, { reset: true })],
    [
      'key.grace.end',
      async (raw, id) => {
        await root.call('api_key.update', id, { reset: true, grace_seconds: 60 })
        const proven = await checkKey(rig.service, raw)
        if (proven.state === 'unknown') throw new Error('no such key')
        await endHeld(there.service, proven, '192.0.2.1')
      },
    ],
  ])(
    'goes through %s however often it renames itself, and moves its end, meanwhile',
    async (event, end) => {
      const { key, raw } = await addKey(rig.service, await anAdmin(), {
        expires: rig.clock.now + 86_400_000,
      })
      const thief = await loggedIn(raw.reveal())
      let changes = 0
      beforeWrites(entry(event), async () => {
        if (++changes > 20) return
        const expires_at = new Date((key.expires ?? 0) - 1000 * changes)
        await thief.call('api_key.update', key.id, { name: `renamed ${key.id} ${changes}` })
        if (event === 'key.reset') await thief.call('api_key.update', key.id, { expires_at })
      })
      await end(raw.reveal(), key.id)
      expect(changes).toBe(1)
      expect(await isGood(raw.reveal())).toBe(false)
    },
  )

  it('is revoked and deleted however often it is reset meanwhile', async () => {
    const eve = await anAdmin()
    const ends: [string, (id: number, raw: string) => Promise<unknown>][] = [
      ['key.revoke.asked', (id) => root.call('api_key.revoke', id)],
      ['key.delete', (id) => root.call('api_key.delete', id)],
    ]
    for (const [event, end] of ends) {
      const { key, raw } = await addKey(rig.service, eve)
      const thief = await loggedIn(raw.reveal())
      let secret = raw.reveal()
      let resets = 0
      beforeWrites(entry(event), async () => {
        resets++
        const update = { reset: true, grace_seconds: 3600 }
        secret = (await thief.call<{ key: string }>('api_key.update', key.id, update)).key
        rig.clock.now += 1
      })
      await end(key.id, secret)
      expect(resets).toBe(1)
      expect([await isGood(raw.reveal()), await isGood(secret)]).toEqual([false, false])
      expect(await refusalOf(thief.call('api_key.update', key.id, { reset: true }))).toBe(EXPIRED)
      vi.restoreAllMocks()
    }
  })
})

describe('an administrator', () => {
  let moles = 0
  const newAdmin = (peer: Peer) =>
    peer.call('user.create', { username: `mole-${++moles}`, full_name: 'M', roles: ['FULL_ADMIN'] })

  it('makes none of 40 administrators that were in flight when they were locked', async () => {
    const eve = await anAdmin()
    const held = holdWrites(entry('user.create', eve.username))
    const calls = await inFlight(40, () => here.openAs(eve), newAdmin)
    await held.until(40)
    await root.call('user.update', eve.uid, { locked: true })
    held.release()
    expect(new Set(await Promise.all(calls))).toEqual(new Set([EXPIRED]))
    const names: string[] = []
    for await (const { username } of rig.service.users.all(eve.tenant)) names.push(username)
    expect(names.filter((name) => name.startsWith('mole'))).toEqual([])
  })

  it('makes none by rights that they lost meanwhile, and goes on with what is left', async () => {
    const eve = await anAdmin()
    const peer = await here.openAs(eve)
    const held = holdWrites(entry('user.create', eve.username))
    const told = refusalOf(newAdmin(peer))
    await held.until(1)
    await root.call('user.update', eve.uid, { roles: ['API_KEY_WRITE'] })
    held.release()
    expect(await told).toMatch('changed by another call at the same moment')
    expect(await rig.service.users.get(eve.tenant, `mole-${moles}`)).toBeNull()
    expect(await peer.call('auth.me')).toMatchObject({ pw_name: eve.username })
    const own = { name: `own ${eve.uid}`, username: eve.username }
    expect(await peer.call('api_key.create', own)).toMatchObject({ username: eve.username })
  })

  it('is locked and deleted however often their account changes meanwhile', async () => {
    for (const [event, end] of [
      ['user.update', (uid: number) => root.call('user.update', uid, { locked: true })],
      ['user.delete', (uid: number) => root.call('user.delete', uid)],
    ] as const) {
      const eve = await anAdmin()
      let changes = 0
      beforeWrites(
        (put) => entry(event, admin.username)(put) && put.subject === eve.username,
        async () => {
          changes++
          const user = (await rig.service.users.get(eve.tenant, eve.username)) as User
          const deed = { event: 'user.update', at: 0, actor: SERVICE } as const
          await rig.service.users.change(user, { fullName: 'Another' }, deed)
        },
      )
      await end(eve.uid)
      expect(changes).toBe(1)
      expect((await rig.service.users.get(eve.tenant, eve.username))?.locked ?? true).toBe(true)
      vi.restoreAllMocks()
    }
  })

  it('is locked also where another change of their rights came between', async () => {
    const eve = await anAdmin()
    let changes = 0
    beforeWrites(
      (put) => entry('user.update')(put) && put.subject === eve.username && changes++ === 0,
      async () => {
        const user = (await rig.service.users.get(eve.tenant, eve.username)) as User
        const deed = { event: 'user.update', at: 0, actor: SERVICE } as const
        await rig.service.users.change(user, { roles: ['API_KEY_WRITE'] }, deed)
      },
    )
    await root.call('user.update', eve.uid, { locked: true })
    const after = await rig.service.users.get(eve.tenant, eve.username)
    expect(after).toMatchObject({ locked: true, roles: ['API_KEY_WRITE'] })
  })
})
