/** What hashing costs where thousands of passwords and secrets are made, and nobody is to be kept out: next to nothing. */
import { ITERATIONS } from '../../shared/crypto/scram.ts'
import type { createService } from '../../shared/service.ts'

export type Costs = Pick<Parameters<typeof createService>[0], 'passwordCost' | 'scramIterations'>

export const CHEAP = {
  passwordCost: { N: 2, r: 1, p: 1 },
  scramIterations: 1,
} satisfies Costs

/** Where what is held is what clients see. */
export const REAL_ROUNDS: Costs = { scramIterations: ITERATIONS }
