/** The one way to try again: so often, or for so long, with pauses in between. */

export type Patience = {
  /** So many attempts at the least, unless `withinMs` has passed. */
  readonly tries: number
  /** Goes on for so long, in milliseconds, however many attempts that takes. Default: `tries` alone count. */
  readonly forMs?: number
  /** Begins none of the `tries` later than that, in milliseconds. */
  readonly withinMs?: number
  /** The longest pause before another attempt, in milliseconds. Default: none. */
  readonly pauseMs?: number
}

/** Attempts, to loop over: `for await (const _ of attempts(ENDING))`. What comes behind the loop is for when all failed. */
export async function* attempts({
  tries,
  forMs = 0,
  withinMs = Number.POSITIVE_INFINITY,
  pauseMs,
}: Patience): AsyncGenerator<void> {
  // A clock that is set can't lengthen it.
  const began = performance.now()
  const passed = (): number => performance.now() - began
  for (let attempt = 0; passed() < forMs || (attempt < tries && passed() < withinMs); attempt++) {
    if (attempt > 0 && pauseMs !== undefined) await pause(attempt, pauseMs)
    yield
  }
}

/** Waits before another attempt. Full jitter: who met once would otherwise meet again. */
export const pause = (attempt: number, mostMs: number): Promise<void> =>
  new Promise((done) => setTimeout(done, Math.random() * Math.min(20 * 2 ** attempt, mostMs)))
