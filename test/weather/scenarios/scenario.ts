/** A scenario: what clients do in which weather. It speaks the public API only. */
import type { Tenant } from '../acts/tenants.ts'
import type { Violation } from '../judge/judge.ts'
import type { Setup, World } from '../world.ts'

export type Scenario = {
  readonly name: string
  /** What it shows, in a sentence. */
  readonly shows: string
  /** Takes long: `npm run weather` has it, the tests don't. */
  readonly slow?: true
  readonly setup?: Partial<Pick<Setup, 'partitions' | 'processes' | 'variables'>>
  /** @returns the tenants that are looked at in the end, and what it has found wrong by itself. */
  readonly run: (world: World) => Promise<{
    readonly tenants: readonly Tenant[]
    readonly violations?: readonly Violation[]
  }>
}
