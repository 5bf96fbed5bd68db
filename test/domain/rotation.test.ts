import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KEYSET_TTL_MS } from '../../shared/crypto/signing-keys.ts'
import {
  nextTurn,
  OVERLAP_MS,
  publishedAt,
  retiredAt,
  SIGNS_MS,
  signerAt,
  type Turn,
} from '../../shared/domain/rotation.ts'

const T = 1_800_000_000_000
const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** What is signed is good for so long. */
const TOKEN = 5 * MINUTE
/** Clocks differ, relying parties keep the set: all of that together. */
const MARGIN = HOUR

/** A key as it was made, and when it was taken away. */
type Made = Turn & { readonly made: number; gone: number }

/** What becomes of the chain when it is swept at these instants. */
const swept = (instants: readonly number[]): Made[] => {
  const all: Made[] = []
  for (const now of instants) {
    const there = all.filter(({ gone }) => gone === Infinity)
    for (const key of retiredAt(there, now)) key.gone = now
    const turn = nextTurn(there, now)
    if (turn !== null) all.push({ ...turn, made: now, gone: Infinity })
  }
  return all
}
const viewAt = (all: readonly Made[], at: number): Made[] =>
  all.filter(({ made, gone }) => made <= at && at < gone)

/** Instants of sweeps: a minute apart, or days, when nobody swept. */
const sweeps = fc
  .array(fc.oneof(fc.constant(MINUTE), fc.integer({ min: 1, max: 45 * 24 * HOUR })), {
    minLength: 1,
    maxLength: 60,
  })
  .map((gaps) => {
    let at = T
    return [at, ...gaps.map((gap) => (at += gap))]
  })
const stale = fc.integer({ min: 0, max: KEYSET_TTL_MS })

describe('whenever it is swept', () => {
  it('there is exactly one signer, at every instant from the first sweep on', () => {
    fc.assert(
      fc.property(sweeps, fc.nat(400 * 24 * HOUR), stale, (instants, later, age) => {
        const now = T + later
        const view = viewAt(swept(instants), Math.max(T, now - age))
        const begun = view.filter(({ signsFrom }) => signsFrom <= now)
        expect(signerAt(view, now)).toBe(begun.toSorted((a, b) => a.n - b.n).at(-1))
        expect(begun.length).toBeGreaterThan(0)
        expect(new Set(view.map(({ n }) => n)).size).toBe(view.length)
      }),
    )
  })

  it('what was ever signed verifies until it has expired, and an hour more', () => {
    fc.assert(
      fc.property(
        sweeps,
        fc.nat(400 * 24 * HOUR),
        stale,
        fc.nat(TOKEN + MARGIN),
        fc.nat(MARGIN),
        (instants, later, age, use, kept) => {
          const all = swept(instants)
          const signed = T + later
          const signer = signerAt(viewAt(all, Math.max(T, signed - age)), signed)
          const used = signed + use
          // Who checks may have read the set a while ago.
          const published = publishedAt(viewAt(all, Math.max(T, used - kept)), used - kept)
          expect(published.map(({ n }) => n)).toContain(signer?.n)
        },
      ),
    )
  })

  it('no key but the first signs before it was published for a day', () => {
    fc.assert(
      fc.property(sweeps, (instants) => {
        const [first, ...others] = swept(instants)
        expect(first).toMatchObject({ n: 1, made: T, signsFrom: T })
        for (const { made, signsFrom } of others)
          expect(signsFrom - made).toBeGreaterThanOrEqual(OVERLAP_MS)
      }),
    )
  })

  it('twice at one instant makes no more than once', () => {
    fc.assert(
      fc.property(sweeps, (instants) => {
        expect(swept(instants.flatMap((at) => [at, at]))).toEqual(swept(instants))
      }),
    )
  })
})

describe('swept in time', () => {
  const all = swept(Array.from({ length: 100 * 24 }, (_, hour) => T + hour * HOUR))

  it('each key signs for thirty days, and is published for a day before and after', () => {
    expect(all.map(({ signsFrom }) => signsFrom)).toEqual([0, 1, 2, 3].map((n) => T + n * SIGNS_MS))
    expect(all.map(({ made }) => made)).toEqual([
      T,
      ...[1, 2, 3].map((n) => T + n * SIGNS_MS - OVERLAP_MS),
    ])
    expect(all.map(({ gone }) => gone)).toEqual([
      ...[1, 2, 3].map((n) => T + n * SIGNS_MS + OVERLAP_MS),
      Infinity,
    ])
  })

  it('changes signers at the very millisecond', () => {
    expect(signerAt(all, T + SIGNS_MS - 1)?.n).toBe(1)
    expect(signerAt(all, T + SIGNS_MS)?.n).toBe(2)
  })
})
