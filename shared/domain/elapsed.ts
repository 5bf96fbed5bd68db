/**
 * A monotonic clock, for limits that one process keeps. The process's own clock stands still while Lambda freezes it,
 * and the wall clock may be set back, so each step is the longer one of both.
 */
export const createElapsed = (
  wall: () => number,
  own: () => number = () => performance.now(),
): (() => number) => {
  let passed = 0
  let last = { wall: wall(), own: own() }
  return () => {
    const next = { wall: wall(), own: own() }
    passed += Math.max(0, next.wall - last.wall, next.own - last.own)
    last = next
    return passed
  }
}
