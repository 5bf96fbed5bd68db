import { describe, expect, it } from 'vitest'
import { type Change, inRounds } from '../../shared/live/rounds.ts'

const NOW = Date.UTC(2026, 10, 30)
const change = (name: string, ago?: number): Change => ({
  key: { pk: 'p', sk: name },
  before: null,
  after: null,
  ...(ago !== undefined && { at: NOW - ago }),
})

/** Reads changes of items by their names, three to a round. */
const read = async (
  names: string,
  { fails = '', left = (): number => 60_000, ago = [] as number[] } = {},
) => {
  const rounds: string[] = []
  const lags: number[] = []
  const logged: string[] = []
  const log = {
    info: (message: string, fields: object = {}) =>
      logged.push(`${message} ${JSON.stringify(fields)}`),
    error: (message: string, _: unknown, fields: object = {}) =>
      logged.push(`${message} ${JSON.stringify(fields)}`),
  }
  const act = async (changes: readonly Change[]): Promise<void> => {
    const round = changes.map(({ key }) => key.sk).join('')
    rounds.push(round)
    if (fails !== '' && round.includes(fails)) throw new Error(`${fails} fails`)
  }
  const undone = await inRounds(
    { log: log as never, now: () => NOW },
    [...names].map((name, at) => change(name, ago[at])),
    { most: 3, act, onLag: (seconds) => lags.push(seconds) },
    left,
  ).catch((error: Error) => error.message)
  return { undone, rounds, lags, logged }
}

describe('a batch', () => {
  it('is done in order, in rounds of so many items', async () => {
    const { undone, rounds } = await read('aabacdaeef')
    expect(rounds).toEqual(['aabac', 'daee', 'f'])
    expect(undone).toBeNull()
  })

  it('of changes of one item is one round, and an empty one is none', async () => {
    expect((await read('aaaaaaaaaa')).rounds).toEqual(['aaaaaaaaaa'])
    expect(await read('')).toMatchObject({ undone: null, rounds: [] })
  })

  it('is left in time where it takes long: the first round is begun all the same', async () => {
    let left = 30_000
    const { undone, rounds } = await read('abcdefghi', {
      left: () => {
        left -= 10_000
        return left
      },
    })
    expect([undone, rounds]).toEqual([6, ['abc', 'def']])
    expect(await read('abcdef', { left: () => 0 })).toMatchObject({ undone: 3, rounds: ['abc'] })
  })
})

describe('a change that fails', () => {
  it('is found one by one, and those before it are done', async () => {
    const { undone, rounds, logged } = await read('abcdefg', { fails: 'e' })
    expect(undone).toBe(4)
    expect(rounds).toEqual(['abc', 'def', 'd', 'e'])
    expect(logged).toEqual(['a change failed {"item":"p e"}'])
  })

  it('is found among others of its item', async () => {
    expect((await read('baaa', { fails: 'a' })).rounds).toEqual(['baaa', 'b', 'a'])
  })

  it('as the first of a batch fails it, so that it is halved', async () => {
    expect(await read('abcd', { fails: 'a' })).toMatchObject({
      undone: 'a fails',
      rounds: ['abc', 'a'],
    })
  })
})

describe('how late it is', () => {
  it('is said of each round, by its oldest change; a clock that differs makes nothing early', async () => {
    const { lags, logged } = await read('abcdefg', { ago: [1000, 9000, 2000, 0, 0, 0, -5000] })
    expect(lags).toEqual([9, 0, 0])
    expect(logged).toEqual([])
  })

  it('is logged once for a batch, beyond ten seconds', async () => {
    const { logged } = await read('abcdef', { ago: [11_000, 0, 0, 34_000] })
    expect(logged).toEqual(['behind the table’s stream {"seconds":34}'])
  })

  it('is unknown where a change doesn’t say when it was made', async () => {
    expect((await read('a')).lags).toEqual([0])
  })
})
