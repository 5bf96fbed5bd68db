/**
 * The keys that an `api_key.query` has to look at: as few as the table's order allows, read page by page, and
 * no further than the answer needs. A page in the order of ids or names costs what is on it.
 */

import { refOf } from '../domain/key.ts'
import type { Filters } from '../domain/query/filters.ts'
import { selectsOne } from '../domain/query/query.ts'
import type { Work } from '../domain/query/work.ts'
import type { Parts } from '../parts.ts'
import type { ListedKey } from '../store/key-items.ts'
import {
  isKeyName,
  isNone,
  isSpanOnly,
  nameSpanOf,
  orderOf,
  type QueryOfTenant,
  type Span,
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
  for await (const key of found) {
    if (work.isDue()) await work.rest()
    const row = toRow(key)
    work.spend(1)
    if (isMatch(row)) rows.push(row)
    if (inOrder && wanted !== null && rows.length >= wanted) break
  }
  return rows
}

// ---------------------------------------------------------------------------------------------

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
  const order = orderOf(options)
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

  const names = order?.by === 'name' && most !== undefined ? nameSpanOf(filters) : null
  if (names !== null) {
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
    const few = byId ? most : undefined
    if (few !== undefined || (await hasFew(keys.ownedBy(tenant, user.uid), span)))
      return sorted(keys.ofOwner(tenant, user.uid, { ...range, most: few }))
  }
  const exactly = byId && isSpanOnly(filters) ? (wanted ?? undefined) : undefined
  return sorted(keys.inRange(tenant, { ...range, most: exactly }))
}

const hasFew = async (numbers: Promise<number[]>, { from, to }: Span): Promise<boolean> =>
  (await numbers).filter((n) => n >= from && n <= to).length <= SINGLY

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
