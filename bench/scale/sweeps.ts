/** (d) What a sweep costs that has a hundred keys to mark, however many there are. */
import { randomInt } from 'node:crypto'
import type { Counts } from '../../local/record/record.ts'
import { addKeysInBulk } from '../../tools/scale/bulk.ts'
import { keyOf } from '../../tools/scale/seed.ts'
import { bundleOf } from '../run/build.ts'
import { startChild } from '../run/child.ts'
import { type Summary, summarise } from '../run/stats.ts'
import type { Table } from './tables.ts'
import { unitsOf } from './units.ts'

/** Keys that are due. */
export const DUE = 100

export type Sweep = {
  readonly size: number
  readonly ms: Summary
  readonly reads: number
  readonly writes: number
  readonly calls: number
}

type Run = { readonly done: number; readonly ms: number }

/** In rounds, each of which sweeps every table once. */
export const measureSweeps = async (
  tables: readonly Table[],
  rounds: number,
  say: (line: string) => void,
): Promise<Sweep[]> => {
  const runs = await Promise.all(tables.map(startSweeping))
  try {
    for (let round = 1; round <= rounds; round++)
      for (const { table, once } of runs) {
        const ms = await once()
        say(`sweep, round ${round} of ${rounds}, ${table.size} keys: ${Math.round(ms)} ms`)
      }
    return await Promise.all(runs.map(({ result }) => result(rounds)))
  } finally {
    for (const { close } of runs) await close()
  }
}

// ---------------------------------------------------------------------------------------------

const startSweeping = async (table: Table) => {
  const { cloud, size } = table
  const child = startChild(bundleOf('our-sweep'), {
    environment: cloud.environment('sweep', cloud.countedUrl),
  })
  const run = () => child.ask<Run>('run')
  // What a table from an earlier run has become due since, and the first sweep of a process.
  while ((await run()).done > 0);
  const before = await cloud.counts()
  const times: number[] = []
  return {
    table,
    once: async (): Promise<number> => {
      await addDue(table)
      const { done, ms } = await run()
      if (done !== DUE) throw new Error(`the sweep found ${done} keys that were due`)
      times.push(ms)
      return ms
    },
    result: async (rounds: number): Promise<Sweep> => {
      const units = unitsOf('sweep', before, (await cloud.counts()) as Counts)
      const per = (total: number): number => Math.round((total / rounds) * 100) / 100
      const { calls, reads, writes } = units
      return {
        size,
        ms: summarise(times),
        calls: per(calls),
        reads: per(reads),
        writes: per(writes),
      }
    },
    close: () => child.stop(),
  }
}

/** Puts in keys that have expired a moment ago. */
const addDue = async ({ cloud, tenant: { tenant } }: Table): Promise<void> => {
  const now = Date.now()
  // Above all others, and not where an earlier run has put its own.
  const from = 200_000_000 + DUE * randomInt(7_000_000)
  await addKeysInBulk(cloud.client, cloud.table, {
    tenant,
    from,
    to: from + DUE,
    key: (n) => ({ ...keyOf(n, now), expires: now - 1000 }),
  })
}
