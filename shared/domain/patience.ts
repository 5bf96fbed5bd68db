/** Waits for work that may go on by itself, for so many milliseconds at the most. It throws what the work throws until then. */
export const waitAtMost = async (ms: number, work: Promise<unknown>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<void>((done) => {
    timer = setTimeout(done, ms)
  })
  await Promise.race([work, patience])
  clearTimeout(timer)
}
