/** Extended JSON of the client, beside the service's own. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decode, encode } from '../../client/ejson.ts'
import { EARLIEST, LATEST } from '../../shared/domain/dates.ts'
import * as service from '../../shared/domain/ejson.ts'

it('dates and sets come back as they were, however deep', () => {
  const value = { at: new Date(1_700_000_000_000), in: [{ set: new Set([1, new Set(['a'])]) }] }
  expect(encode(value)).toBe(
    '{"at":{"$date":1700000000000},"in":[{"set":{"$set":[1,{"$set":["a"]}]}}]}',
  )
  expect(decode(encode(value))).toEqual(value)
})

it('other tagged values, and what only looks like one, are passed through', () => {
  const text = '[{"$time":"10:00:00"},{"$date":"today"},{"$date":1,"more":2},{"$set":3},{}]'
  expect(encode(decode(text))).toBe(text)
})

it('a Date that is none is not sent as null', () => {
  expect(() => encode([new Date(Number.NaN)])).toThrow(TypeError)
})

it('a member called __proto__ is data', () => {
  const value = decode('{"__proto__":{"admin":true}}') as object
  expect(Object.keys(value)).toEqual(['__proto__'])
  expect('admin' in value).toBe(false)
})

it('the service reads what the client writes, and the client what the service writes', () => {
  const whole = fc
    .date({ noInvalidDate: true, min: new Date(EARLIEST), max: new Date(LATEST) })
    .map((date) => new Date(Math.floor(+date / 1000) * 1000))
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), whole)
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie('tree')),
      fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), tie('tree')),
      fc.array(leaf).map((items) => new Set(items)),
    ),
  }))
  fc.assert(
    fc.property(tree, (value) => {
      expect(service.encode(service.decode(encode(value)))).toBe(encode(value))
      expect(encode(decode(service.encode(value)))).toBe(encode(value))
    }),
  )
})
