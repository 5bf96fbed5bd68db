import { describe, expect, it } from 'vitest'
import { covers, expand, holds } from '../../shared/auth/roles.ts'

describe('roles (PROTOCOL 4.4)', () => {
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
  ])('%s amounts to %s: %s', (held, role, expected) => {
    expect(holds([held], role)).toBe(expected)
  })

  it('of one user cover those of another only if each is included', () => {
    expect(covers(['API_KEY_WRITE'], ['FULL_ADMIN'])).toBe(false)
    expect(covers(['API_KEY_WRITE'], ['API_KEY_READ'])).toBe(true)
    expect(covers(['API_KEY_WRITE'], ['API_KEY_READ', 'POOL_READ'])).toBe(false)
    expect(covers([], [])).toBe(true)
  })

  it('are shown with what they include', () => {
    expect(expand(['API_KEY_WRITE', 'POOL_READ'])).toEqual(
      new Set(['API_KEY_WRITE', 'API_KEY_READ', 'POOL_READ']),
    )
  })
})
