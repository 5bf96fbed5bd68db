/**
 * Until when somebody waits for the work that is under way. It travels with the work, past everything that the work calls,
 * to whoever can still spare it: the queue before the table (`store/admission.ts`). A deadline is a moment of a clock that
 * nobody sets.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

const current = new AsyncLocalStorage<number | undefined>()

export const deadlineIn = (ms: number): number => performance.now() + ms

export const isPast = (deadline: number): boolean => deadline <= performance.now()

/** The deadline of the work under way; undefined where nobody has said. */
export const deadlineNow = (): number | undefined => current.getStore()

/** Does work for somebody who waits so long and no longer. The work isn't cut: it can ask. */
export const workFor = <T>(ms: number, work: () => T): T => workUntil(deadlineIn(ms), work)

/** The same until a deadline; undefined: nobody knows for how long. */
export const workUntil = <T>(deadline: number | undefined, work: () => T): T =>
  current.run(deadline, work)
