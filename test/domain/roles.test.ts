import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ceilingOf,
  covers,
  expand,
  holds,
  ofDevice,
  ROLE_NAME,
  ROLES,
  under,
} from '../../shared/domain/roles.ts'

describe('roles (docs/protocol/keys.md §4.4)', () => {
  it.each([
    ['FULL_ADMIN', 'API_KEY_WRITE', true],
    ['FULL_ADMIN', 'POOL_WRITE', true],
    ['READONLY_ADMIN', 'API_KEY_READ', true],
    ['READONLY_ADMIN', 'API_KEY_WRITE', false],
    ['READONLY_ADMIN', 'KEY_VALIDATE', false],
    ['SHARING_ADMIN', 'READONLY_ADMIN', true],
    ['SHARING_ADMIN', 'ACCOUNT_READ', true],
    ['API_KEY_WRITE', 'API_KEY_READ', true],
    ['API_KEY_WRITE', 'ACCOUNT_READ', false],
    ['API_KEY_READ', 'API_KEY_WRITE', false],
    ['DISK_WRITE_CACHE_WRITE', 'DISK_WRITE_CACHE_READ', true],
  ])('%s amounts to %s: %s', (held, role, expected) => {
    expect(holds([held], role)).toBe(expected)
  })

  it('of one user cover those of another only if each is included', () => {
    expect(covers(['API_KEY_WRITE'], ['FULL_ADMIN'])).toBe(false)
    expect(covers(['API_KEY_WRITE'], ['API_KEY_READ'])).toBe(true)
    expect(covers(['API_KEY_WRITE'], ['API_KEY_READ', 'POOL_READ'])).toBe(false)
    expect(covers([], [])).toBe(true)
  })

  it('under a ceiling amount to what both they and the ceiling amount to', () => {
    const role = fc.constantFrom(...ROLES, 'POOL_READ', 'POOL_WRITE', 'REPLICATION_ADMIN')
    const some = fc.array(role, { maxLength: 4 })
    fc.assert(
      fc.property(some, some, role, (roles, ceiling, one) => {
        const left = under(ceilingOf(ceiling), roles)
        expect(holds(left, one)).toBe(holds(roles, one) && holds(ceiling, one))
      }),
    )
    expect(under(['READONLY_ADMIN'], ['FULL_ADMIN'])).toEqual(['READONLY_ADMIN'])
    expect(under(null, ['POOL_READ'])).toEqual(['POOL_READ'])
  })

  it('under a ceiling are named once, and not beside one that includes them', () => {
    expect(under(['API_KEY_WRITE'], ['API_KEY_WRITE', 'API_KEY_READ'])).toEqual(['API_KEY_WRITE'])
  })

  it('of a device are its own at the most', () => {
    expect(ofDevice(['FULL_ADMIN', 'KEY_VALIDATE'])).toEqual(['KEY_VALIDATE'])
    expect(ofDevice(['API_KEY_WRITE'])).toEqual([])
  })

  it.each([
    ['A', true],
    [`A${'_'.repeat(63)}`, true],
    ['POOL_2_READ', true],
    [`A${'_'.repeat(64)}`, false],
    ['a', false],
    ['_A', false],
    ['Ab', false],
    [' A', false],
    ['A\n', false],
    ['', false],
  ])('may be called %j: %s', (name, expected) => {
    expect(ROLE_NAME.test(name)).toBe(expected)
  })

  it('are shown with what they include', () => {
    expect(expand(['API_KEY_WRITE', 'POOL_READ'])).toEqual(
      new Set(['API_KEY_WRITE', 'API_KEY_READ', 'POOL_READ']),
    )
  })
})
