import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Answered, gatherReads } from '../../shared/store/gather.ts'
import type { Item, ItemKey } from '../../shared/store/write.ts'

const key = (n: number): ItemKey => ({ pk: `P${n}`, sk: 'S' })

/** A table in which every item has the time at which it was read, and that counts its requests. */
const createTable = () => {
  const requests: number[] = []
  const read = async (keys: readonly ItemKey[]): Promise<Answered> => {
    requests.push(keys.length)
    const at = requests.length
    const items = keys.filter(({ pk }) => pk !== 'P0').map((one) => ({ ...one, at }))
    return { items, left: [] }
  }
  return { requests, read }
}

const HUNDRED = { most: 100, retries: { tries: 2 } }

/** A table that answers when it is told to. */
const createSlowTable = () => {
  const requests: {
    keys: readonly ItemKey[]
    answer: (items: Item[], left?: readonly ItemKey[]) => void
  }[] = []
  const gathered = gatherReads(
    (keys) =>
      new Promise((resolve) =>
        requests.push({ keys, answer: (items, left = []) => resolve({ items, left }) }),
      ),
    HUNDRED,
  )
  return { requests, gathered }
}

/** Lets everything happen that waits for nothing but its turn. */
const turn = (): Promise<void> => new Promise((done) => setImmediate(done))

describe('reads at the same time', () => {
  it('go out as one request, each key once, and come back in each one’s order', async () => {
    const { requests, read } = createTable()
    const gathered = gatherReads(read, HUNDRED)
    const [a, b] = await Promise.all([
      gathered([key(1), key(2)]),
      gathered([key(2), key(0), key(1)]),
    ])
    expect(a.map((item) => item?.pk)).toEqual(['P1', 'P2'])
    expect(b.map((item) => item?.pk)).toEqual(['P2', undefined, 'P1'])
    expect(requests).toEqual([3])
  })

  it('never join a request that was sent before', async () => {
    const { requests, gathered } = createSlowTable()
    const first = gathered([key(1)])
    await expect.poll(() => requests.length).toBe(1)
    const second = gathered([key(1)])
    await expect.poll(() => requests.length).toBe(2)
    requests[1]?.answer([{ ...key(1), at: 'later' }])
    requests[0]?.answer([{ ...key(1), at: 'earlier' }])
    expect((await second)[0]?.at).toBe('later')
    expect((await first)[0]?.at).toBe('earlier')
  })

  it('wait for the end of one that is under way, and go out together then', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { requests, gathered } = createSlowTable()
    const first = gathered([key(1)])
    await turn()
    const others = [gathered([key(2)]), gathered([key(3), key(1)])]
    await turn()
    expect(requests.map(({ keys }) => keys.length)).toEqual([1])
    requests[0]?.answer([key(1)])
    await first
    await turn()
    expect(requests.map(({ keys }) => keys.length)).toEqual([1, 3])
    requests[1]?.answer([])
    expect(await Promise.all(others)).toEqual([[null], [null, null]])
  })

  it('wait no longer than a moment', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { requests, gathered } = createSlowTable()
    void gathered([key(1)])
    await turn()
    void gathered([key(2)])
    await turn()
    vi.advanceTimersByTime(2)
    await turn()
    expect(requests.length).toBe(2)
  })

  it('have what they asked for though DynamoDB left another’s for later', async () => {
    const { requests, gathered } = createSlowTable()
    const lucky = gathered([key(1)])
    const other = gathered([key(1), key(2)])
    await expect.poll(() => requests.length).toBe(1)
    requests[0]?.answer([key(1)], [key(2)])
    expect(await lucky).toEqual([key(1)])
    await expect.poll(() => requests.length).toBe(2)
    expect(requests[1]?.keys).toEqual([key(1), key(2)])
    requests[1]?.answer([key(1), key(2)])
    expect(await other).toEqual([key(1), key(2)])
  })

  it('fail when DynamoDB leaves one of theirs again and again', async () => {
    const requests: number[] = []
    const gathered = gatherReads(async (keys) => {
      requests.push(keys.length)
      return { items: [], left: keys.slice(0, 1) }
    }, HUNDRED)
    await expect(gathered([key(1), key(2)])).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(requests).toEqual([2, 2])
  })

  it('fail together, and the next ones don’t', async () => {
    let fail = true
    const gathered = gatherReads(async (keys) => {
      if (fail) throw new Error('throttled')
      return { items: [...keys], left: [] }
    }, HUNDRED)
    const both = await Promise.allSettled([gathered([key(1)]), gathered([key(2)])])
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    fail = false
    expect(await gathered([key(1)])).toEqual([key(1)])
  })

  it('find what each asked for, and no request has more keys than it may', async () => {
    const sets = fc.array(fc.array(fc.nat(30), { minLength: 1, maxLength: 25 }), { maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(sets, async (wanted) => {
        const { requests, read } = createTable()
        const gathered = gatherReads(read, { ...HUNDRED, most: 10 })
        const found = await Promise.all(wanted.map((numbers) => gathered(numbers.map(key))))
        expect(found.map((items) => items.map((item) => item?.pk))).toEqual(
          wanted.map((numbers) => numbers.map((n) => (n === 0 ? undefined : `P${n}`))),
        )
        expect(Math.max(0, ...requests)).toBeLessThanOrEqual(10)
      }),
    )
  })
})
