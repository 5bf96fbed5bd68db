import { expect, it } from 'vitest'
import { createSlots } from '../../shared/limits/slots.ts'

it('few run at the same time, some wait their turn, and the rest is refused', async () => {
  const slots = createSlots({ running: 2, waiting: 3 })
  const ends: (() => void)[] = []
  let [now, most] = [0, 0]
  const work = async () => {
    most = Math.max(most, ++now)
    await new Promise<void>((end) => ends.push(end))
    now--
    return { done: true }
  }
  const all = Array.from({ length: 8 }, () => slots.run(work))
  for (let n = 0; n < 5; n++) {
    await new Promise(setImmediate)
    ends.shift()?.()
  }
  expect((await Promise.all(all)).map((one) => one?.done ?? null)).toEqual([
    ...Array(5).fill(true),
    ...Array(3).fill(null),
  ])
  expect(most).toBe(2)
})

it('work that fails leaves its place to others', async () => {
  const slots = createSlots({ running: 1, waiting: 0 })
  const fail = () => slots.run(() => Promise.reject(new Error('x')))
  await expect(fail()).rejects.toThrow('x')
  await expect(fail()).rejects.toThrow('x')
})
