import { describe, expect, it } from 'vitest'
import type { Counts } from '../../local/record/record.ts'
import { type Counted, counted } from '../../tools/cost/counted.ts'
import { costOf, sumOf } from '../../tools/cost/price.ts'

const counts = (calls: number, ms: number, requests: Counts[string]['requests']): Counts => ({
  Introspect: {
    invocations: { returned: calls, threw: 0, timedOut: 0, ms },
    requests,
    actions: {},
  },
})

describe('what is counted', () => {
  it('is what has grown, for one time', () => {
    const read = (calls: number) => ({ 'dynamodb:BatchGetItem': { calls, units: 2 * calls } })
    const wire = { requests: 4, handshakes: 0, frames: 0 }
    expect(counted(counts(10, 50, read(10)), counts(14, 70, read(14)), wire, 4)).toEqual({
      requests: 1,
      handshakes: 0,
      frames: 0,
      functions: { Introspect: { calls: 1, ms: 5 } },
      reads: 2,
      writes: 0,
      kms: 0,
    })
  })

  it('tells reads from writes, and takes pushes for frames', () => {
    const all = {
      'dynamodb:TransactWriteItems': { calls: 1, units: 12 },
      'dynamodb:Query': { calls: 1, units: 3 },
      'kms:Decrypt': { calls: 1, units: 0 },
      'execute-api:ManageConnections POST': { calls: 2, units: 0 },
      'execute-api:ManageConnections DELETE': { calls: 1, units: 0 },
    }
    const wire = { requests: 0, handshakes: 1, frames: 2 }
    expect(counted({}, counts(1, 1, all), wire, 1)).toMatchObject({
      frames: 4,
      reads: 3,
      writes: 12,
      kms: 1,
    })
  })
})

describe('a million', () => {
  const nothing: Counted = {
    requests: 0,
    handshakes: 0,
    frames: 0,
    functions: {},
    reads: 0,
    writes: 0,
    kms: 0,
  }
  const facts = { memory: { Fn: 0.5 }, accessLine: 200, functionLines: 400, traced: 0.05 }

  it.each<[string, Partial<Counted>, number, number]>([
    // 1.00 for the request, 200 MB of access log at 0.50 a GB; 1.70 at the edge.
    ['requests', { requests: 1 }, 1.1, 1.7],
    ['handshakes, free without an edge', { handshakes: 1 }, 0, 1.7],
    ['frames', { frames: 2 }, 2, 0],
    // 0.20 a call, 0.005 GB-seconds each, 400 MB of log, 50 000 traces.
    ['calls', { functions: { Fn: { calls: 1, ms: 10 } } }, 0.2 + 0.0666667 + 0.2 + 0.25, 0],
    ['units', { reads: 2, writes: 4 }, 0.25 + 2.5, 0],
    ['KMS', { kms: 1 }, 3, 0],
  ])('%s', (_, some, sum, edge) => {
    const cost = costOf({ ...nothing, ...some }, facts)
    expect(sumOf(cost)).toBeCloseTo(sum, 5)
    expect(cost.edge).toBeCloseTo(edge, 5)
  })
})
