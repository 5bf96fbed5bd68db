import { expect, it } from 'vitest'
import { createElapsed } from '../../shared/domain/elapsed.ts'

it('time passes by a clock that is set back, and while the process is frozen', () => {
  const clocks = { wall: 1_000_000, own: 5 }
  const elapsed = createElapsed(
    () => clocks.wall,
    () => clocks.own,
  )
  const pass = (wall: number, own: number): number => {
    clocks.wall += wall
    clocks.own += own
    return elapsed()
  }
  expect(pass(1000, 1000)).toBe(1000)
  expect(pass(-3_600_000, 1000)).toBe(2000)
  expect(pass(60_000, 10)).toBe(62_000)
  expect(pass(-1000, 0)).toBe(62_000)
})
