/** Who may do what to whom, for callers by session. */
import { describe, expect, it } from 'vitest'
import { Fault } from '../../shared/domain/fault.ts'
import {
  assertCanChangeSecrets,
  assertCanChangeUser,
  assertCanGrant,
  assertCanManageKey,
  assertCanManageKeysOf,
  refIn,
} from '../../shared/domain/permissions.ts'

const bob = (...roles: string[]) => ({ uid: 2, username: 'bob', roles })

/** With what fault it is refused; null where it isn't. */
const refused = (run: () => void): Fault | null => {
  try {
    run()
    return null
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
}

describe('an id', () => {
  it('is a key of its own tenant, and none of another', () => {
    expect(refIn({ tenant: 7 }, 7_000_000_001)).toEqual({ tenant: 7, n: 1 })
    for (const id of [8_000_000_001, 7_000_000_000, 1, -1])
      expect(refIn({ tenant: 7 }, id)).toBeNull()
  })
})

describe('a key', () => {
  it('is managed by its user, and by whom API_KEY_WRITE lets', () => {
    const canManage = (caller: ReturnType<typeof bob>, uid: number, username: string | null) =>
      refused(() => assertCanManageKey(caller, { uid, username }))
    expect(canManage(bob(), 2, 'bob')).toBeNull()
    expect(canManage(bob('API_KEY_WRITE'), 3, 'eve')).toBeNull()
    expect(canManage(bob('API_KEY_READ'), 3, 'eve')).toMatchObject({
      code: 'NOT_YOUR_KEYS',
      message: expect.stringContaining('bob'),
    })
  })

  it('is not managed by a namesake of its user, nor by anybody for want of one', () => {
    const namesake = { uid: 1, username: 'bob' }
    expect(refused(() => assertCanManageKey(bob(), namesake))).toMatchObject({
      code: 'NOT_YOUR_KEYS',
    })
    for (const name of ['eve', null])
      expect(refused(() => assertCanManageKeysOf(bob(), name))).toMatchObject({
        code: 'NOT_YOUR_KEYS',
      })
  })
})

describe('roles', () => {
  it('are granted by whom has them, and a refusal names the others', () => {
    const caller = bob('API_KEY_WRITE', 'ACCOUNT_READ')
    expect(refused(() => assertCanGrant(caller, ['API_KEY_READ', 'ACCOUNT_READ']))).toBeNull()
    const more = ['API_KEY_READ', 'ACCOUNT_WRITE', 'FULL_ADMIN']
    expect(refused(() => assertCanGrant(caller, more))).toMatchObject({
      code: 'ROLES_BEYOND_YOURS',
      message: expect.stringMatching(/\bbob\b.*: ACCOUNT_WRITE, FULL_ADMIN$/),
    })
  })
})

describe('a user', () => {
  it('is changed by ACCOUNT_WRITE, unless they hold more', () => {
    const change = (caller: ReturnType<typeof bob>, ...roles: string[]) =>
      refused(() => assertCanChangeUser(caller, { roles }))
    expect(change(bob('ACCOUNT_WRITE'), 'ACCOUNT_READ')).toBeNull()
    expect(change(bob('ACCOUNT_READ'), 'ACCOUNT_READ')).toMatchObject({ code: 'NOT_AUTHORIZED' })
    expect(change(bob('ACCOUNT_WRITE'), 'FULL_ADMIN')).toMatchObject({ code: 'ROLES_BEYOND_YOURS' })
  })

  it('has their password and second factor changed by no key', () => {
    expect(refused(() => assertCanChangeSecrets({ key: null }))).toBeNull()
    expect(refused(() => assertCanChangeSecrets({ key: {} }))).toMatchObject({ code: 'NOT_BY_KEY' })
  })
})
