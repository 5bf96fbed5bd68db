/**
 * The option `order_by` (docs/protocol/queries.md §6.2): "the sorts are applied one after the other with a stable
 * sort, so the last key is the primary one"; "`-field` descending; `nulls_first:[-]field`,
 * `nulls_last:[-]field`". A missing field sorts as null.
 */
import { type Path, splitPath, valueAt } from './path.ts'
import { compare } from './values.ts'
import type { Work } from './work.ts'

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

/**
 * A sorted copy. Pauses where others are to have a turn.
 * @throws Fault NOT_COMPARABLE for nulls without a place, and for mixed types.
 */
export function* inOrder<T extends object>(
  rows: readonly T[],
  keys: readonly SortKey[],
  work: Work,
): Generator<void, T[]> {
  let sorted = [...rows]
  for (const key of keys) sorted = yield* sortBy(sorted, key, work)
  return sorted
}

// ---------------------------------------------------------------------------------------------

type Entry<T> = { readonly row: T; readonly value: unknown }

function* sortBy<T>(
  rows: readonly T[],
  { path, isDescending, nulls }: SortKey,
  work: Work,
): Generator<void, T[]> {
  const entries = rows.map((row) => ({ row, value: valueAt(row, path) }))
  const placed = nulls === null ? [] : entries.filter(({ value }) => value === null)
  const rest = nulls === null ? entries : entries.filter(({ value }) => value !== null)
  // Descending as Python does it, so that a TypeError names the same pair: turned round twice.
  const sorted = yield* isDescending ? reversed(rest, work) : sortStable(rest, work)
  return (nulls === 'first' ? [...placed, ...sorted] : [...sorted, ...placed]).map(({ row }) => row)
}

function* reversed<T>(entries: readonly Entry<T>[], work: Work): Generator<void, Entry<T>[]> {
  return (yield* sortStable(entries.toReversed(), work)).toReversed()
}

/** Merges runs, first of one entry each. */
function* sortStable<T>(entries: readonly Entry<T>[], work: Work): Generator<void, Entry<T>[]> {
  for (const [at, entry] of entries.entries()) {
    const before = entries[at - 1]
    if (before !== undefined) isLess(entry, before, work)
    if (work.isDue()) yield
  }
  let from = [...entries]
  for (let run = 1; run < entries.length; run *= 2) {
    const to: Entry<T>[] = []
    for (let start = 0; start < from.length; start += 2 * run) {
      let [left, right] = [start, start + run]
      const [end, last] = [Math.min(right, from.length), Math.min(right + run, from.length)]
      while (left < end || right < last) {
        // Of equal ones that on the left comes first.
        const takesRight = right < last && (left >= end || isLess(from[right], from[left], work))
        to.push(from[takesRight ? right++ : left++] as Entry<T>)
        if (work.isDue()) yield
      }
    }
    from = to
  }
  return from
}

/** Texts that begin alike are looked at for long. */
const COMPARISON = 3

const isLess = <T>(x: Entry<T> | undefined, y: Entry<T> | undefined, work: Work): boolean => {
  work.spend(COMPARISON)
  return compare(x?.value, '<', y?.value)
}
