/**
 * What isn't there costs the work of what is: nobody learns by the clock which keys and users there are. Time
 * itself is nothing that a test can hold; what takes it is counted.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { checkKey } from '../../shared/keys/check.ts'
import { mintSecret } from '../../shared/keys/key.ts'
import type { User } from '../../shared/store/users.ts'
import { type Sockets, startSockets } from '../kit/peer.ts'
import { addKey, addUser, newTenant, type Rig, startRig } from '../kit/service.ts'

const counted = vi.hoisted(() => ({ compared: 0, stretched: 0 }))

vi.mock('node:crypto', async (original) => {
  const real = await original<typeof import('node:crypto')>()
  const timingSafeEqual: typeof real.timingSafeEqual = (one, other) => {
    counted.compared++
    return real.timingSafeEqual(one, other)
  }
  const scrypt = (...args: Parameters<typeof real.scrypt>): void => {
    counted.stretched++
    real.scrypt(...args)
  }
  return { ...real, timingSafeEqual, scrypt }
})

let rig: Rig
let sockets: Sockets
let admin: User
let slug: string
beforeAll(async () => {
  rig = await startRig()
  sockets = startSockets(rig.service)
  admin = await newTenant(rig.service)
  for await (const one of rig.service.tenants.all())
    if (one.tenant === admin.tenant) slug = one.slug
  await addUser(rig.service, admin.tenant, 'keys-alone', ['READONLY_ADMIN'])
})
afterAll(() => rig.close())

/** The work that something takes. */
const workOf = async (act: () => Promise<unknown>): Promise<typeof counted> => {
  Object.assign(counted, { compared: 0, stretched: 0 })
  await act()
  return { ...counted }
}

describe('a check', () => {
  it('compares as much for an unknown id as for a wrong secret', async () => {
    const { key } = await addKey(rig.service, admin)
    const check = (id: number) => async () => {
      const verdict = await checkKey(rig.service, `${id}-${mintSecret(id).reveal()}`)
      expect(verdict.state).toBe('unknown')
    }
    const wrong = await workOf(check(key.id))
    expect(wrong.compared).toBe(1)
    for (const id of [key.id + 400, key.id + 5_000_000_000])
      expect(await workOf(check(id))).toEqual(wrong)
  })
})

describe('a login by password', () => {
  it('stretches as much for an unknown user as for a wrong password', async () => {
    const login = (name: string) => async () => {
      const peer = await sockets.open()
      expect(await peer.call('auth.login', name, 'wrong password')).toBe(false)
    }
    const wrong = await workOf(login(`admin@${slug}`))
    expect(wrong.stretched).toBe(1)
    for (const name of [`nobody@${slug}`, `keys-alone@${slug}`, 'admin@nowhere', 'no such name!'])
      expect(await workOf(login(name)), name).toEqual(wrong)
  })
})
