import { describe, expect, it } from 'vitest'
import { createInFlight } from '../../shared/limits/calls.ts'

describe('calls in flight (docs/protocol/wire.md §1.5)', () => {
  it('are at most twenty for a connection, and another connection has its own', async () => {
    const inFlight = createInFlight()
    let finish = (): void => {}
    const open = new Promise<void>((done) => {
      finish = done
    })
    const calls = Array.from({ length: 20 }, () => inFlight.run('a', () => open.then(() => 'ok')))
    expect(await inFlight.run('a', async () => 'ok')).toBeNull()
    expect(await inFlight.run('b', async () => 'ok')).toBe('ok')
    finish()
    expect(await Promise.all(calls)).toEqual(Array(20).fill('ok'))
    expect(await inFlight.run('a', async () => 'ok')).toBe('ok')
  })

  it('make room again when a call fails', async () => {
    const inFlight = createInFlight(1)
    const fail = () => inFlight.run('a', () => Promise.reject(new Error('x')))
    await expect(fail()).rejects.toThrow('x')
    expect(await inFlight.run('a', async () => 'ok')).toBe('ok')
  })
})
