import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { decode, encode } from '../../shared/domain/ejson.ts'
import { Fault } from '../../shared/domain/fault.ts'
import { QueryFilters } from '../../shared/domain/query/filters.ts'
import { QueryOptions } from '../../shared/domain/query/options.ts'
import { selectsOne } from '../../shared/domain/query/query.ts'
import { idsOf, KEYS, query, refusal } from './query-rows.ts'

const sorted = (rows: readonly object[], ...order_by: string[]): number[] =>
  idsOf(query(rows, [], { order_by }))

describe('select', () => {
  const pick = (row: object, ...select: unknown[]): unknown =>
    query([row], [], { select, get: true })

  test.each<[string, unknown[], object]>([
    ['fields', ['id', 'name'], { id: 1, name: 'Backup' }],
    ['nested, with their nesting', ['owner.name', 'id'], { owner: { name: 'root' }, id: 1 }],
    ['a literal dot', ['owner.mail\\.home'], { owner: { 'mail.home': 'r@example.org' } }],
    ['renamed', [['owner.name', 'who']], { who: 'root' }],
    ['a new name isn’t a path', [['id', 'a.b\\.c']], { 'a.b\\.c': 1 }],
    ['missing ones are left out', ['id', 'nothing', 'owner.nothing', ['no', 'x']], { id: 1 }],
    ['beyond a scalar', ['name.more'], { name: 'Backup' }],
  ])('%s', (_, select, expected) => expect(pick(KEYS[0], ...select)).toEqual(expected))

  test('null is kept', () =>
    expect(pick(KEYS[3], 'note', 'owner.name')).toEqual({ note: null, owner: null }))

  test('a list index is refused', () =>
    expect(() => pick(KEYS[0], 'tags.0')).toThrow('Selecting by list index is not supported'))

  test('overlapping paths leave the row alone', () => {
    const row = { a: { b: 1 }, c: { d: 2 } }
    expect(pick(row, ['c', 'a'], 'a.b')).toEqual({ a: { d: 2, b: 1 } })
    expect(row).toEqual({ a: { b: 1 }, c: { d: 2 } })
    expect(() => pick({ a: { b: 1 }, c: 'x' }, ['c', 'a'], 'a.b')).toThrow(
      "'str' object does not support item assignment",
    )
  })

  test('a field or new name __proto__ is data', () => {
    const row = decode('{"__proto__":{"x":1},"id":1}') as object
    expect(encode(pick(row, '__proto__.x'))).toBe('{"__proto__":{"x":1}}')
    expect(encode(pick(row, ['id', '__proto__']))).toBe('{"__proto__":1}')
    expect(pick({ id: 1 }, 'constructor', '__proto__')).toEqual({})
    expect(({} as { x?: number }).x).toBeUndefined()
  })
})

describe('order_by', () => {
  const rows = [
    { id: 1, n: 2, t: 'b' },
    { id: 2, n: 1, t: 'b' },
    { id: 3, n: 2, t: 'a' },
    { id: 4, n: null, t: 'a' },
    { id: 5, t: 'c' },
  ]

  test.each<[string[], number[]]>([
    [['t'], [3, 4, 1, 2, 5]],
    [['-t'], [5, 1, 2, 3, 4]],
    [['nulls_first:n'], [4, 5, 2, 1, 3]],
    [['nulls_last:n'], [2, 1, 3, 4, 5]],
    [['nulls_last:-n'], [1, 3, 2, 4, 5]],
    [['nulls_first:-n'], [4, 5, 1, 3, 2]],
    [
      ['t', '-id'],
      [5, 4, 3, 2, 1],
    ],
    [
      ['-id', 't'],
      [4, 3, 2, 1, 5],
    ],
  ])('%j', (order_by, expected) => expect(sorted(rows, ...order_by)).toEqual(expected))

  test('nested, also with nulls', () => {
    const nested = [
      { id: 1, o: { x: 2 } },
      { id: 2, o: { x: 1 } },
      { id: 3, o: null },
    ]
    expect(sorted(nested.slice(0, 2), 'o.x')).toEqual([2, 1])
    expect(sorted(nested, 'nulls_last:o.x')).toEqual([2, 1, 3])
  })

  test('nulls without a place are an error', () => {
    const detail = "'<' not supported between instances of 'NoneType' and 'int'"
    expect(() => sorted(rows, 'n')).toThrow(new Fault('NOT_COMPARABLE', { detail }))
    expect(() => sorted([{}, {}], 'n')).toThrow("'NoneType' and 'NoneType'")
    expect(sorted([{ id: 9 }], 'n')).toEqual([9])
  })

  test('descending, the other of the two comes first in the text', () =>
    expect(() => sorted([{ x: 1 }, { x: 'a' }], '-x')).toThrow("of 'int' and 'str'"))

  test('after select: an unselected field is missing', () =>
    expect(() => query(KEYS, [], { select: ['name'], order_by: ['id'] })).toThrow('NoneType'))
})

describe('count, get, offset and limit', () => {
  const many = [['id', '>', 1]]

  test('count ignores limit and offset', () =>
    expect(query(KEYS, many, { count: true, limit: 1, offset: 2 })).toBe(4))
  test('get is the first match', () => expect(query(KEYS, many, { get: true })).toBe(KEYS[1]))
  test('get sorts first', () =>
    expect(query(KEYS, many, { get: true, order_by: ['-id'] })).toBe(KEYS[4]))
  test('get looks no further than the first match', () =>
    expect(query([{ x: 1 }, { x: null }], [['x', '>', 0]], { get: true })).toEqual({ x: 1 }))
  test.each([[[]], [many]])('get without a match: %j', (filters) =>
    expect(() => query([], filters, { get: true })).toThrow(new Fault('MATCH_NOT_FOUND')),
  )
  test.each<[object, number[]]>([
    [{}, [2, 3, 4, 5]],
    [{ limit: 0 }, [2, 3, 4, 5]],
    [{ limit: 2 }, [2, 3]],
    [{ offset: 1 }, [3, 4, 5]],
    [{ offset: 3, limit: 2 }, [5]],
    [{ offset: 9 }, []],
    [{ limit: 10_000, force_sql_filters: true, extra: { a: 1 } }, [2, 3, 4, 5]],
  ])('%j', (options, expected) => expect(idsOf(query(KEYS, many, options))).toEqual(expected))
})

describe('refusals (docs/protocol/queries.md §6.3)', () => {
  const TWO =
    'A select as list may only contain two parameters: the name of the parameter being selected, and the name to which to assign it in resulting data.'

  test.each<[object, string]>([
    [{ get: true, limit: 2 }, 'Invalid options combination. `get` implies a single result.'],
    [{ get: true, offset: 1 }, 'Invalid options combination. `get` implies a single result.'],
    [{ limit: 10_001 }, 'Options limit must be between 1 and 10000'],
    [{ select: [['a']] }, `['a']: ${TWO}`],
    [{ select: ['a', ['a', 'b', 'c']] }, `['a', 'b', 'c']: ${TWO}`],
    [{ select: [[1, 'b']] }, "[1, 'b']: first item must be a string."],
    [{ select: [['a', null]] }, "['a', None]: second item must be a string."],
    [{ select: [''] }, ': a field path may not have an empty part.'],
    [{ select: ['.a'] }, '.a: a field path may not have an empty part.'],
    [{ order_by: ['-a..b'] }, '-a..b: a field path may not have an empty part.'],
  ])('%j', (options, message) =>
    expect(refusal(QueryOptions, options)).toEqual({
      path: [],
      message: `Value error, ${message}`,
    }),
  )

  test.each<[object, string, PropertyKey[]]>([
    [{ order_by: ['a', 1] }, 'invalid_type', ['order_by', 1]],
    [{ order_by: ['a'.repeat(1025)] }, 'too_big', ['order_by', 0]],
    [{ order_by: Array(33).fill('a') }, 'too_big', ['order_by']],
    [{ select: Array(257).fill('a') }, 'too_big', ['select']],
    [{ select: [1] }, 'invalid_union', ['select', 0]],
    [{ offset: -1 }, 'too_small', ['offset']],
    [{ limit: 1.5 }, 'invalid_type', ['limit']],
    [{ count: 1 }, 'invalid_type', ['count']],
    [{ extra: [] }, 'invalid_type', ['extra']],
    [{ prefix: 'x' }, 'unrecognized_keys', []],
    [decode('{"__proto__":1}') as object, 'unrecognized_keys', []],
  ])('%j is a %s', (options, code, path) =>
    expect(QueryOptions.safeParse(options).error?.issues).toMatchObject([{ code, path }]),
  )

  test('defaults', () =>
    expect(QueryOptions.parse(undefined)).toEqual({
      extra: {},
      order_by: [],
      select: [],
      count: false,
      get: false,
      offset: 0,
      limit: 0,
      force_sql_filters: false,
    }))
})

test('both have a JSON Schema', () => {
  const schema = z.toJSONSchema(z.tuple([QueryFilters, QueryOptions]), { io: 'input' })
  expect(schema.prefixItems).toMatchObject([
    { type: 'array', default: [] },
    { type: 'object', additionalProperties: false, properties: { limit: { default: 0 } } },
  ])
})

describe('selectsOne', () => {
  test.each<[unknown[], readonly unknown[] | null]>([
    [[['id', '=', 7]], [7]],
    [
      [
        ['name', '=', 'x'],
        ['id', 'in', [7, 8, 7, [1]]],
      ],
      [7, 8, [1]],
    ],
    [[['id', '=', true]], [true, 1]],
    [[['id', 'in', []]], []],
    [[['id', 'in', '78']], null],
    [[['id', 'C=', '7']], null],
    [[['id', '>', 7]], null],
    [[['id.x', '=', 7]], null],
    [[['OR', [['id', '=', 7]]]], null],
    [[], null],
  ])('%j', (filters, expected) =>
    expect(selectsOne(QueryFilters.parse(filters), 'id')).toEqual(expected),
  )
})
