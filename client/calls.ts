/** Calls that wait for a connection, each for so long and no longer. */

import type { Connection } from './connection.ts'
import { Disconnected } from './errors.ts'
import type { Clock } from './platform.ts'

const WAIT_MS = 30_000

export const createCalls = (clock: Clock) => {
  const waiting = new Set<Waiting>()

  const take = (one: Waiting): Waiting => {
    clock.clearTimeout(one.timer)
    waiting.delete(one)
    return one
  }

  return {
    get size() {
      return waiting.size
    },
    /** @param isTooLate refuses at once. */
    add: (isTooLate: boolean): Promise<Connection> =>
      new Promise((done, fail) => {
        const refuse = (reason: string): void => fail(new Disconnected(reason, { sent: false }))
        if (isTooLate) return refuse('The client is closed')
        const timer = clock.setTimeout(
          () => take(one).refuse(`No connection within ${WAIT_MS / 1000} s`),
          WAIT_MS,
        )
        const one: Waiting = { done, refuse, timer }
        waiting.add(one)
      }),
    release(line: Connection): void {
      for (const one of [...waiting]) take(one).done(line)
    },
    refuse(reason: string): void {
      for (const one of [...waiting]) take(one).refuse(reason)
    },
  }
}

// ---------------------------------------------------------------------------------------------

type Waiting = {
  done(line: Connection): void
  refuse(reason: string): void
  readonly timer: unknown
}
