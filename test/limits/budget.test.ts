import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBudgets } from '../../shared/limits/budget.ts'

/** A table that leases, and counts how often it was asked. */
const createTable = () => {
  const leased = new Map<string, number>()
  const table = {
    asked: 0,
    lease: async (tenant: number, window: number, amount: number, of: number) => {
      table.asked++
      const before = leased.get(`${tenant} ${window}`) ?? 0
      if (before > of - amount) return false
      leased.set(`${tenant} ${window}`, before + amount)
      return true
    },
  }
  return table
}
const silent = () => {}

describe('a tenant’s budget', () => {
  it('asks the table for nothing while a process stays within its share', async () => {
    const table = createTable()
    const budgets = createBudgets({ ...table, perMinute: 1000, now: () => 0, onFailure: silent })
    expect((await budgets.take(1, 1)).ok).toBe(true)
    expect(table.asked).toBe(0)
    expect((await budgets.take(1, 1)).ok).toBe(true)
    expect(table.asked).toBe(1)
    expect((await budgets.take(2, 1)).ok).toBe(true)
    expect(table.asked).toBe(1)
  })

  it('is leased in growing blocks to its end, and then nothing is asked until the next minute', async () => {
    const table = createTable()
    const clock = { now: 90_000 }
    const deps = { ...table, perMinute: 1000, now: () => clock.now, onFailure: silent }
    const budgets = createBudgets({ ...deps, lease: (...of) => table.lease(...of) })
    let given = 0
    for (let i = 0; i < 1500; i++) if ((await budgets.take(1, 1)).ok) given++
    // 2, 4, 8, 16 and then 20 at a time; the last ones one by one; one refusal.
    expect(given).toBe(1001)
    const { asked } = table
    expect(asked).toBeLessThan(100)
    expect(await budgets.take(1, 1)).toEqual({ ok: false, remaining: 0, wait: 30 })
    clock.now = 120_000
    expect((await budgets.take(1, 1)).ok).toBe(true)
    expect(table.asked).toBe(asked)
  })

  it('is leased once for all who wait', async () => {
    const table = createTable()
    const deps = { perMinute: 1000, now: () => 0, onFailure: silent }
    const budgets = createBudgets({ ...deps, lease: (...of) => table.lease(...of) })
    const all = await Promise.all(Array.from({ length: 3 }, () => budgets.take(1, 1)))
    expect(all.every(({ ok }) => ok)).toBe(true)
    expect(table.asked).toBe(1)
  })

  it('lets checks through when the table can’t be asked, and says so', async () => {
    const failures: unknown[] = []
    const budgets = createBudgets({
      perMinute: 10,
      now: () => 0,
      lease: () => Promise.reject(new Error('throttled')),
      onFailure: (error) => failures.push(error),
    })
    for (let i = 0; i < 50; i++) expect((await budgets.take(1, 1)).ok).toBe(true)
    expect(failures).toHaveLength(1)
  })

  it('holds for all processes together, but for the share of each', async () => {
    const perMinute = 500
    const share = 1
    const calls = fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 100 })), { maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(calls, async (steps) => {
        const table = createTable()
        const deps = { ...table, perMinute, now: () => 0, onFailure: silent }
        const processes = Array.from({ length: 4 }, () => createBudgets(deps))
        let given = 0
        await Promise.all(
          steps.map(async ([at, cost]) => {
            if ((await processes[at]?.take(1, cost))?.ok) given += cost
          }),
        )
        expect(given).toBeLessThanOrEqual(perMinute + processes.length * share)
      }),
    )
  })
})
