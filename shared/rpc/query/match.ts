/** Filters against one row (PROTOCOL 6.1): "several are ANDed", an OR has any branch. */
import type { Filter, Filters } from './filters.ts'
import { someAt } from './path.ts'

/**
 * The test of a row that the filters make. A missing field never matches, not even with `!=`.
 * The test throws Fault NOT_COMPARABLE where values have no order (`>` on null).
 */
export const matches =
  (filters: Filters): ((row: object) => boolean) =>
  (row) =>
    filters.every((filter) => holds(filter, row))

// ---------------------------------------------------------------------------------------------

const holds = (filter: Filter, row: object): boolean => {
  switch (filter.kind) {
    case 'field':
      return someAt(row, filter.path, filter.test)
    case 'any':
      return filter.branches.some((branch) => branch.every((inner) => holds(inner, row)))
  }
}
