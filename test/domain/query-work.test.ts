/** What a query may cost: counted in steps and instructions, which are the same on every machine. */
import fc from 'fast-check'
import { RE2JS } from 're2js'
import { describe, expect, it, test, vi } from 'vitest'
import { Fault } from '../../shared/domain/fault.ts'
import { MOST_CONDITIONS, QueryFilters } from '../../shared/domain/query/filters.ts'
import { QueryOptions } from '../../shared/domain/query/options.ts'
import { someAt, splitPath, valueAt } from '../../shared/domain/query/path.ts'
import {
  charge,
  FOLDED,
  MOST_INSTRUCTIONS,
  newBudget,
  sizeOf,
} from '../../shared/domain/query/pattern-size.ts'
import { fromPython } from '../../shared/domain/query/python-pattern.ts'
import { queryInTurns, runQuery } from '../../shared/domain/query/query.ts'
import { newWork, SLICE } from '../../shared/domain/query/work.ts'
import { refusal } from './query-rows.ts'

/** Pieces of RE2's syntax, and what only looks like it. */
const atom = fc.constantFrom(
  ...[
    'a',
    'k',
    'é',
    '😀',
    '.',
    '^',
    '$',
    '\\d',
    '\\b',
    '\\z',
    '\\.',
    '\\\\',
    '\\)',
    '\\x{41}',
    '\\101',
  ],
  ...['\\pL', '\\p{Greek}', '[a-z]', '[^]a]', '[\\]x]', '[[:alpha:]]', '[\\pL\\d]', '[a'],
  ...[
    '[A-[:a:]',
    '[^A-[:a:]',
    '[]-z]',
    '[a-]',
    '[--z]',
    '[^]-\\]]',
    '[\\d-a]',
    '[\\x{5D}-[:x:]',
    '[[:',
  ],
  ...['\\Qa{9}\\E', '\\Q\\E', '{', '}', '{,3}', ']', '(', ')', '(?i)', '(?s)', '(?)', '()'],
)
const repetition = fc.constantFrom(
  ...['', '', '*', '+', '?', '*?', '{3}', '{0,4}', '{2,}', '{2,5}?', '{0}', '{1,1}', '**'],
)
const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 4 },
    fc.tuple(atom, repetition).map((parts) => parts.join('')),
    fc.array(tie('pattern'), { maxLength: 4 }).map((parts) => parts.join('')),
    fc.array(tie('pattern'), { maxLength: 3 }).map((parts) => parts.join('|')),
    fc
      .tuple(fc.constantFrom('(', '(?:', '(?i:', '(?P<n>'), tie('pattern'), repetition)
      .map(([open, inner, times]) => `${open}${inner})${times}`),
  ),
}))

/** What a class is made of, with ranges that have many code points, and none that have cases. */
const bound = fc.oneof(
  fc.constantFrom(
    ...['A', 'B', '@', 'z', 'ÿ', '一', '龥', '𞥂', '𞥃', '𞥄', ']', '-', '\\]', '\\-', '\\n', '\\f'],
    ...['\\x41', '\\x{42}', '\\x{1e942}', '\\x{10FFFF}', '\\0', '\\101', '\\102', '\\377'],
  ),
  fc.integer({ min: 0, max: 0x10_ff_ff }).map((code) => `\\x{${code.toString(16)}}`),
)
const range = fc.oneof(
  fc.tuple(bound, bound).map(([low, high]) => `${low}-${high}`),
  bound,
  fc.constantFrom('-', '[', '\\pL', '\\PL', '\\D', '\\W', '[:^alpha:]', '[:word:]', 'A-[:a:'),
)
const folding = fc
  .tuple(
    fc.constantFrom('(?i)', '(?s-m)(?mi:', '(?i-s:x|', 'x(?i)', '(?-i:(?i)'),
    fc.array(fc.tuple(fc.constantFrom('', '^'), fc.array(range, { minLength: 1, maxLength: 3 })), {
      minLength: 1,
      maxLength: 3,
    }),
    fc.constantFrom('', '{0}', '+', '{3}'),
  )
  .map(([flags, classes, times]) => {
    const all = classes.map(([not, ranges]) => `[${not}${ranges.join('')}]${times}`).join('')
    return flags + all + (/\(\?[^()]*:/.test(flags) ? ')' : '')
  })

/** How often compiling looks for the other case of a code point; of one in a class up to four times. */
const foldsOf = (text: string): number => {
  let folds = 0
  const has = Map.prototype.has
  const spy = vi.spyOn(Map.prototype, 'has').mockImplementation(function (this: unknown, key) {
    if (typeof key === 'number') folds += 1
    return has.call(this as Map<unknown, unknown>, key)
  })
  try {
    RE2JS.compile(text)
  } catch {
    // What is refused has been read up to there.
  } finally {
    spy.mockRestore()
  }
  return folds
}

describe('a pattern', () => {
  it('is never larger than was told from its text', () => {
    let compiled = 0
    fc.assert(
      fc.property(pattern, (text) => {
        let size: number
        try {
          size = RE2JS.compile(text).programSize()
        } catch {
          return
        }
        compiled += 1
        expect(size).toBeLessThanOrEqual(sizeOf(text))
      }),
      { numRuns: 3000 },
    )
    expect(compiled).toBeGreaterThan(1000)
  })

  it.each([
    ['(a{0,1000})', 2013],
    ['(a{0,1000})'.repeat(46), 46 * 2003 + 10],
    ['((a{9}){9}){9}', 1010],
    ['nas-0*[0-9]{1,3}$', 24],
    ['\\pL+', 92],
    ['(?:\\pL\\pL){0}', 173],
    ['[A-[:a:]{900}]', 912],
    ['a{20}(?){20}', 431],
  ])('%s has a size that is known before it is compiled', (text, size) => {
    expect(sizeOf(text)).toBe(size)
  })

  it('folds no more code points than it was charged for', () => {
    expect(foldsOf('(?i)[一-龥]')).toBeGreaterThan(20_000)
    fc.assert(
      fc.property(fc.oneof(folding, pattern), (text) => {
        expect(foldsOf(text)).toBeLessThanOrEqual(4 * FOLDED * sizeOf(text))
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    '(?i)[B-𞥂]',
    '(?i)[B-𞥂]'.repeat(12),
    '(?i:x)[^\\x{42}-\\x{1E942}]',
    '[\\102-𞥂](?si)',
    '(?i)[B-𞥂\\Q]',
    '(?i)(?:[B-𞥂]){0}',
  ])('is not compiled where that folds too many: %s', (text) => {
    expect(charge(text, newBudget())).toMatch('too complex')
    expect(refusal(QueryFilters, [['name', '~', text]])?.message).toMatch('too complex')
  })

  it.each([
    ['(?i)[a-z0-9]+', 17],
    ['(?i)[à-ÿ]', 15],
    ['(?i)[一-龥]{1,20}', 472],
    ['(?i)[\\x{0}-\\x{10FFFF}]', 14],
    ['[B-𞥂]', 11],
  ])('is taken where that folds few or none: %s', (text, size) => {
    expect(charge(text, newBudget())).toBe(size)
    expect(refusal(QueryFilters, [['name', '~', text]])).toBeUndefined()
  })

  it('is not searched for one way only, which takes as long as the third power of its choices', () => {
    const onePass = (text: string): unknown => {
      const { re2Input } = RE2JS.compile(text) as unknown as { re2Input: { onepass: unknown } }
      return re2Input.onepass
    }
    expect(onePass('^a?b?$')).not.toBeNull()
    for (const text of [
      ...['^a?b?$', '\\Aa?b?\\z', '(?i)^a?$', '(?:^a?b?$)', '[^\\x{0}-\\x{10FFFF}]|^a?b?$'],
      ...['[^\\x{0}-\\x{10FFFF}A-[:a:]|^a?b?$', '[^\\x{0}-\\x{10FFFF}A-[:a:]|^a?[:x:]?$'],
    ])
      expect(onePass(fromPython(text)), text).toBeNull()
    fc.assert(
      fc.property(pattern, (text) => {
        const re2 = fromPython(`^${text}$`)
        try {
          RE2JS.compile(re2)
        } catch {
          return
        }
        expect(onePass(re2)).toBeNull()
      }),
    )
  })

  it('is charged with the others of its query, and not compiled when that is too much', () => {
    const budget = newBudget()
    expect(charge('a{400}', budget)).toBe(411)
    expect(charge('a{400}', budget)).toBe(411)
    expect(charge('a{400}', budget)).toMatch(`more than ${MOST_INSTRUCTIONS} instructions`)
    const filters = [
      ['name', '~', 'x'],
      ['OR', [['name', '~', '(a{0,1000}){0,1000}']]],
    ]
    // RE2 itself has something else against this one, and would say so.
    expect(refusal(QueryFilters, filters)?.message).toMatch('have more than 1000 instructions')
  })
})

test('conditions of a query are so many, wherever they stand', () => {
  const some = (many: number) => Array.from({ length: many }, () => ['id', '=', 1])
  expect(refusal(QueryFilters, some(MOST_CONDITIONS))).toBeUndefined()
  const why = `Value error, query-filters may have at most ${MOST_CONDITIONS} conditions`
  expect(refusal(QueryFilters, some(MOST_CONDITIONS + 1))?.message).toBe(why)
  expect(refusal(QueryFilters, [['OR', some(MOST_CONDITIONS)]])?.message).toBe(why)
})

describe('the work of a query', () => {
  const rows = Array.from({ length: 500 }, (_, id) => ({
    id,
    name: `key ${(id * 7919) % 500}`,
    at: id % 3 === 0 ? null : new Date(id),
    ids: Array.from({ length: 100 }, (_, n) => n),
  }))
  const stepsOf = async (filters: unknown[], options: object = {}) => {
    const work = newWork()
    await queryInTurns(rows, QueryFilters.parse(filters), QueryOptions.parse(options), work)
    return work.spent / rows.length
  }
  const many = (filter: unknown): unknown[] => Array.from({ length: 100 }, () => filter)

  it('grows with conditions, what they look at, sort keys and selectors', async () => {
    const one = await stepsOf([])
    expect(one).toBeLessThan(10)
    for (const filters of [
      many(['id', '>=', 0]),
      many(['nothing.at.all', '=', 1]).map((filter) => ['OR', [filter, ['id', '>=', 0]]]),
      [['ids', 'rin', 99]],
      [['ids.*', '=', 99]],
      [['at', 'nin', many(null)]],
      [['name', '~', 'a{250}|key']],
      [['name', '!=', 'x'], ...many(['name', 'C!=', 'x'])],
    ])
      expect(await stepsOf(filters), JSON.stringify(filters).slice(0, 60)).toBeGreaterThan(one + 90)
    const sorts = await stepsOf([], { order_by: Array.from({ length: 32 }, () => 'name') })
    expect(sorts).toBeGreaterThan(one + 32 * 5)
    expect(await stepsOf([], { select: many('name') })).toBeGreaterThan(one + 90)
  })

  it('ends with a clear refusal', async () => {
    const few = newWork(10_000)
    const query = queryInTurns(
      rows,
      QueryFilters.parse(many(['id', '>=', 0])),
      QueryOptions.parse({}),
      few,
    )
    await expect(query).rejects.toThrow(new Fault('QUERY_TOO_COSTLY', { most: 10_000 }))
  })

  it('is done in slices, between which others have their turns', async () => {
    const slices: number[] = []
    const work = newWork(undefined, (steps) => void slices.push(steps))
    let rounds = 0
    const round = (): void => {
      rounds += 1
      other = setImmediate(round)
    }
    let other = setImmediate(round)
    const options = QueryOptions.parse({ order_by: ['name', '-id'] })
    await queryInTurns(rows, QueryFilters.parse(many(['name', 'C!=', 'x'])), options, work)
    clearImmediate(other)
    expect(work.spent).toBeGreaterThan(10 * SLICE)
    expect(slices.length).toBeGreaterThan(5)
    // One row is never cut.
    expect(Math.max(...slices)).toBeLessThan(SLICE + 1000)
    expect(rounds).toBeGreaterThanOrEqual(slices.length)
  })

  it('has the same outcome in slices as at once', async () => {
    const options = {
      order_by: ['nulls_last:at', '-name'],
      select: ['id', 'name', 'at'],
      limit: 90,
    }
    const filters = QueryFilters.parse([['name', '~', 'key .*[1-7]']])
    const how = QueryOptions.parse(options)
    expect(await queryInTurns(rows, filters, how)).toEqual(runQuery(rows, filters, how))
  })

  it('does not grow with what a path says beyond a value', () => {
    let looked = 0
    const path = new Proxy(splitPath(`name${'.x'.repeat(20_000)}`) ?? [], {
      get(steps, step) {
        if (/^\d+$/.test(String(step))) looked += 1
        return Reflect.get(steps, step)
      },
    })
    expect(someAt(rows[0], path, (value) => value === 'key 0')).toBe(true)
    expect(valueAt(rows[0], path)).toBe('key 0')
    expect(looked).toBeLessThan(10)
  })
})
