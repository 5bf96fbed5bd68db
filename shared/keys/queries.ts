/**
 * The keys that an `api_key.query` has to look at: as few as the table's order allows, read page by page, and
 * no further than the answer needs. A page in the order of ids or names costs what is on it. What takes more than
 * one call may look at is refused.
 */

import { refOf } from '../domain/key.ts'
import { type Bound, MOST_ROWS, upTo } from '../domain/query/bound.ts'
import type { Filters } from '../domain/query/filters.ts'
import { selectsOne } from '../domain/query/query.ts'
import type { Work } from '../domain/query/work.ts'
import type { Parts } from '../parts.ts'
import type { ListedKey } from '../store/key-items.ts'
import {
  isKeyName,
  isNone,
  isOwnersSpanOnly,
  isSpanOnly,
  nameSpanOf,
  orderOf,
  type QueryOfTenant,
  soleOwner,
  spanOf,
  wantedOf,
} from './narrow.ts'

type Reads = Pick<Parts, 'keys' | 'users'>

/** Beyond so many, ranges are read: a key by itself costs a read unit, sixteen in a range cost one. */
const SINGLY = 1000

/**
 * Rows of the keys that match, at least as many as the answer takes: in its order if that is by ids or names, otherwise
 * in the order of ids.
 * @param toRow what a key looks like to the caller.
 * @param isMatch the filters' test, which is charged to `work`.
 * @throws Fault QUERY_TOO_WIDE where more keys would have to be looked at than one call may.
 */
export const findRows = async <R extends object>(
  reads: Reads,
  asked: QueryOfTenant,
  toRow: (key: ListedKey) => R,
  isMatch: (row: R) => boolean,
  work: Work,
): Promise<R[]> => {
  const { found, inOrder, wanted } = await candidates(reads, asked)
  const rows: R[] = []
  for await (const key of upTo(KEYS, found)) {
    if (work.isDue()) await work.rest()
    const row = toRow(key)
    work.spend(1)
    if (isMatch(row)) rows.push(row)
    if (inOrder && wanted !== null && rows.length >= wanted) break
  }
  return rows
}

// ---------------------------------------------------------------------------------------------

const KEYS: Bound = {
  most: MOST_ROWS,
  rows: 'keys',
  advice:
    'Ask for those of an `id`, `name` or `username` (=), or for a page in the order of `id` or `name` with a `limit`; or go through all of them by ranges of `id`, such as [["id", ">", 1000005000], ["id", "<=", 1000010000]].',
}

type Candidates = {
  readonly found: AsyncIterable<ListedKey> | Iterable<ListedKey>
  /** Whether they come in the order in which the answer has them. */
  readonly inOrder: boolean
  readonly wanted: number | null
}

const candidates = async (
  { keys, users }: Reads,
  { tenant, filters, options }: QueryOfTenant,
): Promise<Candidates> => {
  const order = orderOf(options, ['id', 'name'])
  const wanted = wantedOf(filters, options)
  const most = order !== null && wanted !== null && wanted <= SINGLY ? wanted : undefined
  const byId = order?.by === 'id'
  const descending = byId && order.descending
  const sorted = (found: Candidates['found']): Candidates => ({ found, inOrder: byId, wanted })

  const points = await pointsOf({ keys }, tenant, filters)
  if (points !== null) {
    const numbers = [...new Set(points)].sort((a, b) => (descending ? b - a : a - b))
    return sorted(await keys.byNumbers(tenant, numbers))
  }

  const names = order?.by === 'name' ? nameSpanOf(filters) : null
  if (names !== null && most !== undefined) {
    if (isNone(names)) return { found: [], inOrder: true, wanted }
    const found = keys.byName(tenant, { ...names, descending: order?.descending ?? false, most })
    return { found, inOrder: true, wanted }
  }

  const span = spanOf(filters, tenant)
  if (span.from > span.to) return sorted([])
  const range = { ...span, descending }
  const owner = soleOwner(filters)
  if (owner !== null) {
    const user = await users.get(tenant, owner)
    if (user === null || user.deleted) return sorted([])
    if (byId && most !== undefined && isOwnersSpanOnly(filters, owner))
      return sorted(keys.ofOwner(tenant, user.uid, { ...range, most }))
    const numbers = await keys.ownedFrom(tenant, user.uid, span.from, SINGLY + 1, span.to)
    if (numbers.length <= SINGLY)
      return sorted(await keys.byNumbers(tenant, descending ? numbers.reverse() : numbers))
  }
  const isExact = byId && wanted !== null && isSpanOnly(filters)
  // One more than it looks at tells whether there are more.
  const exactly = isExact ? Math.min(wanted, MOST_ROWS + 1) : undefined
  return sorted(keys.inRange(tenant, { ...range, most: exactly }))
}

/** Numbers of the only keys that can match, where filters name them by id or by name; else null. */
const pointsOf = async (
  { keys }: Pick<Reads, 'keys'>,
  tenant: number,
  filters: Filters,
): Promise<readonly number[] | null> => {
  const ids = selectsOne(filters, 'id')
  if (ids !== null)
    return ids.flatMap((id) => {
      const ref = typeof id === 'number' ? refOf(id) : null
      return ref?.tenant === tenant ? [ref.n] : []
    })
  const names = selectsOne(filters, 'name')
  return names === null || names.length > SINGLY
    ? null
    : keys.named(tenant, names.filter(isKeyName))
}
