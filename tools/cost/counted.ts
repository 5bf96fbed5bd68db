/** What one activity asks of AWS, as counted in a run. */
import type { Counts } from '../../local/record/record.ts'

/** Averages over the times that it was done. */
export type Counted = {
  /** HTTP requests, handshakes of sockets, and frames on them in either direction. */
  readonly requests: number
  readonly handshakes: number
  readonly frames: number
  /** Calls of functions, and how long they took, in milliseconds, by function. */
  readonly functions: Readonly<Record<string, { readonly calls: number; readonly ms: number }>>
  /** Read and write units, as DynamoDB says that they were consumed. */
  readonly reads: number
  readonly writes: number
  readonly kms: number
}

/** What an observer at the clients' end saw. */
export type Wire = Pick<Counted, 'requests' | 'handshakes' | 'frames'>

/** @param wire of the clients; frames that functions push are in the counts. */
export const counted = (before: Counts, after: Counts, wire: Wire, times: number): Counted => {
  const per = (total: number): number => Math.round((total / times) * 1000) / 1000
  const grown = Object.entries(after).map(([name, now]) => ({
    name,
    calls: invoked(now) - invoked(before[name]),
    ms: now.invocations.ms - (before[name]?.invocations.ms ?? 0),
    requests: Object.entries(now.requests).map(([operation, { calls, units }]) => ({
      operation,
      calls: calls - (before[name]?.requests[operation]?.calls ?? 0),
      units: units - (before[name]?.requests[operation]?.units ?? 0),
    })),
  }))
  const all = grown.flatMap(({ requests }) => requests)
  const sum = (pattern: RegExp, of: 'calls' | 'units'): number =>
    all
      .filter(({ operation }) => pattern.test(operation))
      .reduce((total, request) => total + request[of], 0)
  const pushes = sum(/^execute-api:ManageConnections POST$/, 'calls')
  return {
    requests: per(wire.requests),
    handshakes: per(wire.handshakes),
    frames: per(wire.frames + pushes),
    functions: Object.fromEntries(
      grown
        .filter(({ calls }) => calls > 0)
        .map(({ name, calls, ms }) => [name, { calls: per(calls), ms: Math.round(ms / times) }]),
    ),
    reads: per(sum(/^dynamodb:(BatchGetItem|GetItem|Query|TransactGetItems)$/, 'units')),
    writes: per(sum(/^dynamodb:(PutItem|UpdateItem|DeleteItem|TransactWriteItems)$/, 'units')),
    kms: per(sum(/^kms:/, 'calls')),
  }
}

// ---------------------------------------------------------------------------------------------

const invoked = (counts: Counts[string] | undefined): number => {
  const { returned = 0, threw = 0, timedOut = 0 } = counts?.invocations ?? {}
  return returned + threw + timedOut
}
