/** The devices that a `device.query` has to look at: a page in the order of ids costs what is on it. */

import { refOf } from '../domain/key.ts'
import { type Bound, upTo } from '../domain/query/bound.ts'
import { selectsOne } from '../domain/query/query.ts'
import type { Work } from '../domain/query/work.ts'
import {
  isKeyName,
  isSpanOnly,
  orderOf,
  type QueryOfTenant,
  spanOf,
  wantedOf,
} from '../keys/narrow.ts'
import type { Parts } from '../parts.ts'
import type { Device } from '../store/devices.ts'

type Reads = Pick<Parts, 'devices' | 'keys'>

/** Rows of the devices that match, at least as many as the answer takes, in the order of ids. @throws Fault QUERY_TOO_WIDE. */
export const findDevices = async <R extends object>(
  { devices, keys }: Reads,
  { tenant, filters, options }: QueryOfTenant,
  toRow: (device: Device) => R,
  isMatch: (row: R) => boolean,
  work: Work,
): Promise<R[]> => {
  const numbers = await pointsOf(keys, { tenant, filters })
  if (numbers !== null) return (await devices.byNumbers(tenant, numbers)).map(toRow)
  const span = spanOf(filters, tenant)
  if (span.from > span.to) return []
  const order = orderOf(options, ['id'])
  const wanted = order === null ? null : wantedOf(filters, options)
  const descending = order?.descending ?? false
  const most = wanted !== null && isSpanOnly(filters) ? Math.min(wanted, MOST + 1) : undefined
  const rows: R[] = []
  for await (const device of upTo(
    DEVICES,
    devices.inRange(tenant, { ...span, descending, most }),
  )) {
    if (work.isDue()) await work.rest()
    const row = toRow(device)
    work.spend(1)
    if (isMatch(row)) rows.push(row)
    if (wanted !== null && rows.length >= wanted) break
  }
  return rows
}

// ---------------------------------------------------------------------------------------------

/** Fewer than of keys, since the key of each and when it was seen are read one by one. */
const MOST = 2000
/** Names of one query, each of which is read by itself. */
const NAMES = 1000

const DEVICES: Bound = {
  most: MOST,
  rows: 'devices',
  advice:
    'Ask for those of an `id` or `name` (=), or for a page in the order of `id` with a `limit`; or go through all of them by ranges of `id`.',
}

/** Numbers of the only devices that can match, in order, where filters name them by id or by name; else null. */
const pointsOf = async (
  keys: Reads['keys'],
  { tenant, filters }: Pick<QueryOfTenant, 'tenant' | 'filters'>,
): Promise<number[] | null> => {
  const ids = selectsOne(filters, 'id')
  const names = selectsOne(filters, 'name')
  if (ids !== null) {
    const refs = ids.map((id) => (typeof id === 'number' ? refOf(id) : null))
    return inOrder(refs.flatMap((ref) => (ref?.tenant === tenant ? [ref.n] : [])))
  }
  if (names === null || names.length > NAMES) return null
  return inOrder(await keys.named(tenant, names.filter(isKeyName)))
}

const inOrder = (numbers: readonly number[]): number[] =>
  [...new Set(numbers)].sort((a, b) => a - b)
