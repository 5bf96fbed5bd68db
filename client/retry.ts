/** How long to wait before the next try: exponential back-off with full jitter, so that ten thousand
 * clients of a service that comes back don't all come at once. */

const FIRST_MS = 500
const LONGEST_MS = 30_000

/** @param failures before this one. @param random 0 up to 1.
 * @param leastMs for how long the service asks to be left alone.
 * @returns milliseconds. */
export const retryDelay = (failures: number, random: number, leastMs = 0): number =>
  leastMs + Math.round(random * Math.min(LONGEST_MS, FIRST_MS * 2 ** failures))
