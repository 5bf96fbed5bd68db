/** Counts what the activities ask of AWS, on a running `npm start -- --bundled` with KEYHARBOR_RECORD. */
import { setTimeout as pause } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { type Counts, readCounts } from '../../local/record/record.ts'
import { type ActivityName, type Measure, run } from './activities.ts'
import { type Counted, counted } from './counted.ts'
import { createDriver, NOTHING, type Target } from './drive.ts'

export type All = Readonly<Record<ActivityName, Counted>>

/** @param record file of the recording. Nobody else may drive the service meanwhile. */
export const count = async (target: Target, record: string): Promise<All> => {
  const driver = createDriver(target)
  const all: Partial<Record<ActivityName, Counted>> = {}
  const measure: Measure = async (name, { times, alone = false, rehearsed = false }, act) => {
    if (rehearsed) {
      await atRest(record)
      await act(0)
    }
    const before = await atRest(record)
    driver.take()
    for (let at = 0; at < times; at++) {
      await act(at)
      // Changes that come together are heard together: here, and in Lambda, fewer calls for each.
      if (alone) await atRest(record)
    }
    const after = await atRest(record)
    all[name] = counted(unswept(before), unswept(after), driver.take(), times)
  }
  await run(driver, measure)
  return { ...(all as All), sweep: await sweep(record) }
}

// ---------------------------------------------------------------------------------------------

/** Longer than the counts are old. */
const REST_MS = 400

/** The counts when what was set off has ended: the stream comes after the answer. */
const atRest = async (
  record: string,
  of: (counts: Counts) => Counts = unswept,
): Promise<Counts> => {
  for (let before = await readCounts(record); ; ) {
    await pause(REST_MS)
    const now = await readCounts(record)
    if (isDeepStrictEqual(of(now), of(before))) return now
    before = now
  }
}

/** Sweeps come by the clock, whatever clients do. */
const unswept = ({ Sweep: _, ...others }: Counts): Counts => others

const sweep = async (record: string): Promise<Counted> => {
  const only = ({ Sweep }: Counts): Counts => (Sweep ? { Sweep } : {})
  const runs = (counts: Counts): number => counts.Sweep?.invocations.returned ?? 0
  // Between two of them: of one that has begun a part would be missing.
  const before = await atRest(record, only)
  for (;;) {
    const now = await atRest(record, only)
    const times = runs(now) - runs(before)
    if (times >= 2) return counted(only(before), only(now), NOTHING, times)
  }
}
