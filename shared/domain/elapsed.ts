/**
 * How much time passes, for limits that one process keeps: a clock that never goes back. The process's own stands
 * still while Lambda freezes it, and the one on the wall may be set: each step is the longer one of both.
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
