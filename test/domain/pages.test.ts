import { expect, it } from 'vitest'
import { inPages, together } from '../../shared/domain/pages.ts'

async function* of<T>(...items: T[]): AsyncGenerator<T> {
  yield* items
}
const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

it.each([0, 1, 2, 3, 4, 5])('%i items come in pages, none of them empty', async (n) => {
  const items = Array.from({ length: n }, (_, at) => at)
  const pages = await all(inPages(of(...items), 2))
  expect(pages.flat()).toEqual(items)
  expect(pages.map(({ length }) => length)).toEqual(items.length % 2 ? [...full(n), 1] : full(n))
})

it.each([1, 2, 9])('%i lists at a time: each item once, and each list in order', async (most) => {
  const lists = [of('a1', 'a2', 'a3'), of<string>(), of('b1'), of('c1', 'c2')]
  const found = await all(together(lists, most))
  expect(found.toSorted()).toEqual(['a1', 'a2', 'a3', 'b1', 'c1', 'c2'])
  for (const name of 'abc') {
    const own = found.filter((item) => item.startsWith(name))
    expect(own).toEqual(own.toSorted())
  }
})

it('a list that waits holds up no other, and no more are begun than asked for', async () => {
  let begun = 0
  let open = (): void => {}
  const held = new Promise<void>((done) => {
    open = done
  })
  async function* list(name: string, wait?: Promise<void>): AsyncGenerator<string> {
    begun++
    await wait
    yield name
  }
  const found = together([list('slow', held), list('one'), list('two')], 2)
  expect((await found.next()).value).toBe('one')
  expect(begun).toBe(2)
  expect((await found.next()).value).toBe('two')
  open()
  expect((await found.next()).value).toBe('slow')
  expect((await found.next()).done).toBe(true)
})

it('what a list throws is thrown', async () => {
  // biome-ignore lint/correctness/useYield: it fails before
  async function* broken(): AsyncGenerator<string> {
    throw new Error('broken')
  }
  await expect(all(together([of('a'), broken()], 2))).rejects.toThrow('broken')
})

const full = (n: number): number[] => Array.from({ length: Math.floor(n / 2) }, () => 2)
