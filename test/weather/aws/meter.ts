/**
 * What each partition gives: 3000 read and 1000 write units a second (DynamoDB developer guide, "Burst and
 * adaptive capacity"), for each partition key, and for each of the four physical partitions that a new on-demand
 * table has. One second's units may come at once and no more: the five minutes of burst that DynamoDB may give are
 * not promised, so nothing may need them.
 */
import { createHash } from 'node:crypto'
import { type ItemKey, kindOf } from './read-request.ts'

export const READ_UNITS = 3000
export const WRITE_UNITS = 1000
const BURST_SECONDS = 1

type Way = 'read' | 'write'
type Most = { readonly pk: string; readonly units: number }

/** @param partitions physical ones; null for a table that has grown, where only keys have a bound. */
export const createMeter = (now: () => number, partitions: number | null) => {
  const levels = new Map<string, { level: number; at: number }>()
  const counted = new Map<string, { reads: number; writes: number }>()
  /** Units of each partition key, in each second and in all. */
  const seconds = new Map<string, number>()
  const totals = new Map<string, number>()
  /** Partition keys that give less than the others. */
  const choked = new Map<string, number>()

  const bucket = (name: string, rate: number) => {
    const most = rate * BURST_SECONDS
    const known = levels.get(name) ?? { level: most, at: now() }
    known.level = Math.min(most, known.level + ((now() - known.at) * rate) / 1000)
    known.at = now()
    levels.set(name, known)
    return known
  }

  const buckets = (way: Way, pk: string) => {
    const rate = way === 'read' ? READ_UNITS : WRITE_UNITS
    const all = [bucket(`${way} ${pk}`, choked.get(pk) ?? rate)]
    if (partitions !== null)
      all.push(bucket(`${way} of partition ${physical(pk, partitions)}`, rate))
    return all
  }

  return {
    /** Whether a partition has something left. */
    hasLeft: (way: Way, pk: string): boolean => buckets(way, pk).every(({ level }) => level > 0),

    /** Takes units for an item, even if they aren't there: what comes next waits. */
    take(way: Way, item: ItemKey, units: number): void {
      for (const one of buckets(way, item.pk)) one.level -= units
      const kind = kindOf(item)
      const sum = counted.get(kind) ?? { reads: 0, writes: 0 }
      sum[way === 'read' ? 'reads' : 'writes'] += units
      counted.set(kind, sum)
      const second = `${way} ${item.pk} ${Math.floor(now() / 1000)}`
      seconds.set(second, (seconds.get(second) ?? 0) + units)
      totals.set(`${way} ${item.pk}`, (totals.get(`${way} ${item.pk}`) ?? 0) + units)
    },

    /** From now on a partition key gives no more than that: so that less load stands for more. */
    choke: (pk: string, unitsASecond: number): void => void choked.set(pk, unitsASecond),

    /** Units by kind of item. */
    byKind: (): Readonly<Record<string, { reads: number; writes: number }>> =>
      Object.fromEntries([...counted].sort(([a], [b]) => (a < b ? -1 : 1))),

    /** The partition key that had most units in one second, and how many. */
    peak: (way: Way): Most => mostOf(seconds, way),
    /** The one that had most of all since the last reset. */
    most: (way: Way): Most => mostOf(totals, way),
    reset: (): void => {
      seconds.clear()
      totals.clear()
    },
  }
}

export type Meter = ReturnType<typeof createMeter>

// ---------------------------------------------------------------------------------------------

const mostOf = (sums: ReadonlyMap<string, number>, way: Way): Most => {
  let most = { pk: '', units: 0 }
  for (const [name, units] of sums) {
    const [of, pk = ''] = name.split(' ')
    if (of === way && units > most.units) most = { pk, units }
  }
  return most
}

const physical = (pk: string, partitions: number): number =>
  createHash('md5').update(pk).digest().readUInt32BE(0) % partitions
