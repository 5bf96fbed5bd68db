/**
 * What travels with the work on a request, past everything that the work calls: its deadline, by which
 * the queue before the table (`store/admission.ts`) spares what nobody waits for any more, and its id, for lines in the log. A deadline is a
 * moment of a clock that nobody sets.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

type Carried = {
  readonly deadline?: number | undefined
  readonly request?: string | undefined
  readonly onSend?: (() => void) | undefined
}

const current = new AsyncLocalStorage<Carried>()

/** This moment, by the clock of deadlines, in milliseconds. */
export const momentNow = (): number => performance.now()

export const deadlineIn = (ms: number): number => performance.now() + ms

export const isPast = (deadline: number): boolean => deadline <= performance.now()

/** The deadline of the work under way; undefined where nobody has said. */
export const deadlineNow = (): number | undefined => current.getStore()?.deadline

/** The id of the request that is worked on; undefined where there is none, and in checks, which are spared this. */
export const requestNow = (): string | undefined => current.getStore()?.request

/** Does work for somebody who waits so long and no longer. The work isn't cut: it can ask. */
export const workFor = <T>(ms: number, work: () => T): T => workUntil(deadlineIn(ms), work)

/** The same until a deadline; undefined: nobody knows for how long. */
export const workUntil = <T>(deadline: number | undefined, work: () => T): T =>
  current.run({ ...current.getStore(), deadline }, work)

/** Does the work on a request. @param request its id, which its sender didn't choose. */
export const workOn = <T>(request: string | undefined, work: () => T): T =>
  current.run({ ...current.getStore(), request }, work)

/** Does work, and hears of each change before it is sent. @param onSend throws for a change that isn't to be made any more. */
export const hearingOfChanges = <T>(onSend: () => void, work: () => T): T =>
  current.run({ ...current.getStore(), onSend }, work)

/** To be called before each attempt at a change. @throws what `onSend` throws: then it must not be sent. */
export const sayThatSent = (): void => current.getStore()?.onSend?.()
