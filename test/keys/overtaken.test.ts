/** A change of a key that a change of its user has overtaken is judged anew, and not by what was read before. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Fault } from '../../shared/fault.ts'
import { type KeyUpdate, updateKey } from '../../shared/keys/issue.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import type { User } from '../../shared/store/users.ts'
import { addKey, addUser, newTenant, type Rig, refusal, START, startRig } from '../kit/service.ts'

let rig: Rig
let admin: User
beforeAll(async () => {
  rig = await startRig()
  admin = await newTenant(rig.service)
})
afterAll(() => rig.close())

let users = 0

/** Updates a key; right after its user was read and allowed, that user gets other roles. */
const overtaken = async (update: KeyUpdate) => {
  const { service } = rig
  const user = await addUser(service, admin.tenant, `user-${++users}`, ['READONLY_ADMIN'])
  const { key } = await addKey(service, user, { expires: START + 1000 })
  const seen: (readonly string[])[] = []
  const updated = updateKey(service, {
    ref: key,
    actor: SERVICE,
    update,
    allow: () => {},
    absent: () => new Error() as never,
    owner: async () => {
      const owner = (await service.users.get(user.tenant, user.username)) as User
      seen.push(owner.roles)
      // A caller who holds READONLY_ADMIN and no more.
      if (owner.roles.includes('FULL_ADMIN')) throw new Fault('ROLES_BEYOND_YOURS')
      const change = { event: 'user.update', at: service.now(), actor: SERVICE }
      await service.users.change(owner, { roles: ['FULL_ADMIN'] }, change)
      return owner
    },
  })
  const outcome = await refusal(updated)
  const [after] = await service.keys.byNumbers(key.tenant, [key.n])
  return { outcome, seen, before: key, after }
}

describe.each<[string, KeyUpdate]>([
  ['a longer life', { reset: false, graceSeconds: 0, expires: START + 1_000_000 }],
  ['a new secret', { reset: true, graceSeconds: 0 }],
])('%s', (_, update) => {
  it('is not given by the roles that the user had', async () => {
    const { outcome, seen, before, after } = await overtaken(update)
    expect(outcome).toBe('ROLES_BEYOND_YOURS')
    expect(seen).toEqual([['READONLY_ADMIN'], ['FULL_ADMIN']])
    expect(after).toMatchObject({ expires: before.expires, generation: before.generation })
  })
})
