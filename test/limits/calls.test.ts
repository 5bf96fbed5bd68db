import { describe, expect, it } from 'vitest'
import { parseEnv } from '../../shared/env.ts'
import { CALL_MS, createInFlight } from '../../shared/limits/calls.ts'
import { ENDING } from '../../shared/store/db.ts'

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

describe('the gateway’s time for a call', () => {
  it('is enough for three of what ends authority, one after the other', () => {
    expect(3 * ENDING.forMs, 'shared/store/transact.ts').toBeLessThan(CALL_MS)
  })

  it('is enough for the SDK’s three attempts at a request', () => {
    expect(3 * parseEnv({}).KEYHARBOR_AWS_TIMEOUT_MS, 'shared/env.ts').toBeLessThan(CALL_MS)
  })
})
