/** How long calls that somebody waits for may take when we stop. */
export const LAST_ANSWERS_MS = 10_000
/** How long all else may take then. */
export const FINISH_MS = 700

/** Waits for it, but no longer than that. */
export const finish = async (work: Promise<unknown>, ms = FINISH_MS): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const enough = new Promise<void>((done) => {
    timer = setTimeout(done, ms)
  })
  await Promise.race([work, enough])
  clearTimeout(timer)
}
