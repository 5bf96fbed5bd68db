/** Does something to many, a few at a time. */

/**
 * Runs `act` on each item, at most `most` of them at the same time. Takes items as it goes, so an
 * endless source is fine. @throws what the first failing `act`, or the source, threw, once those under way ended.
 */
export const atOnce = async <T>(
  items: AsyncIterable<T> | Iterable<T>,
  most: number,
  act: (item: T) => Promise<unknown>,
): Promise<void> => {
  const failures: unknown[] = []
  const running = new Set<Promise<unknown>>()
  try {
    for await (const item of items) {
      const one: Promise<unknown> = act(item)
        .catch((error: unknown) => failures.push(error))
        .finally(() => running.delete(one))
      running.add(one)
      if (running.size >= most) await Promise.race(running)
      if (failures.length > 0) break
    }
  } finally {
    await Promise.all(running)
  }
  if (failures.length > 0) throw failures[0]
}
