import { describe, expect, it } from 'vitest'
import { atOnce } from '../../shared/domain/at-once.ts'

const tick = (): Promise<void> => new Promise((done) => setImmediate(done))

describe('many things, a few at a time', () => {
  it('are all done, and never more at once than allowed', async () => {
    let running = 0
    let most = 0
    const done: number[] = []
    await atOnce([1, 2, 3, 4, 5, 6, 7], 3, async (n) => {
      most = Math.max(most, ++running)
      await tick()
      running--
      done.push(n)
    })
    expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(most).toBe(3)
  })

  it('stop at a failure, wait for what is under way, and tell it', async () => {
    const done: number[] = []
    const run = atOnce([1, 2, 3, 4, 5, 6], 2, async (n) => {
      if (n === 2) throw new Error('two')
      await tick()
      done.push(n)
    })
    await expect(run).rejects.toThrow('two')
    expect(done).toContain(1)
    expect(done).not.toContain(6)
  })

  it('wait for what is under way where their source fails', async () => {
    const done: number[] = []
    const source = async function* () {
      yield 1
      throw new Error('source')
    }
    const run = atOnce(source(), 2, async (n) => {
      await tick()
      done.push(n)
    })
    await expect(run).rejects.toThrow('source')
    expect(done).toEqual([1])
  })
})
