/** A query over rows in memory (docs/protocol/queries.md §6): filter, select, sort, cut, in that order. */
import { Fault } from '../fault.ts'
import type { Filters } from './filters.ts'
import { matches } from './match.ts'
import type { QueryOptions } from './options.ts'
import { inOrder } from './order.ts'
import { pick } from './select.ts'
import { newWork, type Work } from './work.ts'

/**
 * The matching rows; with `count` their number, with `get` the first of them. "`select` runs
 * before `order_by`, so sorting on an unselected field fails." Rows are never changed.
 * @throws Fault MATCH_NOT_FOUND if `get` finds nothing, NOT_COMPARABLE where Python would fail, QUERY_TOO_COSTLY.
 */
export const runQuery = <T extends object>(
  rows: readonly T[],
  filters: Filters,
  options: QueryOptions,
): Answer<T> => {
  const steps = stepThrough(rows, filters, options, newWork())
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** The same for rows of any number: others have their turns as it goes. @param work what was done for it already. */
export const queryInTurns = async <T extends object>(
  rows: readonly T[],
  filters: Filters,
  options: QueryOptions,
  work = newWork(),
): Promise<Answer<T>> => {
  const steps = stepThrough(rows, filters, options, work)
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
    await work.rest()
  }
}

/** One row as `get_instance` shows it: whole, or what `select` says of it; with `count` it is 1. */
export const showOne = <T extends object>(row: T, options: QueryOptions): T | Partial<T> | number =>
  runQuery([row], [], { ...options, get: true }) as T | Partial<T> | number

/**
 * The only values that a field can have in a match, if a filter says so (`=`, or `in` with a list),
 * without repetitions; otherwise null. Lets a caller read rows by key before `runQuery` filters
 * them. A boolean also comes as its number, since `true == 1` in Python.
 */
export const selectsOne = (filters: Filters, field: string): readonly unknown[] | null => {
  for (const filter of filters) {
    if (filter.kind !== 'field' || filter.field !== field) continue
    const { operator, value } = filter
    if (operator === '=') return distinct([value])
    if (operator === 'in' && Array.isArray(value)) return distinct(value)
  }
  return null
}

// ---------------------------------------------------------------------------------------------

export type Answer<T> = T[] | Partial<T>[] | T | Partial<T> | number

/** A row that is looked at, beside what is looked for. */
const ROW = 5

/** Pauses where others are to have a turn. */
function* stepThrough<T extends object>(
  rows: readonly T[],
  filters: Filters,
  options: QueryOptions,
  work: Work,
): Generator<void, Answer<T>> {
  const { select, order_by, offset, limit } = options
  const isMatch = matches(filters, work)
  const selected = (row: T): T | Partial<T> =>
    select.length === 0 ? row : (pick(row, select) as Partial<T>)
  // Before `count`, as on the genuine server; and rows past the first match are never looked at.
  const isFirst = options.get && filters.length > 0 && order_by.length === 0

  const found: (T | Partial<T>)[] = []
  for (const row of rows) {
    if (work.isDue()) yield
    work.spend(ROW)
    if (isMatch(row)) {
      work.spend(select.length)
      found.push(selected(row))
      if (isFirst) break
    }
  }
  if (isFirst) return first(found[0])
  if (options.count) return found.length
  const sorted = yield* inOrder(found, order_by, work)
  if (options.get) return first(sorted[0])
  return sorted.slice(offset, limit === 0 ? undefined : offset + limit) as Answer<T>
}

const first = <R>(row: R | undefined): R => {
  if (row === undefined) throw new Fault('MATCH_NOT_FOUND')
  return row
}

const distinct = (values: readonly unknown[]): readonly unknown[] => [
  ...new Set(
    values.flatMap((value) => (typeof value === 'boolean' ? [value, Number(value)] : [value])),
  ),
]
