/** All that a run has found: what the JSON file says, and the tables and the picture show. */
import type { Cost } from '../cost.ts'
import type { Profile } from '../profile/profiles.ts'
import type { Sample } from '../run/protocol.ts'
import type { Rounds } from '../run/rounds.ts'
import { type Summaries, summariseSamples } from '../run/stats.ts'
import type { Group, Subject } from '../run/subject.ts'
import type { Scale } from '../scale/measure.ts'
import type { Machine } from './machine.ts'

export type Row = {
  readonly id: string
  readonly group: Group
  readonly label: string
  readonly by: Subject['by']
  /** Null where it was skipped. */
  readonly found: Summaries | null
  readonly samples: readonly Sample[]
  /** Why it was skipped. */
  readonly skipped?: string
}

export type Result = {
  readonly machine: Machine
  readonly rounds: number
  readonly seconds: number
  readonly rows: readonly Row[]
  readonly asked: Scale['asked']
  readonly sweeps: Scale['sweeps']
  readonly costs: readonly Cost[]
  /** Of some of the rows, where their time goes. */
  readonly profiles: readonly Profile[]
}

export const toRows = (subjects: readonly Subject[], { measured, skipped }: Rounds): Row[] =>
  subjects.map(({ id, group, label, by }) => {
    const samples = measured.get(id) ?? []
    const reason = skipped.get(id)
    return {
      id,
      group,
      label,
      by,
      found: samples.length > 0 ? summariseSamples(samples) : null,
      samples,
      ...(reason !== undefined && { skipped: reason }),
    }
  })
