/** What the client repeats of the service, since it imports nothing of it: numbers and words that must stay the same. */
import { describe, expect, it } from 'vitest'
import { KEEP_ALIVE_MS } from '../../client/client.ts'
import { ANSWER_MS, FRAME_BYTES, IN_FLIGHT } from '../../client/connection.ts'
import { isSessionGone, RpcError, type WireError } from '../../client/errors.ts'
import { TOKEN_SECONDS } from '../../client/login.ts'
import { LIMITS } from '../../local/gateway/peers.ts'
import { FAULTS, Fault, type FaultCode } from '../../shared/domain/fault.ts'
import { CALL_MS, CALLS_IN_FLIGHT } from '../../shared/limits/calls.ts'
import { dataOf, faultAnswer } from '../../shared/rpc/frame.ts'

describe('the client’s limits and the service’s', () => {
  it('are the same for calls in flight and bytes of a frame', () => {
    expect(IN_FLIGHT, 'client/connection.ts: CALLS_IN_FLIGHT of shared/limits/calls.ts').toBe(
      CALLS_IN_FLIGHT,
    )
    expect(FRAME_BYTES, 'client/connection.ts: a frame of API Gateway, docs/aws.md §1').toBe(
      LIMITS.frame,
    )
  })

  it('let an answer come for as long as the gateway waits for it', () => {
    expect(ANSWER_MS, 'client/connection.ts: more than CALL_MS').toBeGreaterThan(CALL_MS)
  })

  it('keep a socket, and the token to come back by, from growing too old', () => {
    const why = 'client/client.ts: a renewal, and one that fails, before that'
    expect(2 * KEEP_ALIVE_MS, why).toBeLessThan(LIMITS.idle)
    expect(2 * KEEP_ALIVE_MS, why).toBeLessThan(TOKEN_SECONDS * 1000)
  })
})

it.each(Object.keys(FAULTS) as FaultCode[])('%s is understood', (code) => {
  const { error } = JSON.parse(faultAnswer(1, dataOf(new Fault(code)))) as { error: WireError }
  const isGone = code === 'NOT_AUTHENTICATED' || code === 'SESSION_EXPIRED'
  const why = 'isSessionGone of client/errors.ts knows these two by errname and text'
  expect(isSessionGone(new RpcError(error)), why).toBe(isGone)
})
