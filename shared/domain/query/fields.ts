/** Which fields a query looks at: what costs reads of its own needn't be read for a query that doesn't. */
import type { Filters } from './filters.ts'
import type { QueryOptions } from './options.ts'
import type { Path } from './path.ts'

/** Whether the answer can depend on a field: shown, filtered or sorted by. */
export const looksAt = (filters: Filters, options: QueryOptions, field: string): boolean => {
  const { select, order_by, count, get } = options
  const isIt = isOf(field)
  const showsAll = select.length === 0 && (get || !count)
  return showsAll || select.some(isIt) || order_by.some(isIt) || filtersBy(filters, isIt)
}

/** Whether a filter looks at a field. */
export const isFilteredBy = (filters: Filters, field: string): boolean =>
  filtersBy(filters, isOf(field))

// ---------------------------------------------------------------------------------------------

/** The empty path is the row itself. */
const isOf =
  (field: string) =>
  ({ path }: { path: Path }): boolean =>
    path.length === 0 || path[0] === field

const filtersBy = (filters: Filters, isOf: (by: { path: Path }) => boolean): boolean =>
  filters.some((filter) =>
    filter.kind === 'field'
      ? isOf(filter)
      : filter.branches.some((branch) => filtersBy(branch, isOf)),
  )
