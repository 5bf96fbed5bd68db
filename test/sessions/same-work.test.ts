/**
 * What isn't there costs the work of what is: nobody learns by the clock which keys and users there are. Time
 * itself is nothing that a test can hold; what takes it is counted.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { mintSecret } from '../../shared/crypto/random.ts'
import { checkKey } from '../../shared/keys/check.ts'
import { waitForStep } from '../../shared/limits/steps.ts'
import type { Service } from '../../shared/service.ts'
import type { User } from '../../shared/store/user-items.ts'
import { type Sockets, startSockets } from '../kit/peer.ts'
import { scramLogin } from '../kit/scram.ts'
import { addKey, addUser, newTenant, type Rig, slugOf, startRig } from '../kit/service.ts'

const counted = vi.hoisted(() => ({ compared: 0, stretched: 0, cost: 0 }))

vi.mock('node:crypto', async (original) => {
  const real = await original<typeof import('node:crypto')>()
  const timingSafeEqual: typeof real.timingSafeEqual = (one, other) => {
    counted.compared++
    return real.timingSafeEqual(one, other)
  }
  const scrypt = (...args: Parameters<typeof real.scrypt>): void => {
    counted.stretched++
    counted.cost += (args[3] as { N: number }).N
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
  slug = await slugOf(rig.service, admin)
  await addUser(rig.service, admin.tenant, 'keys-alone', ['READONLY_ADMIN'])
})
afterAll(() => rig.close())

/** The work that something takes. */
const workOf = async (act: () => Promise<unknown>): Promise<typeof counted> => {
  Object.assign(counted, { compared: 0, stretched: 0, cost: 0 })
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

describe('a refusal of a key', () => {
  /** How often the clock was hidden. */
  const waitsOf = async (act: (service: Service) => Promise<unknown>): Promise<number> => {
    let waits = 0
    await act({
      ...rig.service,
      waitForStep: async () => {
        waits++
      },
    })
    return waits
  }
  const wrong = (id: number): string => `${id}-${mintSecret(id).reveal()}`

  it('leaves at a step, whether the key is there or not', async () => {
    const { key, raw } = await addKey(rig.service, admin)
    for (const id of [key.id, key.id + 400, key.id + 5_000_000_000])
      expect(await waitsOf((service) => checkKey(service, wrong(id)))).toBe(1)
    expect(await waitsOf((service) => checkKey(service, raw.reveal()))).toBe(0)
    // Of text that can't be a key everybody knows that it is none.
    expect(await waitsOf((service) => checkKey(service, 'a typing error'))).toBe(0)
  })

  it('leaves at a step by SCRAM too, and so does what is shown of any id', async () => {
    const { key } = await addKey(rig.service, admin)
    for (const id of [key.id, key.id + 400])
      expect(
        await waitsOf(async (service) => {
          const peer = await startSockets(service).open()
          const raw = wrong(id)
          await scramLogin((method, ...rest) => peer.call(method, ...rest), {
            username: 'admin',
            raw,
          })
        }),
      ).toBe(2)
  })
})

describe('a step', () => {
  it('is never left before its time', async () => {
    for (const lateness of [0, 4.2, 9.99, 12.5]) {
      const began = performance.now() - lateness
      await waitForStep(began)
      expect(performance.now() - began).toBeGreaterThanOrEqual(lateness < 10 ? 10 : 20)
    }
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
