/**
 * Query filters (docs/protocol/queries.md §6.1, §6.3): read, checked and compiled once, patterns included.
 * On the genuine server one validator sees the whole list, so there is one violation, the first,
 * and its attribute is the argument's name: our issues have an empty path.
 */
import * as z from 'zod'
import { folded, matching, OPERATORS, type Test } from './operators.ts'
import { emptyStep, type Path, splitPath } from './path.ts'
import { compilePattern, type Pattern } from './pattern.ts'
import { type Budget, newBudget } from './pattern-size.ts'
import { show } from './show.ts'
import { stepsOf } from './steps.ts'
import { readTimestamp } from './timestamp.ts'

/** `[field, operator, value]`, with the test that they make for the value at the path. */
export type FieldFilter = {
  readonly kind: 'field'
  readonly field: string
  readonly path: Path
  readonly operator: string
  readonly value: unknown
  readonly test: Test
  /** What the test costs on a value. */
  readonly steps: (source: unknown) => number
}
/** `["OR", [branch, …]]`: any branch, of which all filters hold. */
export type AnyFilter = { readonly kind: 'any'; readonly branches: readonly Filters[] }
export type Filter = FieldFilter | AnyFilter
/** All of them hold. */
export type Filters = readonly Filter[]

export const QueryFilters = z
  .array(z.unknown())
  .meta({
    description:
      'Conditions, all of which hold: `[field, operator, value]`, or `["OR", [condition, …]]`.',
    examples: [
      [['name', '=', 'backup']],
      [
        [
          'OR',
          [
            ['name', '~', '(?i)nas'],
            ['username', '=', 'root'],
          ],
        ],
      ],
    ],
  })
  .transform((list, context): Filters => {
    const filters = readAll(list, 0, { ...newBudget(), conditions: MOST_CONDITIONS })
    if (!isRefusal(filters)) return filters
    context.addIssue({ code: 'custom', message: `Value error, ${filters.refused}` })
    return z.NEVER
  })
  .prefault([])

// ---------------------------------------------------------------------------------------------

/** "ORs nest to depth 3." */
const DEEPEST = 3
/** Ours, as each is work for every row. */
export const MOST_CONDITIONS = 1000
/** What the query has left to say. */
type Left = Budget & { conditions: number }
const DATE = '.$date'

type Refusal = { readonly refused: string }
const refuse = (text: string): Refusal => ({ refused: text.toWellFormed() })
const isRefusal = (read: object): read is Refusal => 'refused' in read

const readAll = (list: readonly unknown[], depth: number, left: Left): Filters | Refusal => {
  if (depth > DEEPEST) return refuse('query-filters max recursion depth exceeded')
  const filters: Filter[] = []
  for (const item of list) {
    const filter = readOne(item, depth, left)
    if (isRefusal(filter)) return filter
    filters.push(filter)
  }
  return filters
}

const readOne = (item: unknown, depth: number, left: Left): Filter | Refusal => {
  left.conditions -= 1
  if (left.conditions < 0)
    return refuse(`query-filters may have at most ${MOST_CONDITIONS} conditions`)
  if (Array.isArray(item) && item.length === 2) return readOr(item, depth, left)
  if (Array.isArray(item) && item.length === 3) return readField(item, left)
  return refuse(`Invalid filter ${show(item)}`)
}

const readOr = (item: readonly unknown[], depth: number, left: Left): Filter | Refusal => {
  const [word, list] = item
  if (word !== 'OR') return refuse(`Invalid operation: ${show(word)}`)
  if (!list || (Array.isArray(list) && list.length === 0))
    return refuse('OR filter requires at least one branch.')
  if (!Array.isArray(list)) return refuse(`Invalid filter ${show(item)}`)
  const branches: Filters[] = []
  for (const branch of list) {
    // A branch of several filters is known by its first item, a list.
    const isSeveral = Array.isArray(branch) && Array.isArray(branch[0])
    const filters = readAll(isSeveral ? branch : [branch], depth + 1, left)
    if (isRefusal(filters)) return filters
    branches.push(filters)
  }
  return { kind: 'any', branches }
}

const readField = (item: readonly unknown[], left: Left): Filter | Refusal => {
  const [field, operator, value] = item
  if (operator === 'C~') return refuse('Invalid case-insensitive operation: C~')
  if (typeof operator !== 'string' || !isOperator(bare(operator)))
    return refuse(`Invalid operation: ${show(operator)}`)
  if (typeof field !== 'string') return refuse(`Invalid filter ${show(item)}`)
  if (isDated(field) || isDated(value)) return readDated(field, operator, value)
  if (operator !== '~') return fieldFilter(field, operator, value)
  const pattern = compilePattern(value, left)
  if (typeof pattern === 'string') return refuse(pattern)
  return fieldFilter(field, operator, value, pattern)
}

/**
 * "A trailing `.$date` on either operand compares a datetime with an ISO-8601 string". With the
 * text on the left, `[text, '<', 'field.$date']`, the genuine server passes the check and then
 * fails on every row; here the sides are swapped.
 */
const readDated = (field: string, operator: string, value: unknown): Filter | Refusal => {
  const mirrored = MIRRORED.get(bare(operator))
  if (mirrored === undefined) return refuse(`${bare(operator)}: invalid timestamp operation.`)
  const [dated, text] = isDated(field) ? [field, value] : [String(value), field]
  const moment = readTimestamp(text)
  if (moment === null)
    return refuse(`${show(text)}: must be an ISO-8601 formatted timestamp string`)
  return dated === field
    ? fieldFilter(field, operator, moment)
    : fieldFilter(dated, operator.startsWith('C') ? `C${mirrored}` : mirrored, moment)
}

const MIRRORED: ReadonlyMap<string, string> = new Map([
  ['=', '='],
  ['!=', '!='],
  ['>', '<'],
  ['>=', '<='],
  ['<', '>'],
  ['<=', '>='],
])

const isDated = (operand: unknown): operand is string =>
  typeof operand === 'string' && operand.endsWith(DATE)

const bare = (operator: string): string => (operator.startsWith('C') ? operator.slice(1) : operator)

const isOperator = (name: string): boolean => name === '~' || OPERATORS.has(name)

/** The last step of `field.$date` needs no care: beyond a scalar, steps are ignored. */
const fieldFilter = (
  field: string,
  operator: string,
  value: unknown,
  pattern?: Pattern,
): Filter | Refusal => {
  const path = splitPath(field)
  if (path === null) return refuse(emptyStep(show(field)))
  const test = pattern ? matching(pattern.matches) : testOf(operator, value)
  if (test === undefined) return refuse(`Invalid operation: ${operator}`)
  const steps = stepsOf(operator, value, pattern?.instructions ?? 0)
  return { kind: 'field', field, path, operator, value, test, steps }
}

const testOf = (operator: string, value: unknown): Test | undefined => {
  const make = OPERATORS.get(bare(operator))
  return operator.startsWith('C') ? make && folded(make, value) : make?.(value)
}
