/** (d) All of it: latencies in rounds, then what was read for them, then sweeps. */

import { type How, measureInRounds, type Rounds } from '../run/rounds.ts'
import type { Subject } from '../run/subject.ts'
import { scaleSubjects, startCheck, startQuery } from './subjects.ts'
import { measureSweeps, type Sweep } from './sweeps.ts'
import { closeTables, openTables, type Table } from './tables.ts'
import { type Units, unitsOf } from './units.ts'

export type Scale = {
  readonly subjects: readonly Subject[]
  readonly rounds: Rounds
  /** By size: what one check, and one page, asked of DynamoDB. */
  readonly asked: readonly { readonly size: number; readonly check: Units; readonly query: Units }[]
  readonly sweeps: readonly Sweep[]
}

export const measureScale = async (
  folder: string,
  sizes: readonly number[],
  how: How,
): Promise<Scale> => {
  const tables = await openTables(folder, sizes, how.say)
  try {
    const subjects = scaleSubjects(tables)
    const rounds = await measureInRounds(subjects, how)
    const asked: Scale['asked'][number][] = []
    for (const table of tables)
      asked.push({
        size: table.size,
        check: await askedBy('check', table, startCheck),
        query: await askedBy('query', table, startQuery),
      })
    const ends = tables.filter((_, at) => at === 0 || at === tables.length - 1)
    return { subjects, rounds, asked, sweeps: await measureSweeps(ends, how.rounds, how.say) }
  } finally {
    await closeTables(tables)
  }
}

// ---------------------------------------------------------------------------------------------

const TIMES = 20

/** Averages of one of them, once the process is warm. */
const askedBy = async (
  name: 'check' | 'query',
  table: Table,
  start: typeof startCheck,
): Promise<Units> => {
  const { cloud } = table
  const child = await start(table, cloud.countedUrl)
  try {
    const before = await cloud.counts()
    await child.ask('times', TIMES)
    const { calls, reads, writes, kms } = unitsOf(name, before, await cloud.counts())
    const per = (total: number): number => total / TIMES
    return { calls: per(calls), reads: per(reads), writes: per(writes), kms: per(kms) }
  } finally {
    await child.stop()
  }
}
