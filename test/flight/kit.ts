/** A tenant with two processes: what is attacked runs in the one, what ends it in the other. */
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest'
import { checkKey } from '../../shared/keys/check.ts'
import type { User } from '../../shared/store/user-items.ts'
import { entry, holdWrites } from '../kit/held.ts'
import { type Peer, refusalOf, startSockets } from '../kit/peer.ts'
import { addUser, newTenant, startRig } from '../kit/service.ts'

export const EXPIRED = '-32001 [EACCES] Session is expired'
export const PASSWORD = 'correct horse'

const startFlights = async () => {
  const rig = await startRig()
  const here = startSockets(rig.service)
  const there = startSockets(rig.make())
  const admin = await newTenant(rig.service)
  const root = await there.openAs(admin)
  let names = 0
  let keys = 0

  /** Another administrator, with the password of all. */
  const anAdmin = async (): Promise<User> => {
    const { uid, username } = await addUser(rig.service, admin.tenant, `eve-${++names}`, [
      'FULL_ADMIN',
    ])
    const boss = await there.signIn(admin, PASSWORD)
    await boss.call('user.update', uid, { password: PASSWORD })
    await boss.disconnect()
    return (await rig.service.users.get(admin.tenant, username)) as User
  }

  const loggedIn = async (raw: string): Promise<Peer> => {
    const peer = await here.open()
    expect(await peer.call('auth.login_with_api_key', raw)).toBe(true)
    return peer
  }

  return {
    rig,
    here,
    there,
    admin,
    root,
    anAdmin,
    loggedIn,
    isGood: async (raw: string): Promise<boolean> =>
      (await checkKey(rig.service, raw)).state === 'active',
    /** A call that makes a key and is held when it would commit, while something else happens. @returns what it was
     * answered. */
    async making(peer: Peer, { username }: User, meanwhile: () => Promise<unknown>) {
      const held = holdWrites(entry('key.create', username))
      const name = `made ${++keys}`
      const told = refusalOf(peer.call('api_key.create', { name, username }))
      await held.until(1)
      rig.clock.now += 1
      await meanwhile()
      held.release()
      const answer = await told
      const isThere = (await rig.service.keys.nameTaken(admin.tenant, name)) !== null
      expect(isThere).toBe(answer === 'not refused')
      return answer
    },
  }
}

type Flights = Awaited<ReturnType<typeof startFlights>>

/** The same for all tests of a file, with an administrator. Both are filled before the first of them. */
export const useFlights = (): { readonly flights: Flights; readonly eve: User } => {
  const [flights, eve] = [{} as Flights, {} as User]
  beforeAll(async () => {
    Object.assign(flights, await startFlights())
    Object.assign(eve, await flights.anAdmin())
  })
  afterAll(() => flights.rig.close())
  afterEach(() => vi.restoreAllMocks())
  return { flights, eve }
}
