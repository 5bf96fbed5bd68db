/** A change of a key and one of its user that meet: the key ends up as its user may have it, whichever was first. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type KeyUpdate, updateKey } from '../../shared/keys/change.ts'
import { type Actor, SERVICE } from '../../shared/store/audit.ts'
import type { KeyFacts } from '../../shared/store/key-items.ts'
import { LINGER_MS } from '../../shared/store/propagations.ts'
import type { User, UserChange } from '../../shared/store/user-items.ts'
import { propagate } from '../../shared/users/propagate.ts'
import { addKey, addUser, newTenant, type Rig, refusal, START, startRig } from '../kit/service.ts'

let rig: Rig
let admin: User
beforeAll(async () => {
  rig = await startRig()
  admin = await newTenant(rig.service)
})
afterAll(() => rig.close())

let users = 0

/** Who may read everything and manage keys, and so hand out READONLY_ADMIN and no more. */
const actor: Actor = {
  ...SERVICE,
  maker: { uid: 0, username: 'reader', roles: ['READONLY_ADMIN', 'API_KEY_WRITE'], ceiling: null },
}

/** Updates a key; right after its user was read, that user changes. */
const overtaken = async (update: KeyUpdate, to: UserChange, { reaches }: { reaches: boolean }) => {
  const { service } = rig
  const user = await addUser(service, admin.tenant, `user-${++users}`, ['READONLY_ADMIN'])
  const { key } = await addKey(service, user, { expires: START + 1000 })
  const seen: (readonly string[])[] = []
  const get: typeof service.users.get = async (...of) => {
    const owner = await service.users.get(...of)
    if (owner === null) return null
    seen.push(owner.roles)
    if (seen.length > 1) return owner
    const deed = { event: 'user.update', at: service.now(), actor: SERVICE } as const
    await service.users.change(owner, to, deed)
    if (reaches) await propagate(service, user, { left: 100 })
    return owner
  }
  const watched = { ...service, users: { ...service.users, get } }
  return { updated: updateKey(watched, { ref: key, actor, update }), seen, user, before: key }
}
/** The key, by a check. */
const read = async (key: KeyFacts) => (await rig.service.keys.forCheck([key]))[0]
/** The change of the user goes on to its end. */
const bring = async (user: User): Promise<void> => {
  await propagate(rig.service, user, { left: 100 })
  rig.clock.now += LINGER_MS
  await propagate(rig.service, user, { left: 100 })
  rig.clock.now = START
}

describe.each<[string, KeyUpdate]>([
  ['a longer life', { reset: false, graceSeconds: 0, expires: START + 1_000_000 }],
  ['a new secret', { reset: true, graceSeconds: 0 }],
  ['a new secret beside the former', { reset: true, graceSeconds: 60 }],
])('%s', (_, update) => {
  it('is judged anew once other roles of the user have reached the key', async () => {
    const promotion = { roles: ['FULL_ADMIN'] }
    const { updated, seen, before } = await overtaken(update, promotion, { reaches: true })
    expect(await refusal(updated)).toBe('ROLES_BEYOND_YOURS')
    expect(seen).toEqual([['READONLY_ADMIN'], ['FULL_ADMIN']])
    const { expires, generation } = before
    expect(await read(before)).toMatchObject({ expires, generation })
  })

  it('is not given once the deletion of the user has reached the key', async () => {
    const { updated, before } = await overtaken(update, { deleted: true }, { reaches: true })
    const gone = ['api_key_update: User does not exist.']
    expect(await refusal(updated)).toEqual(update.reset ? 'REVOKED_MEANWHILE' : gone)
    const { expires, generation } = before
    expect(await read(before)).toMatchObject({ expires, generation, revoked: { cause: 'no-user' } })
  })

  it.each<[string, UserChange, object, object]>([
    ['roles', { roles: [] }, { roles: [] }, { roles: [], revoked: null }],
    ['a lock', { locked: true }, { locked: true }, { locked: true }],
    ['a deletion', { deleted: true }, { locked: true }, { revoked: { cause: 'no-user' } }],
  ])('keeps no key from %s of the user that has not reached it', async (_, to, holds, then) => {
    const { updated, user, before } = await overtaken(update, to, { reaches: false })
    await updated
    expect(await read(before)).toMatchObject(holds)
    await bring(user)
    expect(await read(before)).toMatchObject(then)
  })
})
