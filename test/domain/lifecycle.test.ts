import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  graceEnd,
  nextVisit,
  type Revocation,
  revocationAfterNewExpiry,
  stateAt,
} from '../../shared/domain/lifecycle.ts'

const T = 1_800_000_000_000
const asked: Revocation = { at: T, cause: 'asked', reason: 'lost laptop' }
const marked: Revocation = { at: T, cause: 'expired', reason: 'Key expired' }

describe('the state of a key', () => {
  it('is expired at the very millisecond of its expiry, and active one before', () => {
    expect(stateAt({ expires: T, revoked: null }, T - 1)).toBe('active')
    expect(stateAt({ expires: T, revoked: null }, T)).toBe('expired')
  })

  it('never expires without an expiry', () => {
    expect(stateAt({ expires: null, revoked: null }, Number.MAX_SAFE_INTEGER)).toBe('active')
  })

  it('stays revoked when it also expires', () => {
    expect(stateAt({ expires: T, revoked: asked }, T + 1)).toBe('revoked')
  })

  it('is expired, not revoked, when only the sweep has marked it', () => {
    expect(stateAt({ expires: T, revoked: marked }, T + 1)).toBe('expired')
    expect(stateAt({ expires: null, revoked: marked }, T + 1)).toBe('expired')
  })
})

describe('a grace period', () => {
  it('lasts so many seconds', () => {
    expect(graceEnd(T, 60, null)).toBe(T + 60_000)
  })

  it('never outlives the key', () => {
    fc.assert(
      fc.property(fc.nat(), fc.option(fc.nat(), { nil: null }), (seconds, more) => {
        const expires = more === null ? null : T + more
        expect(graceEnd(T, seconds, expires)).toBeLessThanOrEqual(expires ?? Infinity)
        expect(graceEnd(T, seconds, expires)).toBeLessThanOrEqual(T + seconds * 1000)
      }),
    )
  })
})

describe('the next visit of the sweep', () => {
  it('is the first of expiry and end of grace, and none for a revoked key', () => {
    expect(nextVisit({ expires: T, revoked: null }, T - 5)).toBe(T - 5)
    expect(nextVisit({ expires: T, revoked: null }, null)).toBe(T)
    expect(nextVisit({ expires: null, revoked: null }, null)).toBeNull()
    expect(nextVisit({ expires: T, revoked: asked }, T - 5)).toBeNull()
  })
})

describe('a new expiry', () => {
  it("takes back the clock's own mark only", () => {
    expect(revocationAfterNewExpiry(marked, T + 1, T)).toBeNull()
    expect(revocationAfterNewExpiry(marked, null, T)).toBeNull()
    expect(revocationAfterNewExpiry(marked, T, T)).toBe(marked)
    expect(revocationAfterNewExpiry(asked, null, T)).toBe(asked)
    expect(revocationAfterNewExpiry(null, null, T)).toBeNull()
  })
})
