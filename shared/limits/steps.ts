/**
 * Refusals leave in steps. What isn't there is found sooner than what is: an item that is read, sent and parsed takes
 * microseconds that thousands of questions add up to an answer. So those who proved nothing are answered at the next step
 * after their question, and not when the work is done.
 */
import { setImmediate, setTimeout } from 'node:timers/promises'

/** Longer than nearly all reads take: then the step is the same one. */
const STEP_MS = 10

/** @param began when the work began, by `performance.now()`. */
export const waitForStep = async (began: number): Promise<void> => {
  const steps = Math.ceil((performance.now() - began) / STEP_MS)
  const due = began + steps * STEP_MS
  // Timers count whole milliseconds, and a part of one would tell: the last of them pass turn by turn.
  const rest = Math.floor(due - performance.now()) - 1
  if (rest > 0) await setTimeout(rest)
  while (performance.now() < due) await setImmediate()
}
