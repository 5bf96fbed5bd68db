/**
 * How long the event loop of this process stands still: between two looks, of which there is one a millisecond if
 * nothing is in their way. By the clock, and, on Linux, by what the thread has computed meanwhile: on a machine that
 * others use too, the clock counts them.
 */
import { closeSync, openSync, readSync } from 'node:fs'

export type Stillness = { readonly clock: number; readonly cpu: number | null }

const LOOK_MS = 1

export const createWatch = () => {
  const read = openCpu()
  let timer: NodeJS.Timeout | undefined
  let longest = { clock: 0, cpu: 0 }
  let before = { clock: performance.now(), cpu: read?.() ?? 0 }
  const look = (): void => {
    const now = { clock: performance.now(), cpu: read?.() ?? 0 }
    longest = {
      clock: Math.max(longest.clock, now.clock - before.clock - LOOK_MS),
      cpu: Math.max(longest.cpu, now.cpu - before.cpu),
    }
    before = now
  }
  return {
    begin(): void {
      clearInterval(timer)
      longest = { clock: 0, cpu: 0 }
      before = { clock: performance.now(), cpu: read?.() ?? 0 }
      timer = setInterval(look, LOOK_MS)
    },
    /** @returns the longest since it began, in milliseconds. */
    end(): Stillness {
      clearInterval(timer)
      look()
      return { clock: longest.clock, cpu: read === null ? null : longest.cpu }
    },
  }
}

// ---------------------------------------------------------------------------------------------

/** Milliseconds that the main thread has computed, as Linux counts them; null elsewhere. */
const openCpu = (): (() => number) | null => {
  try {
    const file = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r')
    process.once('exit', () => closeSync(file))
    const text = Buffer.alloc(64)
    return () => {
      const length = readSync(file, text, 0, text.length, 0)
      return Number(text.toString('latin1', 0, length).split(' ')[0]) / 1e6
    }
  } catch {
    return null
  }
}
