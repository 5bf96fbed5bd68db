/** Does something over and over, several at once, for a time: the load of what isn't plain HTTP. */
import { AT_ONCE } from './protocol.ts'

export type Done = { readonly times: number[]; readonly ms: number }

/** @param act told which of the workers asks, and the how-manieth time it is altogether. */
export const repeat = async (
  seconds: number,
  act: (worker: number, turn: number) => Promise<unknown>,
  workers = AT_ONCE,
): Promise<Done> => {
  const times: number[] = []
  const began = performance.now()
  const end = began + seconds * 1000
  let turn = 0
  const work = async (worker: number): Promise<void> => {
    for (let now = performance.now(); now < end; ) {
      await act(worker, turn++)
      const after = performance.now()
      times.push(after - now)
      now = after
    }
  }
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)))
  return { times, ms: performance.now() - began }
}
