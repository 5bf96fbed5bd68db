/** Long work in turns: one piece in each round of the event loop, of all callers together, so that others go on. */

const waiting: (() => void)[] = []

/** Resolves when it is the caller's turn; until its next `await`, the process is its own. */
export const turn = (): Promise<void> =>
  new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(next)
  })

// ---------------------------------------------------------------------------------------------

const next = (): void => {
  waiting.shift()?.()
  if (waiting.length > 0) setImmediate(next)
}
