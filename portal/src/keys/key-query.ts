/** What is asked of `api_key.query`: which keys, in which order, and from where on (docs/protocol/queries.md §6). */
import type { ApiKey, Filter, Filters } from '../../../client/index.ts'

/** What people read of a key: all but secrets and what those are made with. So a member that keys get doesn't compile until
 * filters and columns have it, or leave it out. */
export type Readable = Exclude<
  keyof ApiKey,
  'keyhash' | 'iterations' | 'salt' | 'stored_key' | 'server_key' | 'key' | 'client_key'
>

export type SortField = 'id' | 'name' | 'username' | 'revoked' | 'expires_at'
export type Sort = { readonly field: SortField; readonly descending: boolean }

export type KeyQuery = {
  /** Only this user's keys: the service finds them without looking at others. */
  readonly username: string | null
  readonly filters: Filters
  readonly sort: Sort
}

/** Newest first, as TrueNAS shows them. Ids are given in the order of creation. */
export const NEWEST: Sort = { field: 'id', descending: true }

/** True if the service can answer page by page without reading more than the page. */
export const isDirect = ({ username, filters, sort }: KeyQuery): boolean =>
  filters.length === 0 && (sort.field === 'id' || (sort.field === 'name' && username === null))

/** `order_by`, of which the last counts most. Keys that never expire come after all that do. */
export const orderBy = ({ field, descending }: Sort): string[] => {
  const sign = descending ? '-' : ''
  if (field === 'id' || field === 'name') return [`${sign}${field}`]
  return ['id', `${descending ? 'nulls_first' : 'nulls_last'}:${sign}${field}`]
}

/** Filters that leave in what comes behind a key in the order of `orderBy`. */
export const behind = ({ field, descending }: Sort, last: ApiKey): Filters => {
  const further = descending ? '<' : '>'
  if (field === 'id' || field === 'name') return [[field, further, last[field]]]
  const value = last[field]
  const tie: Filters = [
    [field, '=', value],
    ['id', '>', last.id],
  ]
  // Null has no order: each comparison stands behind a condition that keeps nulls from it.
  if (value === null) return descending ? [['OR', [[field, '!=', null], tie]]] : tie
  const beyond: Filters = [
    [field, '!=', null],
    [field, further, value],
  ]
  const never: Filter = [field, '=', null]
  return [['OR', descending ? [beyond, tie] : [beyond, tie, never]]]
}

/** Compares as the service sorts: for keys of several answers that are put together. */
export const compare =
  ({ field, descending }: Sort) =>
  (a: ApiKey, b: ApiKey): number => {
    const order = compareValues(a[field], b[field])
    if (order !== 0) return descending ? -order : order
    return a.id - b.id
  }

/** Text in the name or the user's name, whatever the case, and as it stands: no pattern. */
export const containing = (text: string): Filters =>
  text === ''
    ? []
    : [
        [
          'OR',
          [
            ['name', 'Crin', text],
            ['username', 'Crin', text],
          ],
        ],
      ]

// ---------------------------------------------------------------------------------------------

type Value = string | number | boolean | Date | null

const compareValues = (a: Value, b: Value): number => {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  if (typeof a === 'string' && typeof b === 'string') return byCodePoint(a, b)
  return Number(a) - Number(b)
}

/** As the service orders text; JavaScript's `<` goes by UTF-16 units. */
const byCodePoint = (a: string, b: string): number => {
  const left = [...a]
  const right = [...b]
  const at = left.findIndex((character, index) => character !== right[index])
  if (at === -1) return left.length - right.length
  return (left[at]?.codePointAt(0) ?? -1) - (right[at]?.codePointAt(0) ?? -1)
}
