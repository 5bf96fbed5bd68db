import { describe, expect, test } from 'vitest'
import { decode } from '../../shared/domain/ejson.ts'
import { Fault } from '../../shared/domain/fault.ts'
import { QueryFilters } from '../../shared/domain/query/filters.ts'
import { ids, KEYS, query, refusal } from './query-rows.ts'

const ALL = [1, 2, 3, 4, 5]

describe('operators', () => {
  test.each<[string, string, unknown, number[]]>([
    ['name', '=', 'web', [3]],
    ['id', '=', '1', []],
    ['id', '=', true, [1]],
    ['note', '=', null, [4]],
    ['tags', '=', ['nas', 'prod'], [1]],
    ['owner', '=', { name: 'root' }, [3]],
    ['made', '=', new Date('2026-03-01T00:00:00Z'), [3, 4]],
    ['name', '!=', 'web', [1, 2, 4, 5]],
    ['note', '!=', 'nightly', [2, 3, 4]],
    ['note', '!=', null, [1, 2, 3]],
    ['id', '>', 3, [4, 5]],
    ['id', '>=', 3, [3, 4, 5]],
    ['id', '<', 3, [1, 2]],
    ['id', '<=', 3, [1, 2, 3]],
    ['id', '>', true, [2, 3, 4, 5]],
    ['name', '<', 'backup', [1, 4]],
    ['tags', '>', ['nas'], [1, 4]],
    ['made', '<', new Date('2026-02-01T00:00:00Z'), [1]],
    ['name', '~', 'back', [2]],
    ['name', '~', 'ack', []],
    ['name', '~', '.*ack', [1, 2]],
    ['name', '~', '(?i)back', [1, 2]],
    ['name', '~', 'w|.*a$', [3, 5]],
    ['note', '~', '$', [3, 4]],
    ['id', 'in', [1, 3, 9], [1, 3]],
    ['id', 'in', [true, null, '2'], [1]],
    ['note', 'in', [null, 'weekly'], [2, 4]],
    ['name', 'in', 'webcam', [3]],
    ['made', 'in', [new Date('2026-01-01T00:00:00Z')], [1]],
    ['id', 'nin', [1, 3], [2, 4, 5]],
    ['note', 'nin', ['weekly'], [1, 3]],
    ['tags', 'rin', 'prod', [1, 4]],
    ['note', 'rin', 'ly', [1, 2]],
    ['owner', 'rin', 'name', [1, 2, 3, 5]],
    ['tags', 'rnin', 'prod', [2, 3, 5]],
    ['note', 'rnin', 'ly', [3]],
    ['name', '^', 'back', [2]],
    ['note', '^', '', [1, 2, 3]],
    ['note', '!^', 'week', [1, 3]],
    ['note', '$', 'ly', [1, 2]],
    ['note', '!$', 'ly', [3]],
    ['name', 'C=', 'BACKUP', [1]],
    ['name', 'C=', 'STRASSE', [4]],
    ['note', 'C=', null, [4]],
    ['name', 'C!=', 'BACKUP', [2, 3, 4, 5]],
    ['name', 'C^', 'BACK', [1, 2]],
    ['name', 'C!^', 'BACK', [3, 4, 5]],
    ['name', 'C$', 'B', [3]],
    ['name', 'C!$', 'B', [1, 2, 4, 5]],
    ['name', 'Cin', ['WEB', 'ZETA'], [3, 5]],
    ['name', 'Cnin', ['WEB', 'ZETA'], [1, 2, 4]],
    ['tags', 'Crin', 'Nas', [1, 5]],
    ['tags', 'Crnin', 'Nas', [2, 3, 4]],
    ['name', 'C<', 'C', [1, 2]],
  ])('%s %s %j', (field, operator, value, expected) => {
    expect(ids([field, operator, value])).toEqual(expected)
  })

  test.each(['=', '!=', '>', '<', '~', 'in', 'nin', 'rin', 'rnin', '^', '!^', '$', '!$', 'C='])(
    'a missing field never matches: %s',
    (operator) => expect(ids(['nothing', operator, 'x'])).toEqual([]),
  )

  test.each(['nin', 'rin', 'rnin', '^', '!^', '$', '!$'])('null never matches %s', (operator) =>
    expect(query([{ x: null }], [['x', operator, ['a']]])).toEqual([]),
  )

  test('sets are searched, and compared by what they have', () => {
    const rows = [{ roles: new Set(['A', 'B']) }]
    const [filter] = [decode('["roles","=",{"$set":["B","A"]}]')]
    expect(query(rows, [['roles', 'rin', 'B']])).toHaveLength(1)
    expect(query(rows, [['roles', 'rin', 'C']])).toHaveLength(0)
    expect(query(rows, [filter])).toHaveLength(1)
  })

  test('texts are ordered by code points, as in Python', () => {
    expect(query([{ x: '😀' }], [['x', '>', '\ufffd']])).toHaveLength(1)
  })
})

describe('what Python can not compare is NOT_COMPARABLE with its text', () => {
  test.each<[unknown, string, unknown, string]>([
    [null, '>', 1, "'>' not supported between instances of 'NoneType' and 'int'"],
    [1, '<=', 'a', "'<=' not supported between instances of 'int' and 'str'"],
    [1.5, '<', [], "'<' not supported between instances of 'float' and 'list'"],
    [true, '>=', null, "'>=' not supported between instances of 'bool' and 'NoneType'"],
    [new Date(0), '>', 0, "'>' not supported between instances of 'datetime.datetime' and 'int'"],
    [{}, '<', {}, "'<' not supported between instances of 'dict' and 'dict'"],
    [[1, null], '<', [1, 2], "'<' not supported between instances of 'NoneType' and 'int'"],
    [1, 'in', 5, "argument of type 'int' is not iterable"],
    [1, 'in', 'abc', "'in <string>' requires string as left operand, not int"],
    [1, 'rin', 1, "argument of type 'int' is not iterable"],
    [{ a: 1 }, 'rin', [], "unhashable type: 'list'"],
    [1, '^', 'a', "'int' object has no attribute 'startswith'"],
    ['a', '!$', 1, 'endswith first arg must be str or a tuple of str, not int'],
    [1, '~', 'a', "expected string or bytes-like object, got 'int'"],
    [1, 'C=', 'a', "<class 'int'>: support for casefolding object type not implemented."],
    ['a', 'C=', 1, "<class 'int'>: support for casefolding object type not implemented."],
    ['a', 'Cin', [1], "'int' object has no attribute 'casefold'"],
  ])('%j %s %j', (source, operator, value, detail) => {
    const run = () => query([{ x: source }], [['x', operator, value]])
    expect(run).toThrow(new Fault('NOT_COMPARABLE', { detail }))
  })

  test('a name on a list', () =>
    expect(() => ids(['tags.x', '=', 1])).toThrow('x: must be array index or wildcard character'))
})

describe('paths', () => {
  test.each<[string, unknown, number[]]>([
    ['owner.name', 'root', [1, 3]],
    ['owner.mail\\.home', 'r@example.org', [1]],
    ['owner.mail.home', 'r@example.org', []],
    ['tags.0', 'prod', [4]],
    ['tags.1', null, [2, 3, 4, 5]],
    ['tags.*', 'prod', [1, 4]],
    ['hosts.*.ip', '10.0.0.2', [1, 2]],
    ['hosts.0.ip', '10.0.0.2', [2]],
    ['owner.*', 'root', []],
    ['owner', null, [4]],
    ['owner.name', null, [4]],
    ['name.more.of.it', 'web', [3]],
  ])('%s = %j', (field, value, expected) => expect(ids([field, '=', value])).toEqual(expected))

  test('only own members are fields', () => {
    for (const field of ['__proto__', 'constructor', 'toString'])
      expect(ids([field, '!=', 'x'])).toEqual([])
    expect(query([{ o: {} }], [['o.constructor.name', '!=', 'x']])).toEqual([])
    const rows = decode('[{"__proto__":{"constructor":1}}]')
    expect(query(rows as object[], [['__proto__.constructor', '=', 1]])).toHaveLength(1)
  })

  test('instances of classes are opaque', () =>
    expect(query([{ x: new Map([['size', 1]]) }], [['x.size', '=', 1]])).toEqual([]))
})

describe('.$date', () => {
  test.each<[unknown, string, unknown, number[]]>([
    ['made.$date', '>', '2026-02-01T00:00:00+00:00', [3, 4, 5]],
    ['made.$date', '>=', '2026-02-01T00:00:00Z', [2, 3, 4, 5]],
    ['made.$date', '<', '20260201T020000+0200', [1]],
    ['made.$date', '<=', '2026-02-01', [1, 2]],
    ['made.$date', '=', '2026-03-01 01:00:00.000+01', [3, 4]],
    ['made.$date', '!=', '2026-03-01T00:00', [1, 2, 5]],
    ['2026-02-01T00:00:00Z', '<', 'made.$date', [3, 4, 5]],
  ])('%s %s %s', (left, operator, right, expected) =>
    expect(ids([left, operator, right])).toEqual(expected),
  )
})

describe('OR', () => {
  const is = (id: number) => ['id', '=', id]
  const or = (...branches: unknown[]) => ['OR', branches]

  test('one of the branches', () => expect(ids(or(is(1), is(3)))).toEqual([1, 3]))
  test('a branch of several filters', () =>
    expect(ids(or([is(1), ['name', '=', 'web']], [is(2)], is(5)))).toEqual([2, 5]))
  test('filters beside it are ANDed', () => expect(ids(or(is(1), is(2)), is(2))).toEqual([2]))
  test('nests three deep', () => expect(ids(or(or(or(is(1)), is(2))))).toEqual([1, 2]))
  test('no filters match all', () => expect(ids()).toEqual(ALL))
  test('what the web UI sends', () =>
    expect(ids(or(['name', '~', '(?i)BACK'], ['note', '~', '(?i)BACK']))).toEqual([1, 2]))
})

describe('refusals (docs/protocol/queries.md §6.3)', () => {
  const deep = ['OR', [['OR', [['OR', [['OR', [['id', '=', 1]]]]]]]]]

  test.each<[unknown, string]>([
    [['id', '==', 1], 'Invalid operation: =='],
    [['id', 'C', 1], 'Invalid operation: C'],
    [['id', 'CC=', 1], 'Invalid operation: CC='],
    [['id', null, 1], 'Invalid operation: None'],
    [['id', 'constructor', 1], 'Invalid operation: constructor'],
    [['AND', [['id', '=', 1]]], 'Invalid operation: AND'],
    [['id', 'C~', 'x'], 'Invalid case-insensitive operation: C~'],
    [['OR', []], 'OR filter requires at least one branch.'],
    [['OR', null], 'OR filter requires at least one branch.'],
    [['OR', 'id'], "Invalid filter ['OR', 'id']"],
    [['OR', [[]]], 'Invalid filter []'],
    [['id'], "Invalid filter ['id']"],
    [[1, null, true, "it's"], 'Invalid filter [1, None, True, "it\'s"]'],
    ['id', 'Invalid filter id'],
    [null, 'Invalid filter None'],
    [[7, '=', 1], "Invalid filter [7, '=', 1]"],
    [deep, 'query-filters max recursion depth exceeded'],
    [['made.$date', '^', '2026-01-01'], '^: invalid timestamp operation.'],
    [['made.$date', 'C~', '2026-01-01'], 'Invalid case-insensitive operation: C~'],
    [['made.$date', '=', 'soon'], 'soon: must be an ISO-8601 formatted timestamp string'],
    [['made.$date', '=', 1], '1: must be an ISO-8601 formatted timestamp string'],
    [
      ['made.$date', '=', '2026-02-30'],
      '2026-02-30: must be an ISO-8601 formatted timestamp string',
    ],
    // Moments before the year 1 and after 9999, in UTC.
    ...['0000-02-28', '0001-01-01T00:00+01:00', '9999-12-31T23:59:59-01:00'].map(
      (text): [unknown, string] => [
        ['made.$date', '=', text],
        `${text}: must be an ISO-8601 formatted timestamp string`,
      ],
    ),
    [
      ['made.$date', '=', '2026-13-01'],
      '2026-13-01: must be an ISO-8601 formatted timestamp string',
    ],
    [['made', '=', 'x.$date'], 'made: must be an ISO-8601 formatted timestamp string'],
    [['a..b', '=', 1], 'a..b: a field path may not have an empty part.'],
    [['name', '~', '('], 'Invalid regular expression: missing closing ): `(`'],
    [
      ['name', '~', '(?=a)'],
      'Invalid regular expression: invalid or unsupported Perl syntax: `(?=`',
    ],
    [['name', '~', 1], 'Invalid regular expression: it must be a string'],
    [
      ['name', '~', 'a'.repeat(513)],
      'Invalid regular expression: it may have at most 512 characters',
    ],
    [
      ['name', '~', '.{999}.{999}'],
      'Invalid regular expression: the patterns of this query are too complex: with repetitions written out they have more than 1000 instructions',
    ],
  ])('%j', (filter, message) => {
    const expected = { path: [], message: `Value error, ${message}` }
    expect(refusal(QueryFilters, [filter])).toEqual(expected)
    if (filter !== deep) expect(refusal(QueryFilters, [['OR', [filter]]])).toEqual(expected)
  })

  test('the first of several is told', () =>
    expect(refusal(QueryFilters, [['a'], ['b']])?.message).toBe(
      "Value error, Invalid filter ['a']",
    ))

  test('patterns share what a query may spend', () => {
    const filter = ['name', '~', 'a{400}']
    expect(QueryFilters.safeParse([filter, filter]).success).toBe(true)
    expect(QueryFilters.safeParse([filter, ['OR', [filter, filter]]]).success).toBe(false)
  })

  test('a long filter is cut', () =>
    expect(refusal(QueryFilters, [['x'.repeat(60_000)]])?.message.length).toBeLessThan(600))

  test('filters are a list, and none by default', () => {
    expect(QueryFilters.safeParse({}).success).toBe(false)
    expect(QueryFilters.safeParse(null).success).toBe(false)
    expect(QueryFilters.parse(undefined)).toEqual([])
  })
})

test('patterns that make other engines hang are done at once', () => {
  const rows = [{ x: 'a'.repeat(50_000) }, { x: `${'a'.repeat(50_000)}b` }]
  const found = (pattern: string) => query(rows, [['x', '~', pattern]])
  for (const pattern of ['(a+)+$', '(a|aa)+$', '(a*)*$']) expect(found(pattern)).toEqual([rows[0]])
  for (const pattern of ['(.*a){20}c', '(a?){50}b']) expect(found(pattern)).toEqual([])
})

test('rows are never changed', () => {
  const before = structuredClone(KEYS)
  ids(['name', 'Cin', ['WEB']], ['tags.*', '!=', 'x'])
  expect(KEYS).toEqual(before)
})
