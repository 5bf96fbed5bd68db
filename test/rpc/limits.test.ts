import { describe, expect, it } from 'vitest'
import { createInFlight, createRateLimit } from '../../shared/rpc/limits.ts'

describe('calls in flight (PROTOCOL 1.5)', () => {
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

describe('the rate limit', () => {
  it('is counted for each method and each address, in windows of a minute', () => {
    const clock = { now: 0 }
    const rate = createRateLimit(2, () => clock.now)
    const take = (method: string, address: string) => rate.take(method, address)
    expect([take('m', 'a'), take('m', 'a'), take('m', 'a')]).toEqual([true, true, false])
    expect([take('n', 'a'), take('m', 'b')]).toEqual([true, true])
    clock.now = 59_999
    expect(take('m', 'a')).toBe(false)
    clock.now = 60_000
    expect(take('m', 'a')).toBe(true)
  })
})
