/** The virtual clock: what is to happen, in order of time. Nothing happens by itself. */

export type Alarm = { readonly at: number; readonly order: number; readonly ring: () => unknown }

/** @param start milliseconds since the epoch. */
export const createClock = (start: number) => {
  /** A heap by time; what comes at the same moment comes in the order in which it was asked for. */
  const heap: Alarm[] = []
  const cancelled = new Set<Alarm>()
  let now = start
  let orders = 0

  const clock = {
    /** Milliseconds since the epoch, with fractions. */
    now: (): number => now,
    /** Since the start. */
    elapsed: (): number => now - start,
    /** Rings after so many milliseconds. */
    after(ms: number, ring: () => unknown): Alarm {
      const alarm = { at: now + Math.max(0, ms), order: orders++, ring }
      push(heap, alarm)
      return alarm
    },
    cancel: (alarm: Alarm): void => {
      cancelled.add(alarm)
    },
    /** Resolves after so many milliseconds. */
    sleep: (ms: number): Promise<void> =>
      new Promise((resolve) => {
        clock.after(ms, resolve)
      }),
    /** Goes on to what comes next. @returns it, or null where nothing is to come. */
    next(): Alarm | null {
      for (;;) {
        const alarm = pop(heap)
        if (alarm === undefined) return null
        if (cancelled.delete(alarm)) continue
        now = Math.max(now, alarm.at)
        return alarm
      }
    },
  }
  return clock
}

export type Clock = ReturnType<typeof createClock>

// ---------------------------------------------------------------------------------------------

const isBefore = (a: Alarm, b: Alarm): boolean =>
  a.at < b.at || (a.at === b.at && a.order < b.order)

const push = (heap: Alarm[], alarm: Alarm): void => {
  let at = heap.push(alarm) - 1
  while (at > 0) {
    const up = (at - 1) >> 1
    if (!isBefore(heap[at] as Alarm, heap[up] as Alarm)) return
    swap(heap, at, up)
    at = up
  }
}

const pop = (heap: Alarm[]): Alarm | undefined => {
  const first = heap[0]
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return first
  heap[0] = last
  for (let at = 0; ; ) {
    const [left, right] = [2 * at + 1, 2 * at + 2]
    let least = at
    if (left < heap.length && isBefore(heap[left] as Alarm, heap[least] as Alarm)) least = left
    if (right < heap.length && isBefore(heap[right] as Alarm, heap[least] as Alarm)) least = right
    if (least === at) return first
    swap(heap, at, least)
    at = least
  }
}

const swap = (heap: Alarm[], a: number, b: number): void => {
  const kept = heap[a] as Alarm
  heap[a] = heap[b] as Alarm
  heap[b] = kept
}
