/** Shares one bound of concurrency among lanes, such as tenants: one whose pages take long holds up no other lane. */
import { atOnce } from './at-once.ts'

export type Bounds = {
  /** Items of all lanes that are acted on at the same time. */
  readonly most: number
  /** Pages of one lane that wait or are acted on at the same time. */
  readonly each: number
}

/** Items of the same name together, in the order of their coming. */
export const lanesOf = <T>(items: Iterable<T>, nameOf: (item: T) => unknown): T[][] => {
  const lanes = new Map<unknown, T[]>()
  for (const item of items) {
    const name = nameOf(item)
    lanes.set(name, [...(lanes.get(name) ?? []), item])
  }
  return [...lanes.values()]
}

/**
 * Runs `act` on each page of each lane. Pages that find no room wait, and who came first goes first: a lane that has more
 * comes behind the others that wait. Each lane is read as its pages are done.
 * @throws what was thrown first, by `act` or by a lane, once all others ended: a failing page ends nothing else.
 */
export const inLanes = async <T>(
  lanes: Iterable<AsyncIterable<readonly T[]>>,
  { most, each }: Bounds,
  act: (page: readonly T[]) => Promise<unknown>,
): Promise<void> => {
  const failures: unknown[] = []
  const failed = (error: unknown) => failures.push(error)
  const room = createRoom(most)
  const run = (lane: AsyncIterable<readonly T[]>) =>
    atOnce(lane, each, (page) => room.run(page.length, () => act(page)).catch(failed))
  await Promise.all([...lanes].map((lane) => run(lane).catch(failed)))
  if (failures.length > 0) throw failures[0]
}

// ---------------------------------------------------------------------------------------------

/** Room for so many, who enter in the order of their coming: large ones aren't overtaken for ever. */
const createRoom = (most: number) => {
  let free = most
  const waiting: { readonly size: number; readonly enter: () => void }[] = []
  const letIn = (): void => {
    for (let [next] = waiting; next && next.size <= free; [next] = waiting) {
      free -= next.size
      waiting.shift()
      next.enter()
    }
  }
  return {
    async run(wanted: number, work: () => Promise<unknown>): Promise<void> {
      const size = Math.min(wanted, most)
      await new Promise<void>((enter) => {
        waiting.push({ size, enter })
        letIn()
      })
      try {
        await work()
      } finally {
        free += size
        letIn()
      }
    },
  }
}
