/** Which shards of a stream are read, when it has several. */
import { expect, it } from 'vitest'
import { readable } from '../../local/shards.ts'

const shards = [
  { id: 'a', parent: undefined },
  { id: 'b', parent: 'a' },
  { id: 'c', parent: 'a' },
  { id: 'd', parent: 'trimmed' },
]
const read = (positions: Parameters<typeof readable>[1]): string[] =>
  readable(shards, positions).map(({ id }) => id)

it('children wait for the end of their parent, not for one that is trimmed away', () => {
  expect(read({})).toEqual(['a', 'd'])
  expect(read({ a: { after: '5' } })).toEqual(['a', 'd'])
  expect(read({ a: 'ended' })).toEqual(['b', 'c', 'd'])
  expect(read({ a: 'ended', b: 'ended', d: { after: '1' } })).toEqual(['c', 'd'])
})
