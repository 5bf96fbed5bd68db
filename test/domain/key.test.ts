import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mintSecret } from '../../shared/crypto/random.ts'
import { checksum, idOf, LAST_TENANT, parseKey, rawKey, refOf } from '../../shared/domain/key.ts'

const ref = fc.record({
  tenant: fc.integer({ min: 1, max: LAST_TENANT }),
  n: fc.integer({ min: 1, max: 999_999_999 }),
})
const freshRaw = (of = { tenant: 1, n: 1 }): string => {
  const id = idOf(of)
  return rawKey(id, mintSecret(id)).reveal()
}

describe('a key id', () => {
  it('routes to its tenant and number, and is always a safe integer', () => {
    fc.assert(
      fc.property(ref, (of) => {
        expect(Number.isSafeInteger(idOf(of))).toBe(true)
        expect(refOf(idOf(of))).toEqual(of)
      }),
    )
  })

  it('may be of the first tenant, and of the last', () => {
    for (const of of [
      { tenant: 1, n: 1 },
      { tenant: LAST_TENANT, n: 999_999_999 },
    ])
      expect(refOf(idOf(of))).toEqual(of)
  })

  it('is none of ours below 10⁹, for number 0, and beyond the last tenant', () => {
    for (const id of [
      0,
      1,
      999_999_999,
      1e9,
      2e9,
      -1e9 - 1,
      1.5e9 + 0.5,
      9_007_199e9 + 1,
      2 ** 53,
      NaN,
    ])
      expect(refOf(id)).toBeNull()
  })
})

describe('a raw key', () => {
  it('is read back as it was made', () => {
    fc.assert(
      fc.property(ref, (of) => {
        const key = parseKey(freshRaw(of))
        expect(key).toMatchObject({ ...of, id: idOf(of) })
        expect(key?.secret.reveal()).toHaveLength(64)
      }),
    )
  })

  it('never comes out twice', () => {
    const all = Array.from({ length: 500 }, () => freshRaw())
    expect(new Set(all).size).toBe(all.length)
  })

  it('fails with any one character changed', () => {
    const raw = freshRaw()
    fc.assert(
      fc.property(
        fc.nat(raw.length - 1),
        fc.string({ minLength: 1, maxLength: 1, unit: 'grapheme' }),
        (at, other) => {
          fc.pre(raw[at] !== other)
          expect(parseKey(raw.slice(0, at) + other + raw.slice(at + 1))).toBeNull()
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('fails with anything before or behind it, or cut short', () => {
    const raw = freshRaw()
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (more) => {
        expect(parseKey(raw + more)).toBeNull()
        expect(parseKey(more + raw)).toBeNull()
      }),
    )
    for (let at = 0; at < raw.length; at++) expect(parseKey(raw.slice(0, at))).toBeNull()
  })

  it('fails so even where a checksum was made for it, and with an id that none has', () => {
    const body = freshRaw().slice(0, -6)
    const withChecksum = (text: string) => parseKey(text + checksum(text))
    expect(withChecksum(body)).not.toBeNull()
    for (const text of [
      `x${body}`,
      `${body}x`,
      `${body}${'x'.repeat(64)}`,
      body.replace('-', '-x'),
    ])
      expect(withChecksum(text)).toBeNull()
    for (const id of ['1000000000', '9007199000000001'])
      expect(withChecksum(id + body.slice(10))).toBeNull()
  })

  it('ends in the CRC-32 of IEEE, in base62', () => {
    // The check value of the CRC catalogues, 0xCBF43926.
    expect(checksum('123456789')).toBe('3jZRME')
  })

  it('fails in any other spelling', () => {
    const raw = freshRaw({ tenant: 12, n: 34 })
    const [id = '', secret = ''] = raw.split('-')
    const others = [
      raw.toUpperCase(),
      raw.toLowerCase(),
      `0${raw}`,
      `+${raw}`,
      `${raw}\n`,
      `\u0000${raw}`,
      `${raw}=`,
      `${id}\u2010${secret}`,
      `${id}--${secret}`,
      `${id}.0-${secret}`,
      `${Number(id).toExponential()}-${secret}`,
      `0x${Number(id).toString(16)}-${secret}`,
      raw.replace('-', ' - '),
      encodeURIComponent(`${raw} `),
      raw.replace(/[0-9]/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
    ]
    for (const other of others) expect(parseKey(other)).toBeNull()
  })

  it('of one id is none of another: the checksum covers the id', () => {
    const [, secret] = freshRaw({ tenant: 1, n: 1 }).split('-')
    expect(parseKey(`${idOf({ tenant: 1, n: 2 })}-${secret}`)).toBeNull()
  })

  it('is never read from arbitrary text, and reading it never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => parseKey(text) === null))
    expect(parseKey(`1${'0'.repeat(100_000)}-x`)).toBeNull()
  })
})
