import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBuckets } from '../../shared/limits/bucket.ts'

describe('a token bucket', () => {
  it('gives its quota at once, and as much again in its time', () => {
    const clock = { now: 0 }
    const buckets = createBuckets({ quota: 10, seconds: 5 }, () => clock.now)
    expect(buckets.take('a', 10)).toEqual({ ok: true, remaining: 0, wait: 5 })
    expect(buckets.take('a', 1)).toEqual({ ok: false, remaining: 0, wait: 1 })
    expect(buckets.take('b', 1)).toEqual({ ok: true, remaining: 9, wait: 1 })
    clock.now = 500
    expect(buckets.take('a', 1)).toEqual({ ok: true, remaining: 0, wait: 5 })
    clock.now = 60_000
    expect(buckets.take('a', 10).ok).toBe(true)
  })

  it('takes nothing when it refuses', () => {
    const buckets = createBuckets({ quota: 10, seconds: 5 }, () => 0)
    buckets.take('a', 8)
    expect(buckets.take('a', 3)).toEqual({ ok: false, remaining: 2, wait: 1 })
    expect(buckets.take('a', 2).ok).toBe(true)
  })

  it('survives a clock that is set back', () => {
    const clock = { now: 10_000 }
    const buckets = createBuckets({ quota: 2, seconds: 2 }, () => clock.now)
    buckets.take('a', 2)
    clock.now = 0
    expect(buckets.take('a', 1).ok).toBe(false)
    clock.now = 1000
    expect(buckets.take('a', 1).ok).toBe(true)
  })

  it('never gives more than its quota and what has flowed in, and tells when to come again', () => {
    const calls = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 1, max: 6 })),
    )
    fc.assert(
      fc.property(calls, (steps) => {
        const clock = { now: 0 }
        const buckets = createBuckets({ quota: 6, seconds: 3 }, () => clock.now)
        let given = 0
        for (const [pause, cost] of steps) {
          clock.now += pause
          const taken = buckets.take('a', cost)
          if (taken.ok) given += cost
          expect(given).toBeLessThanOrEqual(6 + (clock.now * 6) / 3000 + 1e-9)
          if (taken.ok) continue
          clock.now += taken.wait * 1000
          expect(buckets.take('a', cost).ok).toBe(true)
          given += cost
        }
      }),
    )
  })
})
