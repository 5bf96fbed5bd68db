import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Fault } from '../../shared/domain/fault.ts'
import { casefold } from '../../shared/domain/query/casefold.ts'
import { QueryFilters } from '../../shared/domain/query/filters.ts'
import { matches } from '../../shared/domain/query/match.ts'
import { QueryOptions } from '../../shared/domain/query/options.ts'
import { compare, equal } from '../../shared/domain/query/values.ts'
import { idsOf, query } from './query-rows.ts'

const text = fc.constantFrom('', 'a', 'A', 'ab', 'aB', 'ß', 'SS', 'ς', 'Σ', 'b')
const rows = fc
  .array(fc.record({ n: fc.integer({ min: 0, max: 3 }), m: fc.boolean(), s: text }), {
    maxLength: 12,
  })
  .map((list) => list.map((row, id) => ({ ...row, id })))
const filter = fc.oneof(
  fc.tuple(fc.constant('n'), fc.constantFrom('=', '!=', '<', '>='), fc.integer({ min: 0, max: 3 })),
  fc.tuple(fc.constant('s'), fc.constantFrom('=', '^', '!$', 'rin', 'C=', '~'), text),
  fc.tuple(fc.constant('m'), fc.constant('='), fc.boolean()),
)
const filters = fc.array(filter, { maxLength: 3 })

const holds = (property: fc.IProperty<unknown>): void => fc.assert(property)

test('count is the number of rows', () =>
  holds(
    fc.property(rows, filters, (list, given) => {
      expect(query(list, given, { count: true })).toBe(idsOf(query(list, given)).length)
    }),
  ))

test('several filters are their intersection, OR is the union of its branches', () =>
  holds(
    fc.property(rows, filter, filter, (list, one, other) => {
      const first = new Set(idsOf(query(list, [one])))
      const second = new Set(idsOf(query(list, [other])))
      const all = list.map(({ id }) => id)
      expect(idsOf(query(list, [one, other]))).toEqual(
        all.filter((id) => first.has(id) && second.has(id)),
      )
      expect(idsOf(query(list, [['OR', [one, [other]]]]))).toEqual(
        all.filter((id) => first.has(id) || second.has(id)),
      )
    }),
  ))

test('C forms are the plain forms of folded texts', () =>
  holds(
    fc.property(
      rows,
      text,
      fc.constantFrom('=', '!=', '<', '>=', 'in', 'nin', 'rin', 'rnin', '^', '!^', '$', '!$'),
      (list, value, operator) => {
        const low = list.map((row) => ({ ...row, s: casefold(row.s) }))
        expect(idsOf(query(list, [['s', `C${operator}`, value]]))).toEqual(
          idsOf(query(low, [['s', operator, casefold(value)]])),
        )
      },
    ),
  ))

test('folding ignores case, and is done after once', () =>
  holds(
    fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      expect(casefold(value.toUpperCase().replaceAll('ı', 'I'))).toEqual(
        casefold(value.replaceAll('ı', 'i')),
      )
      expect(casefold(casefold(value))).toEqual(casefold(value))
    }),
  ))

test('the last sort key is the primary one, and equal rows keep their order', () =>
  holds(
    fc.property(rows, fc.boolean(), (list, isDescending) => {
      const sign = isDescending ? -1 : 1
      const expected = list.toSorted(
        (x, y) => sign * (x.n - y.n) || Number(x.m) - Number(y.m) || x.id - y.id,
      )
      const order_by = ['m', isDescending ? '-n' : 'n']
      expect(query(list, [], { order_by })).toEqual(expected)
    }),
  ))

test('a sorted result has the same rows', () =>
  holds(
    fc.property(rows, (list) => {
      const result = idsOf(query(list, [], { order_by: ['-s', 'nulls_first:x'] }))
      expect(result.toSorted((x, y) => x - y)).toEqual(list.map(({ id }) => id))
    }),
  ))

test('select never invents a field', () =>
  holds(
    fc.property(
      rows,
      fc.array(fc.constantFrom('id', 'n', 's', 'x', 'n.y', '__proto__')),
      (list, select) => {
        const result = query(list, [], { select }) as object[]
        result.forEach((row, at) => {
          for (const [name, value] of Object.entries(row))
            expect(list[at]).toHaveProperty(name, value)
          if (select.length > 0)
            expect(
              Object.keys(row).every((name) => select.some((path) => path.startsWith(name))),
            ).toBe(true)
        })
      },
    ),
  ))

test('offset and limit cut a slice', () =>
  holds(
    fc.property(rows, fc.nat(15), fc.nat(15), (list, offset, limit) => {
      expect(query(list, [], { offset, limit })).toEqual(
        list.slice(offset, limit === 0 ? undefined : offset + limit),
      )
    }),
  ))

test('get is the first row', () =>
  holds(
    fc.property(rows, filters, (list, given) => {
      const all = query(list, given) as object[]
      if (all.length > 0) expect(query(list, given, { get: true })).toBe(all[0])
      else expect(() => query(list, given, { get: true })).toThrow('MatchNotFound()')
    }),
  ))

test('parsing arbitrary values gives filters or issues, never another error', () => {
  const operator = fc.constantFrom('OR', '=', '~', 'C~', 'in', 'C^', 'Cin', '>', 'rin')
  const field = fc.constantFrom('x', 'x.$date', '', '*', 'x.*.y', '__proto__')
  const any = fc.oneof(fc.jsonValue({ maxDepth: 2 }), field, operator)
  const item = fc.letrec((tie) => ({
    filter: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      any,
      fc.tuple(field, operator, any),
      fc.tuple(
        fc.constant('OR'),
        fc.array(fc.oneof(tie('filter'), fc.array(tie('filter'), { maxLength: 3 })), {
          maxLength: 3,
        }),
      ),
    ),
  })).filter
  holds(
    fc.property(fc.array(item, { maxLength: 4 }), fc.jsonValue(), (list, row) => {
      const read = QueryFilters.safeParse(list)
      QueryFilters.safeParse(row)
      QueryOptions.safeParse(row)
      QueryOptions.safeParse({ select: list })
      QueryOptions.safeParse({ order_by: list })
      if (!read.success) return
      // And what was taken either answers or is a Fault with a text.
      try {
        expect(matches(read.data)({ x: row })).toBeTypeOf('boolean')
      } catch (error) {
        expect(error).toMatchObject({
          name: 'Fault',
          code: 'NOT_COMPARABLE',
        } satisfies Partial<Fault>)
      }
    }),
  )
})

test('equal is an equivalence; an order is total where there is one', () =>
  holds(
    fc.property(fc.jsonValue(), fc.jsonValue(), (x, y) => {
      expect(equal(x, structuredClone(x))).toBe(true)
      expect(equal(x, y)).toBe(equal(y, x))
      try {
        const isLess = compare(x, '<', y)
        expect(compare(y, '>', x)).toBe(isLess)
        expect(compare(x, '>=', y)).toBe(!isLess)
        expect(isLess && equal(x, y)).toBe(false)
      } catch (error) {
        expect(error).toBeInstanceOf(Fault)
      }
    }),
  ))
