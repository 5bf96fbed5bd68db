/**
 * Refusals are sent in steps. A missing item is read microseconds faster than an existing one, and thousands of
 * questions would measure that. So callers who proved nothing are answered at the next step after their question, and
 * not when the work is done.
 */
import { setImmediate, setTimeout } from 'node:timers/promises'

/** Longer than nearly all reads take, so that most refusals are sent at the first step. */
const STEP_MS = 10

/** @param began when the work began, by `performance.now()`. */
export const waitForStep = async (began: number): Promise<void> => {
  const steps = Math.ceil((performance.now() - began) / STEP_MS)
  const due = began + steps * STEP_MS
  // Timers count whole milliseconds, and a fraction of one would tell: the last one passes turn by turn.
  const rest = Math.floor(due - performance.now()) - 1
  if (rest > 0) await setTimeout(rest)
  while (performance.now() < due) await setImmediate()
}
