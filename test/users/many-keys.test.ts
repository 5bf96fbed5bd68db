/** The emergency stop of a user with thousands of keys: as many writes as for one with a single key. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { SERVICE } from '../../shared/store/audit.ts'
import type { User } from '../../shared/store/user-items.ts'
import { addUserWithKeys, copies, standings } from '../kit/many-keys.ts'
import { newTenant, type Rig, startRig } from '../kit/service.ts'
import { countWrites } from '../kit/table.ts'

const MANY = 3000

let rig: Rig
beforeAll(async () => {
  rig = await startRig()
})
afterAll(() => rig.close())

it('a lock is as many writes for one key as for thousands, and none of them passes', async () => {
  const admin = await newTenant(rig.service)
  const users = [
    await addUserWithKeys(rig, admin, 'one', 1),
    await addUserWithKeys(rig, admin, 'many', MANY),
  ] as const
  const lock = (user: User) =>
    rig.service.users.change(
      user,
      { locked: true },
      { event: 'user.update', at: rig.clock.now, actor: SERVICE },
    )
  const [one, many] = [
    await countWrites(() => lock(users[0])),
    await countWrites(() => lock(users[1])),
  ]
  expect(many).toBe(one)
  // The user, sixteen copies of the gate, the cursor, the audit.
  expect(one).toBe(19)
  expect(await standings(rig, users[1], MANY)).toEqual({ locked: MANY })
  // By the gate alone: no key was written.
  expect(await copies(rig, users[1], 100)).toEqual({ 1: 100 })
  // Twelve thousand items are put there for it.
})
