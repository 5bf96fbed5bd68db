/** Filters against one row (docs/protocol/queries.md §6.1): "several are ANDed", an OR has any branch. */
import type { Filter, Filters } from './filters.ts'
import { someAt } from './path.ts'
import type { Work } from './work.ts'

/**
 * The test of a row that the filters make. A missing field never matches, not even with `!=`.
 * The test throws Fault NOT_COMPARABLE where values have no order (`>` on null).
 * @param work is charged for each row; without it nothing is counted.
 */
export const matches = (filters: Filters, work?: Work): RowTest => {
  const tests = filters.map((filter) => testOf(filter, work))
  return (row) => tests.every((test) => test(row))
}

// ---------------------------------------------------------------------------------------------

type RowTest = (row: object) => boolean

const testOf = (filter: Filter, work: Work | undefined): RowTest => {
  if (filter.kind === 'any') {
    const branches = filter.branches.map((branch) => matches(branch, work))
    return (row) => branches.some((isMatch) => isMatch(row))
  }
  const { path, test, steps } = filter
  if (work === undefined) return (row) => someAt(row, path, test)
  const counted = (value: unknown): boolean => {
    work.spend(1 + steps(value))
    return test(value)
  }
  return (row) => {
    // Also where the field is missing.
    work.spend(1)
    return someAt(row, path, counted)
  }
}
