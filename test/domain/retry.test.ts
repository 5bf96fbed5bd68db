import { afterEach, describe, expect, it, vi } from 'vitest'
import { attempts, type RetryPolicy, within } from '../../shared/domain/retry.ts'

afterEach(() => vi.restoreAllMocks())

/** How many attempts there are if each takes a second. */
const countOf = async (retries: RetryPolicy): Promise<number> => {
  let now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  let count = 0
  for await (const _ of attempts(retries)) {
    count++
    now += 1000
  }
  return count
}

describe('attempts', () => {
  it.each<[string, RetryPolicy, number]>([
    ['are so many', { tries: 3 }, 3],
    ['go on for so long', { tries: 1, forMs: 4500 }, 5],
    ['are so many at the least', { tries: 6, forMs: 4500 }, 6],
    ['begin no later than that', { tries: 6, withinMs: 1500 }, 2],
    ['are more than one only if one failed', { tries: 1, withinMs: 1500 }, 1],
  ])('%s', async (_, retries, count) => {
    expect(await countOf(retries)).toBe(count)
  })

  it('pause before each but the first, for no longer than that', async () => {
    const pauses = vi.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void) => {
      run()
      return 0 as never
    }) as never)
    vi.spyOn(Math, 'random').mockReturnValue(1)
    expect(await countOf({ tries: 4, pauseMs: 100 })).toBe(4)
    expect(pauses.mock.calls.map(([, ms]) => ms)).toEqual([40, 80, 100])
  })
})

describe('work within a time', () => {
  const late = () => new Error('late')
  const never = new Promise<never>(() => {})

  it('comes to what it comes to, and leaves no timer behind', async () => {
    const cleared = vi.spyOn(globalThis, 'clearTimeout')
    expect(await within(60_000, Promise.resolve(7), late)).toBe(7)
    await expect(within(60_000, Promise.reject(new Error('broken')), late)).rejects.toThrow(
      'broken',
    )
    expect(cleared).toHaveBeenCalledTimes(2)
  })

  it('is late when that has passed', async () => {
    await expect(within(1, never, late)).rejects.toThrow('late')
    await expect(within(-1, never, late)).rejects.toThrow('late')
  })
})
