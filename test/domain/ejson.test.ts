import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decode, encode, Tagged } from '../../shared/domain/ejson.ts'

/** JSON that RFC 7493 allows: no number beyond what a double counts exactly. */
const interoperable = fc
  .jsonValue({ noUnicodeString: false })
  .map((value) =>
    JSON.parse(JSON.stringify(value), (_, inner) =>
      typeof inner === 'number' ? inner % Number.MAX_SAFE_INTEGER : inner,
    ),
  )

describe('extended JSON', () => {
  it('writes datetimes in whole seconds and sets as lists', () => {
    expect(encode({ at: new Date(1_700_000_000_999), roles: new Set(['A']) })).toBe(
      '{"at":{"$date":1700000000000},"roles":{"$set":["A"]}}',
    )
  })

  it('reads each of its kinds', () => {
    expect(decode('{"$date":1700000000123}')).toEqual(new Date(1_700_000_000_123))
    expect(decode('{"$time":"23:59:59.5"}')).toEqual(new Tagged('time', '23:59:59.5'))
    expect(decode('{"$type":"date","$value":"2026-02-28"}')).toEqual(
      new Tagged('date', '2026-02-28'),
    )
    expect(decode('{"$set":[1,{"$date":0}]}')).toEqual(new Set([1, new Date(0)]))
    expect(decode('{"$ipv4_interface":"10.0.0.1/8"}')).toEqual(
      new Tagged('ipv4_interface', '10.0.0.1/8'),
    )
    expect(decode('{"$ipv6_interface":"fe80::1/64"}')).toEqual(
      new Tagged('ipv6_interface', 'fe80::1/64'),
    )
  })

  it('takes an object with more members for an ordinary one', () => {
    expect(decode('{"$date":1,"x":2}')).toEqual({ $date: 1, x: 2 })
  })

  it.each([
    '{"$date":"2026-01-01"}',
    '{"$date":null}',
    '{"$date":9e99}',
    '{"$date":1830000000000000}',
    '{"$date":253402300800000}',
    '{"$date":-62135596800001}',
    '{"$type":"date","$value":"0000-02-28"}',
    '{"$set":[[1]]}',
    '{"$set":[{"$set":[]}]}',
    '{"$set":[{}]}',
    '{"$time":"24:00:00"}',
    '{"$type":"date","$value":"2026-02-30"}',
    '{"$set":{}}',
    '{"$ipv4_interface":"10.0.0.1/33"}',
    '{"$ipv6_interface":"10.0.0.1/8"}',
  ])('refuses %s', (text) => {
    expect(() => decode(text)).toThrow(SyntaxError)
  })

  it('has the dates of the years 1 to 9999, and says of others what Python does', () => {
    for (const ms of [-62_135_596_800_000, 253_402_300_799_999])
      expect(decode(`{"$date":${ms}}`)).toEqual(new Date(ms))
    const why = (ms: string) => () => decode(`{"$date":${ms}}`)
    expect(why('1830000000000000')).toThrow('Error parsing $date: year 59960 is out of range')
    expect(why('-62135596800001')).toThrow('Error parsing $date: year 0 is out of range')
    expect(why('1e400')).toThrow('timestamp out of range for platform time_t')
  })

  it('writes the nearest of those dates for one that is beyond', () => {
    expect(encode([new Date(1_830_000_000_000_000), new Date(-8.64e15)])).toBe(
      '[{"$date":253402300799000},{"$date":-62135596800000}]',
    )
  })

  it('keeps every plain value that JSON keeps', () => {
    fc.assert(
      fc.property(interoperable, (value) => {
        fc.pre(!JSON.stringify(value).includes('"$'))
        expect(JSON.parse(encode(decode(JSON.stringify(value))))).toEqual(
          JSON.parse(JSON.stringify(value)),
        )
      }),
    )
  })

  it('has no prototype that a member could reach', () => {
    const object = decode('{"__proto__":{"admin":true}}') as Record<string, unknown>
    expect(Object.getPrototypeOf(object)).toBeNull()
    expect(({} as Record<string, unknown>).admin).toBeUndefined()
  })
})
