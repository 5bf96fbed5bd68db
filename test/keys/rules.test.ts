/** What a key's state means for holders of its secrets. */
import { describe, expect, it } from 'vitest'
import {
  brokenRules,
  effectiveState,
  isRevokedSince,
  keyBy,
  keyEnd,
  outlives,
  secretsOf,
} from '../../shared/keys/rules.ts'
import { toChecked } from '../../shared/store/key-items.ts'
import { KEY_ITEM, PREVIOUS } from './items.ts'

const NOW = KEY_ITEM.createdAt
const keyOf = (more: object = {}, gate: object | null = null) =>
  toChecked({ ...KEY_ITEM, ...more }, { tenant: 7 }, gate)
const REVOKED = { at: NOW, cause: 'asked', reason: 'Revoked' }

describe('a key', () => {
  it.each([
    ['active', {}, null],
    ['revoked', { revoked: REVOKED, locked: true }, { suspended: true }],
    ['expired', { expires: NOW, locked: true }, { suspended: true }],
    ['suspended', { locked: true }, { suspended: true }],
    ['locked', { locked: true }, null],
  ])('is %s by the first of its own state, its tenant and its user', (state, more, gate) => {
    expect(effectiveState(keyOf(more, gate), NOW)).toBe(state)
  })

  it('has what its user may and the ceiling of the secret lets', () => {
    const key = keyOf()
    expect(keyBy(key, key.secret)).toBe(key)
    expect(keyBy(key, { ...key.secret, ceiling: ['ACCOUNT_READ'] }).roles).toEqual(['ACCOUNT_READ'])
  })

  it('has two secrets during a grace period, and one from its end', () => {
    const key = keyOf({ former: PREVIOUS })
    const generations = (now: number) => secretsOf(key, now).map(({ generation }) => generation)
    expect(generations(PREVIOUS.until - 1)).toEqual([3, 2])
    expect(generations(PREVIOUS.until)).toEqual([3])
    expect(secretsOf(keyOf(), NOW)).toHaveLength(1)
  })
})

describe('a change of a key', () => {
  it.each([
    [null, null, false],
    [NOW, null, false],
    [null, NOW, true],
    [NOW + 1, NOW, true],
    [NOW, NOW, false],
  ])('to end at %s, not at %s, gives it a longer life: %s', (expires, before, isLonger) => {
    expect(outlives(expires, before)).toBe(isLonger)
  })

  it('sees who revoked it since the call began, or since it was read, and not the clock', () => {
    const revoked = (at: number, cause = 'asked') => keyOf({ revoked: { ...REVOKED, at, cause } })
    expect(isRevokedSince(revoked(NOW), revoked(NOW), NOW)).toBe(false)
    expect(isRevokedSince(revoked(NOW + 1), revoked(NOW + 1), NOW)).toBe(true)
    expect(isRevokedSince(revoked(NOW - 1), keyOf(), NOW)).toBe(true)
    expect(isRevokedSince(revoked(NOW, 'expired'), keyOf(), NOW)).toBe(false)
    expect(isRevokedSince(keyOf(), keyOf(), NOW)).toBe(false)
  })

  it('takes no name of another key, and no end that is over', () => {
    const broken = (n: number | null, holder: number | null, expires: number | null) =>
      brokenRules('api_key_update', { n, expires }, holder, NOW).map(([, text]) => text)
    expect(broken(1, 1, NOW + 1)).toEqual([])
    expect(broken(null, null, null)).toEqual([])
    expect(broken(1, 2, NOW)).toEqual(['name must be unique', 'Expiration date is in the past'])
  })
})

describe('a secret', () => {
  it('ends with its key, or with its grace if that is earlier', () => {
    expect(keyEnd(keyOf(), 3)).toBe(Infinity)
    const [before, after] = [PREVIOUS.until - 1, PREVIOUS.until + 1]
    const key = (expires: number) => keyOf({ former: PREVIOUS, expires })
    expect([keyEnd(key(after), 3), keyEnd(key(after), 2)]).toEqual([after, PREVIOUS.until])
    expect(keyEnd(key(before), 2)).toBe(before)
  })
})
