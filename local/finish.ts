/** How long what is under way may take when we stop: long enough for a call, short enough for Ctrl-C. */
export const FINISH_MS = 700

/** Waits for it, but no longer than that. */
export const finish = async (work: Promise<unknown>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const enough = new Promise<void>((done) => {
    timer = setTimeout(done, FINISH_MS)
  })
  await Promise.race([work, enough])
  clearTimeout(timer)
}
