/** How long checks took. */
import type { World } from '../world.ts'
import type { Violation } from './judge.ts'

/** What a check may take, and the gateway beside it. */
const MOST_MS = 2000 + 50

/** @param from the first call that counts. */
export const slowChecks = ({ history }: World, from: number): Violation[] =>
  history.ops
    .slice(from)
    .filter(({ invoked, answered }) => (answered ?? Infinity) - invoked > MOST_MS)
    .map((op) => ({
      promise: 'bounded',
      text: `#${op.n} took ${((op.answered ?? Infinity) - op.invoked).toFixed(0)} ms`,
      ops: [op],
    }))
