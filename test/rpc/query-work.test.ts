/** What a query may cost: counted in steps and instructions, which are the same on every machine. */
import fc from 'fast-check'
import { RE2JS } from 're2js'
import { describe, expect, it, test } from 'vitest'
import { Fault } from '../../shared/fault.ts'
import { MOST_CONDITIONS, QueryFilters } from '../../shared/rpc/query/filters.ts'
import { QueryOptions } from '../../shared/rpc/query/options.ts'
import { someAt, splitPath, valueAt } from '../../shared/rpc/query/path.ts'
import {
  charge,
  MOST_INSTRUCTIONS,
  newBudget,
  sizeOf,
} from '../../shared/rpc/query/pattern-size.ts'
import { queryInTurns, runQuery } from '../../shared/rpc/query/query.ts'
import { newWork, SLICE } from '../../shared/rpc/query/work.ts'
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
  ...['\\Qa{9}\\E', '\\Q\\E', '{', '}', '{,3}', ']', '(', ')', '(?i)', '(?s)', '()'],
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
  ])('%s has a size that is known before it is compiled', (text, size) => {
    expect(sizeOf(text)).toBe(size)
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
