/** Lists that come bit by bit: several as one, and one in pages. */

/** Items of all lists, of so many lists at the same time, as they come. */
export async function* together<T>(
  lists: Iterable<AsyncIterable<T>>,
  most: number,
): AsyncGenerator<T> {
  const waiting = lists[Symbol.iterator]()
  const running = new Map<AsyncIterator<T>, Promise<Came<T>>>()
  const ask = (list: AsyncIterator<T>): void => {
    const next = list.next().then((came) => ({ list, came }))
    // Where another one fails first, nobody waits for this any more.
    next.catch(() => {})
    running.set(list, next)
  }
  const begin = (): void => {
    while (running.size < most) {
      const next = waiting.next()
      if (next.done) return
      ask(next.value[Symbol.asyncIterator]())
    }
  }
  for (begin(); running.size > 0; begin()) {
    const { list, came } = await Promise.race(running.values())
    running.delete(list)
    if (came.done) continue
    ask(list)
    yield came.value
  }
}

/** Takes items as it goes. The last page may have fewer; none is empty. */
export async function* inPages<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let page: T[] = []
  for await (const item of items) {
    page.push(item)
    if (page.length < size) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}

// ---------------------------------------------------------------------------------------------

type Came<T> = { readonly list: AsyncIterator<T>; readonly came: IteratorResult<T> }
