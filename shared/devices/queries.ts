/** The devices that a `device.query` has to look at: a page in the order of ids costs what is on it. */

import { refOf } from '../domain/key.ts'
import { selectsOne } from '../domain/query/query.ts'
import type { Work } from '../domain/query/work.ts'
import { isSpanOnly, orderOf, type QueryOfTenant, spanOf, wantedOf } from '../keys/narrow.ts'
import type { Device, Devices } from '../store/devices.ts'

/** Rows of the devices that match, at least as many as the answer takes, in the order of ids. */
export const findDevices = async <R extends object>(
  devices: Devices,
  { tenant, filters, options }: QueryOfTenant,
  toRow: (device: Device) => R,
  isMatch: (row: R) => boolean,
  work: Work,
): Promise<R[]> => {
  const ids = selectsOne(filters, 'id')
  if (ids !== null) return (await devices.byNumbers(tenant, numbersOf(ids, tenant))).map(toRow)
  const span = spanOf(filters, tenant)
  if (span.from > span.to) return []
  const order = orderOf(options)
  const wanted = order?.by === 'id' ? wantedOf(filters, options) : null
  const descending = order?.by === 'id' && order.descending
  const most = wanted !== null && isSpanOnly(filters) ? wanted : undefined
  const rows: R[] = []
  for await (const device of devices.inRange(tenant, { ...span, descending, most })) {
    if (work.isDue()) await work.rest()
    const row = toRow(device)
    work.spend(1)
    if (isMatch(row)) rows.push(row)
    if (wanted !== null && rows.length >= wanted) break
  }
  return rows
}

// ---------------------------------------------------------------------------------------------

const numbersOf = (ids: readonly unknown[], tenant: number): number[] => {
  const refs = ids.map((id) => (typeof id === 'number' ? refOf(id) : null))
  const numbers = refs.flatMap((ref) => (ref?.tenant === tenant ? [ref.n] : []))
  return [...new Set(numbers)].sort((a, b) => a - b)
}
