/** A user's change holds for all of their keys at once, and reaches them in the background. */

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { idOf } from '../../shared/domain/key.ts'
import { sweep } from '../../shared/jobs/sweep.ts'
import type { Service } from '../../shared/service.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import { COPIES } from '../../shared/store/gate.ts'
import { itemKey } from '../../shared/store/item-keys.ts'
import { LINGER_MS } from '../../shared/store/propagations.ts'
import type { User, UserChange } from '../../shared/store/user-items.ts'
import { propagate } from '../../shared/users/propagate.ts'
import { addUserWithKeys, copies, FIRST, numbersOf, standings } from '../kit/many-keys.ts'
import { type Peer, refusalOf, startSockets } from '../kit/peer.ts'
import { addKey, addUser, newTenant, type Rig, startRig } from '../kit/service.ts'
import { readItem } from '../kit/table.ts'

let rig: Rig
let service: Service
let admin: User
beforeAll(async () => {
  rig = await startRig()
  service = rig.service
})
afterAll(() => rig.close())
beforeEach(async () => {
  admin = await newTenant(service)
})

const change = async (user: User, to: UserChange): Promise<User> => {
  const deed = { event: 'user.update', at: rig.clock.now, actor: SERVICE } as const
  const now = (await service.users.get(user.tenant, user.username)) ?? user
  const after = await service.users.change(now, to, deed)
  if ('reason' in after) throw new Error(after.reason)
  return after
}
const gateOf = async ({ tenant, uid }: User) => {
  const items = await Promise.all(
    Array.from({ length: COPIES }, (_, at) => readItem(rig.table, itemKey.gate(tenant, at))),
  )
  return items.map((item) => item?.[`u${uid}`] ?? null)
}
const isGone = async (user: User) => (await gateOf(user)).every((entry) => entry === null)

describe('a user with many keys', () => {
  let root: Peer
  beforeEach(async () => {
    root = await startSockets(service).openAs(admin)
  })

  it.each<[string, (user: User) => Promise<unknown>]>([
    ['locked', (user) => root.call('user.update', user.uid, { locked: true })],
    ['deleted', (user) => root.call('user.delete', user.uid)],
  ])('is %s before the answer, which waits for few of the keys', async (_, act) => {
    const many = await addUserWithKeys(rig, admin, 'many', 100)
    await act(many)
    const { active = 0 } = await standings(rig, many, 100)
    expect(active).toBe(0)
    const { 1: left = 0 } = await copies(rig, many, 100)
    expect(left).toBeGreaterThanOrEqual(100 - 32)
    await sweep(service)
    expect(Object.values(await copies(rig, many, 100))).toEqual([100])
  })

  it('loses roles on all of them at once, and gains them', async () => {
    const many = await addUserWithKeys(rig, admin, 'many', 50)
    const refs = numbersOf(many, 50).map((n) => ({ tenant: admin.tenant, n }))
    for (const roles of [[], ['FULL_ADMIN']]) {
      await change(many, { roles })
      for (const key of await service.keys.forCheck(refs)) expect(key?.roles).toEqual(roles)
    }
  })
})

describe('the copying', () => {
  it('leaves the gate a minute after the last key has the change, and not before', async () => {
    const user = await addUserWithKeys(rig, admin, 'user', 3)
    const { version } = await change(user, { locked: true })
    await sweep(service)
    expect(await copies(rig, user, 3)).toEqual({ [version]: 3 })
    rig.clock.now += LINGER_MS - 1
    await sweep(service)
    await propagate(service, user, { left: 10 })
    expect(await isGone(user)).toBe(false)
    rig.clock.now += 1
    await sweep(service)
    expect(await isGone(user)).toBe(true)
    expect(await service.propagations.get(user.tenant, user.uid)).toBeNull()
    expect(await standings(rig, user, 3)).toEqual({ locked: 3 })
  })

  it('does so much in a run, and goes on where it was', async () => {
    const user = await addUserWithKeys(rig, admin, 'user', 25)
    const { version } = await change(user, { locked: true })
    for (const done of [10, 20, 25]) {
      await propagate(service, user, { left: 10 })
      expect((await copies(rig, user, 25))[version]).toBe(done)
    }
  })

  it.each<[string, UserChange, string]>([
    ['a lock', { locked: true }, 'locked'],
    ['a deletion', { deleted: true }, 'revoked'],
  ])('of %s goes on after it was killed at any write', async (_, to, state) => {
    const user = await addUserWithKeys(rig, admin, 'user', 5)
    await change(user, to)
    let kills = 0
    for (let at = 1; !(await isGone(user)); at++) {
      const killed = killedAt(at)
      await propagate(killed, user, { left: 2 }).catch(() => kills++)
      const { active = 0 } = await standings(rig, user, 5)
      expect(active).toBe(0)
      // What is done is done: a run that gets further than the one before ends it.
      rig.clock.now += at % 4 === 0 ? LINGER_MS : 0
    }
    expect(kills).toBeGreaterThan(3)
    expect(await standings(rig, user, 5)).toEqual({ [state]: 5 })
  })

  it('is done once by sweeps that run at the same time', async () => {
    const user = await addUserWithKeys(rig, admin, 'user', 30)
    const { version } = await change(user, { locked: true })
    const runs = await Promise.all([1, 2, 3].map(() => sweep(service)))
    expect(runs.map(({ failed }) => failed)).toEqual([0, 0, 0])
    expect(await copies(rig, user, 30)).toEqual({ [version]: 30 })
  })

  it('of an older change is overtaken by a newer one, and undoes nothing of it', async () => {
    const user = await addUserWithKeys(rig, admin, 'user', 4)
    await change(user, { locked: true })
    const older = await service.propagations.get(user.tenant, user.uid)
    const newer = await change(user, { locked: false })
    // A run that began before goes on with what it read.
    const stale = {
      ...service,
      propagations: { ...service.propagations, get: async () => older },
    }
    await propagate(stale, user, { left: 3 })
    expect(await standings(rig, user, 4)).toEqual({ active: 4 })
    await propagate(service, user, { left: 100 })
    await propagate(stale, user, { left: 100 })
    expect(await copies(rig, user, 4)).toEqual({ [newer.version]: 4 })
    rig.clock.now += LINGER_MS
    await service.propagations.finish(older as NonNullable<typeof older>)
    expect(await gateOf(user)).toEqual(Array(COPIES).fill(`${newer.version} API_KEY_READ`))
    await propagate(service, user, { left: 100 })
    expect(await isGone(user)).toBe(true)
    expect(await standings(rig, user, 4)).toEqual({ active: 4 })
  })

  it('of a lock stops mattering with the unlock, for keys that it has reached and others', async () => {
    const user = await addUserWithKeys(rig, admin, 'user', 6)
    await change(user, { locked: true })
    await propagate(service, user, { left: 3 })
    await change(user, { locked: false })
    expect(await standings(rig, user, 6)).toEqual({ active: 6 })
    await sweep(service)
    rig.clock.now += LINGER_MS
    await sweep(service)
    expect(await standings(rig, user, 6)).toEqual({ active: 6 })
  })

  it('of a deletion leaves a namesake alone, who is there at once', async () => {
    const before = await addUserWithKeys(rig, admin, 'namesake', 40)
    const root = await startSockets(service).openAs(admin)
    await root.call('user.delete', before.uid)
    const made = await root.call<{ id: number }>('user.create', {
      username: 'namesake',
      full_name: 'Another',
      roles: ['READONLY_ADMIN'],
    })
    const after = (await service.users.get(admin.tenant, 'namesake')) as User
    expect(after.uid).toBe(made.id)
    await addKey(service, after)
    // Who has no more than the name has no part in keys that still say it.
    const namesake = await startSockets(service).openAs(
      (await service.users.get(admin.tenant, 'namesake')) as User,
    )
    const left = idOf({ tenant: admin.tenant, n: numbersOf(before, 40)[39] as number })
    const refused = 'authenticated user lacks privileges'
    for (const [method, ...params] of [
      ['api_key.update', left, { name: 'mine' }],
      ['api_key.revoke', left],
      ['api_key.delete', left],
    ] as [string, ...unknown[]][])
      expect(await refusalOf(namesake.call(method, ...params))).toMatch(refused)
    const { active = 0 } = await standings(rig, before, 40)
    expect(active).toBe(0)
    for (let run = 0; run < 3; run++) {
      await sweep(service)
      rig.clock.now += LINGER_MS
    }
    expect(await standings(rig, before, 40)).toEqual({ revoked: 40 })
    const own = await service.keys.ownedBy(admin.tenant, after.uid)
    const [key] = await service.keys.forCheck(own.map((n) => ({ tenant: admin.tenant, n })))
    expect(key).toMatchObject({ locked: false, roles: ['READONLY_ADMIN'], revoked: null })
  })

  it('waits for no key that was made after the change: that has it already', async () => {
    const user = await addUserWithKeys(rig, admin, 'user', 1)
    const after = await change(user, { roles: ['ACCOUNT_READ'] })
    const { key } = await addKey(service, after)
    expect(key.n).toBeLessThan(FIRST)
    await sweep(service)
    const [made] = await service.keys.forCheck([key])
    expect(made).toMatchObject({ roles: ['ACCOUNT_READ'], userVersion: after.version })
  })
})

describe('a lock', () => {
  it('isn’t kept from coming through by what else changes of the user', async () => {
    const user = await addUser(service, admin.tenant, 'busy', ['API_KEY_READ'])
    const deed = { event: 'user.update', at: rig.clock.now, actor: SERVICE } as const
    await service.users.change(user, { fullName: 'Another' }, deed)
    // By the user as they were read before that.
    expect(await service.users.change(user, { locked: true }, deed)).toMatchObject({ locked: true })
  })

  it('is judged anew, and tried anew, where the user’s roles changed meanwhile', async () => {
    const user = await addUser(service, admin.tenant, 'promoted', ['API_KEY_READ'])
    const { service: recording } = startSockets(service)
    let raced = false
    const racing: Service = {
      ...recording,
      users: {
        ...service.users,
        change: async (...args) => {
          if (!raced) {
            raced = true
            await change(user, { roles: ['ACCOUNT_READ'] })
          }
          return service.users.change(...args)
        },
      },
    }
    const peer = await startSockets(racing).openAs(admin)
    await peer.call('user.update', user.uid, { locked: true })
    expect(await service.users.get(admin.tenant, 'promoted')).toMatchObject({
      locked: true,
      roles: ['ACCOUNT_READ'],
    })
  })

  it('of several at once holds, and so does the unlock that comes last', async () => {
    const user = await addUserWithKeys(rig, admin, 'user', 2)
    const root = await startSockets(service).openAs(admin)
    await Promise.all([1, 2, 3].map(() => root.call('user.update', user.uid, { locked: true })))
    expect(await standings(rig, user, 2)).toEqual({ locked: 2 })
    await root.call('user.update', user.uid, { locked: false })
    expect(await standings(rig, user, 2)).toEqual({ active: 2 })
  })
})

// ---------------------------------------------------------------------------------------------

/** The service as a process that dies at its nth write of a change: before it, or, every other time, right after. */
const killedAt = (nth: number): Service => {
  let writes = 0
  const dying =
    <A extends unknown[], R>(write: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      writes++
      if (writes > Math.ceil(nth / 2)) throw new Error('dead')
      if (writes === Math.ceil(nth / 2) && nth % 2 === 1) throw new Error('killed before')
      const result = await write(...args)
      if (writes === Math.ceil(nth / 2)) throw new Error('killed after')
      return result
    }
  const { keys, sessions, propagations } = service
  return {
    ...service,
    keys: { ...keys, copyOwner: dying(keys.copyOwner), revoke: dying(keys.revoke) },
    sessions: { ...sessions, end: dying(sessions.end) },
    propagations: {
      ...propagations,
      advance: dying(propagations.advance),
      done: dying(propagations.done),
      finish: dying(propagations.finish),
    },
  }
}
