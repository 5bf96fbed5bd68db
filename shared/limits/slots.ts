/** Back-pressure for costly work: a few run at a time in this process, some more wait, and the rest is refused. */

export type Limits = {
  /** How many run at the same time. */
  readonly running: number
  readonly waiting: number
}

export const createSlots = ({ running, waiting }: Limits) => {
  let free = running
  const queue: (() => void)[] = []

  const enter = async (): Promise<void> => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => queue.push(resolve))
  }
  const leave = (): void => {
    const next = queue.shift()
    if (next === undefined) free++
    else next()
  }
  return {
    /** @returns null, and runs nothing, if too many wait already. */
    async run<T extends object>(work: () => Promise<T>): Promise<T | null> {
      if (free === 0 && queue.length >= waiting) return null
      await enter()
      try {
        return await work()
      } finally {
        leave()
      }
    },
  }
}

export type Slots = ReturnType<typeof createSlots>
