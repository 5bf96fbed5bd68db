/** The sockets of an SDK's client, and who waits for one of them. The SDK's time-out for a connection counts that wait
 * (`NodeHttpHandler`), which is why the service has a queue of its own before them. */
import type { Alarm, Clock } from '../time/clock.ts'

const SOCKETS = 50
const CONNECTION_TIMEOUT_MS = 1000

export const createSockets = (clock: Clock) => {
  let free = SOCKETS
  const waiting: { readonly enter: () => void; readonly alarm: Alarm }[] = []
  return {
    /** @throws the SDK's error after so long. */
    take: (timeoutMs: number): Promise<void> =>
      new Promise((enter, refuse) => {
        if (free > 0) {
          free--
          return enter()
        }
        const alarm = clock.after(Math.min(CONNECTION_TIMEOUT_MS, timeoutMs), () => {
          waiting.splice(waiting.indexOf(one), 1)
          refuse(unconnected())
        })
        const one = { enter, alarm }
        waiting.push(one)
      }),
    give: (): void => {
      const next = waiting.shift()
      if (next === undefined) free++
      else {
        clock.cancel(next.alarm)
        next.enter()
      }
    },
  }
}

const unconnected = (): Error =>
  Object.assign(new Error('the request socket did not establish a connection in time'), {
    name: 'TimeoutError',
  })
