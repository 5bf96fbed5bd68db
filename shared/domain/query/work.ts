/**
 * What a query costs, counted in steps while it runs: a step is some tenths of a microsecond. So that a query is
 * refused that would take too much, and a long one makes way for others between its rows.
 */
import { Fault } from '../fault.ts'
import { turn } from '../turns.ts'

/** Steps of one query: ten seconds or so. A hundred thousand keys against a dozen conditions are a twentieth. */
export const MOST_STEPS = 50_000_000

/** Steps without a rest: a millisecond or so. */
export const SLICE = 5000

export type Work = ReturnType<typeof newWork>

/** @param onRest hears of each rest, with the steps since the one before. */
export const newWork = (most = MOST_STEPS, onRest: (steps: number) => void = () => {}) => {
  let spent = 0
  // It begins with a turn: what was read for it, others may have waited for too.
  let rested = -SLICE
  return {
    /** @throws Fault QUERY_TOO_COSTLY beyond what a query may take. */
    spend(steps: number): void {
      spent += steps
      if (spent > most) throw new Fault('QUERY_TOO_COSTLY', { most })
    },
    /** Whether others are to have a turn before it goes on. */
    isDue: (): boolean => spent - rested >= SLICE,
    async rest(): Promise<void> {
      if (rested >= 0) onRest(spent - rested)
      rested = spent
      await turn()
    },
    get spent(): number {
      return spent
    },
  }
}
