import { expect, it } from 'vitest'
import { inLanes, lanesOf } from '../../shared/domain/lanes.ts'
import { later, turns } from '../kit/later.ts'

async function* lane<T>(...pages: T[][]): AsyncGenerator<T[]> {
  yield* pages
}
/** Acts that end when they are told to. */
const acting = () => {
  const begun: string[] = []
  const open = new Map<string, () => void>()
  const act = (page: readonly string[]): Promise<void> => {
    const { coming, come } = later()
    begun.push(page.join(''))
    open.set(page.join(''), come)
    return coming
  }
  const end = async (page: string): Promise<void> => {
    open.get(page)?.()
    await turns()
  }
  return { begun, act, end }
}

it('items of a name are a lane, in the order of their coming', () => {
  expect(lanesOf(['a1', 'b1', 'a2'], ([name]) => name)).toEqual([['a1', 'a2'], ['b1']])
})

it('a lane that never ends leaves room to the others, which go in turn', async () => {
  const { begun, act, end } = acting()
  const lanes = [lane(['a', 'a'], ['A', 'A']), lane(['b', 'b'], ['B', 'B']), lane(['c', 'c'])]
  const run = inLanes(lanes, { most: 4, each: 1 }, act)
  await turns()
  expect(begun).toEqual(['aa', 'bb'])
  await end('bb')
  expect(begun).toEqual(['aa', 'bb', 'cc'])
  await end('cc')
  expect(begun).toEqual(['aa', 'bb', 'cc', 'BB'])
  for (const page of ['BB', 'aa', 'AA']) await end(page)
  await run
  expect(begun).toEqual(['aa', 'bb', 'cc', 'BB', 'AA'])
})

it('small pages share the room, a large one isn’t overtaken, and one beyond it has it alone', async () => {
  const { begun, act, end } = acting()
  const lanes = [lane(['a']), lane(['b']), lane(['c', 'c', 'c', 'c']), lane(['d'])]
  const run = inLanes(lanes, { most: 3, each: 1 }, act)
  await turns()
  expect(begun).toEqual(['a', 'b'])
  await end('a')
  await end('b')
  expect(begun).toEqual(['a', 'b', 'cccc'])
  await end('cccc')
  expect(begun).toEqual(['a', 'b', 'cccc', 'd'])
  await end('d')
  await run
})

it('of one lane so many pages are under way', async () => {
  const { begun, act, end } = acting()
  const run = inLanes([lane(['a'], ['b'], ['c'])], { most: 9, each: 2 }, act)
  await turns()
  expect(begun).toEqual(['a', 'b'])
  for (const page of ['a', 'b', 'c']) await end(page)
  await run
})

it('what fails is thrown when all else is done', async () => {
  const done: string[] = []
  async function* broken(): AsyncGenerator<string[]> {
    yield ['b1']
    throw new Error('no list')
  }
  const run = inLanes([lane(['a1'], ['a2']), broken()], { most: 2, each: 1 }, async ([name]) => {
    done.push(name as string)
    if (name === 'a1') throw new Error('no page')
    await turns()
  })
  await expect(run).rejects.toThrow('no page')
  expect(done.toSorted()).toEqual(['a1', 'a2', 'b1'])
})
