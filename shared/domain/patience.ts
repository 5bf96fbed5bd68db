/** Waits for work, for so many milliseconds at the most; the work goes on. Throws what the work throws until then. */
export const waitAtMost = async (ms: number, work: Promise<unknown>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<void>((done) => {
    timer = setTimeout(done, ms)
  })
  await Promise.race([work, patience])
  clearTimeout(timer)
}
