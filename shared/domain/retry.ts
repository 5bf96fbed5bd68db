/** The one retry loop, by number or by time, with pauses in between; and waiting that has an end. */

export type RetryPolicy = {
  /** How many attempts there are at least, unless `withinMs` passes. */
  readonly tries: number
  /** How long to go on, beyond `tries` if need be. Default: `tries` alone count. */
  readonly forMs?: number
  /** None of the `tries` begins later than that. */
  readonly withinMs?: number
  /** The longest pause before another attempt. Default: none. */
  readonly pauseMs?: number
}

/** Attempts, to loop over: `for await (const _ of attempts(ENDING))`. Code after the loop runs when all have failed. */
export async function* attempts({
  tries,
  forMs = 0,
  withinMs = Number.POSITIVE_INFINITY,
  pauseMs,
}: RetryPolicy): AsyncGenerator<void> {
  // Setting the clock can't lengthen it.
  const passed = stopwatch()
  for (let attempt = 0; passed() < forMs || (attempt < tries && passed() < withinMs); attempt++) {
    if (attempt > 0 && pauseMs !== undefined) await pause(attempt, pauseMs)
    yield
  }
}

/** Waits before another attempt, with full jitter, so that calls that conflicted don't conflict again. */
export const pause = (attempt: number, mostMs: number): Promise<void> =>
  new Promise((done) => setTimeout(done, Math.random() * Math.min(20 * 2 ** attempt, mostMs)))

/** @returns how many milliseconds have passed since, by a clock that nobody sets. */
export const stopwatch = (): (() => number) => {
  const began = performance.now()
  return () => performance.now() - began
}

/** What work comes to, if it takes no longer than that; the work goes on. @throws what `late` makes. */
export const within = <T>(ms: number, work: Promise<T>, late: () => unknown): Promise<T> =>
  // By hand, since every check has one: `Promise.race` takes several turns more.
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), ms)
    work.then(
      (result) => {
        clearTimeout(timer)
        resolve(result)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })

/** Waits for work, for so many milliseconds at the most; the work goes on. Throws what the work throws until then. */
export const waitAtMost = async (ms: number, work: Promise<unknown>): Promise<void> => {
  const late = Symbol('late')
  await within(ms, work, () => late).catch((why: unknown) => {
    if (why !== late) throw why
  })
}
