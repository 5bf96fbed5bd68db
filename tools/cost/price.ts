/** What a million of something counted costs, by what it is spent on. */
import type { Counted } from './counted.ts'
import { PRICES } from './prices.ts'

/** Of the deployment. */
export type Facts = {
  /** Memory of each function, in GB. */
  readonly memory: Readonly<Record<string, number>>
  /** What is logged of each HTTP request, and of each call of a function, in bytes. */
  readonly accessLine: number
  readonly functionLines: number
  /** Part of the calls whose trace is recorded. */
  readonly traced: number
}

/** Dollars for a million. */
export type Cost = {
  readonly gateway: number
  readonly functions: number
  readonly table: number
  readonly kms: number
  readonly logs: number
  readonly traces: number
  /** Only where there is an edge. */
  readonly edge: number
}

export const costOf = (counted: Counted, facts: Facts): Cost => {
  const { requests, frames, handshakes, reads, writes, kms } = counted
  const functions = Object.entries(counted.functions)
  const calls = total(functions, ([, { calls }]) => calls)
  const seconds = total(functions, ([name, { ms }]) => (ms / 1000) * (facts.memory[name] ?? 0))
  const bytes = calls * facts.functionLines + requests * facts.accessLine
  return {
    gateway: requests * PRICES.httpRequests.usd + frames * PRICES.frames.usd,
    functions: calls * PRICES.functionCalls.usd + seconds * PRICES.functionSeconds.usd,
    table: reads * PRICES.readUnits.usd + writes * PRICES.writeUnits.usd,
    kms: kms * PRICES.kmsCalls.usd,
    // A million times so many bytes are so many MB.
    logs: (bytes / 1000) * PRICES.logs.usd,
    traces: calls * facts.traced * PRICES.traces.usd,
    edge:
      (requests + handshakes) *
      (PRICES.edgeRequests.usd + PRICES.edgeFunction.usd + PRICES.firewallRequests.usd),
  }
}

/** Without the edge. */
export const sumOf = ({ edge: _, ...others }: Cost): number =>
  total(Object.values(others), (n) => n)

export const total = <T>(all: readonly T[], of: (one: T) => number): number =>
  all.reduce((sum, one) => sum + of(one), 0)
