/**
 * The option `order_by` (PROTOCOL 6.2): "the sorts are applied one after the other with a stable
 * sort, so the last key is the primary one"; "`-field` descending; `nulls_first:[-]field`,
 * `nulls_last:[-]field`". A missing field sorts as null.
 */
import { type Path, splitPath, valueAt } from './path.ts'
import { compare } from './values.ts'

export type SortKey = {
  readonly path: Path
  readonly isDescending: boolean
  /** Where nulls go; null if they aren't expected, and meeting one is an error. */
  readonly nulls: 'first' | 'last' | null
}

/** Reads one item of `order_by`; null if its path has an empty part. */
export const readSortKey = (text: string): SortKey | null => {
  const [, nulls = null, minus, field = ''] = /^(?:nulls_(first|last):)?(-)?(.*)$/s.exec(text) ?? []
  const path = splitPath(field)
  return path && { path, isDescending: minus !== undefined, nulls: nulls as SortKey['nulls'] }
}

/** A sorted copy. @throws Fault NOT_COMPARABLE for nulls without a place, and for mixed types. */
export const inOrder = <T extends object>(rows: readonly T[], keys: readonly SortKey[]): T[] =>
  keys.reduce<T[]>((sorted, key) => sortBy(sorted, key), [...rows])

// ---------------------------------------------------------------------------------------------

type Entry<T> = { readonly row: T; readonly value: unknown }

const sortBy = <T>(rows: readonly T[], { path, isDescending, nulls }: SortKey): T[] => {
  const entries = rows.map((row) => ({ row, value: valueAt(row, path) }))
  const placed = nulls === null ? [] : entries.filter(({ value }) => value === null)
  const rest = nulls === null ? entries : entries.filter(({ value }) => value !== null)
  const sorted = sortStable(rest, isDescending)
  return (nulls === 'first' ? [...placed, ...sorted] : [...sorted, ...placed]).map(({ row }) => row)
}

/** Descending as Python does it, so that a TypeError names the same pair: turned round twice. */
const sortStable = <T>(entries: readonly Entry<T>[], isDescending: boolean): Entry<T>[] => {
  if (isDescending) return sortStable(entries.toReversed(), false).toReversed()
  entries.forEach((entry, at) => {
    const before = entries[at - 1]
    if (before !== undefined) compare(entry.value, '<', before.value)
  })
  return entries.toSorted((x, y) => {
    if (compare(x.value, '<', y.value)) return -1
    return compare(y.value, '<', x.value) ? 1 : 0
  })
}
