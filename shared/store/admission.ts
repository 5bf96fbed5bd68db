/**
 * The one queue before the table: as many requests run as there are sockets, the others wait here and not in the SDK, whose
 * time-out for a connection counts the wait for a free socket. The nearest deadline goes first, so that calls
 * that began come to their end; a request that nobody waits for any more isn't sent.
 */
import { EventEmitter } from 'node:events'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { deadlineIn, deadlineNow, isPast, momentNow } from '../domain/carried.ts'
import { Fault } from '../domain/fault.ts'
import type { Metrics } from '../metrics.ts'

type Limits = {
  /** Requests at the same time: the client's sockets. */
  readonly running: number
  /** How many wait beside them. */
  readonly waiting: number
  /** How long one waits for whom no deadline is known, in milliseconds. */
  readonly patienceMs: number
}

/** Makes a client that has sent nothing yet send its requests, quick reads too, through a queue. */
export const queueRequests = (client: DynamoDBClient, limits: Limits, metrics: Counter): void => {
  const queue = createQueue(limits, metrics)
  const config = client.config as { requestHandler: Handler }
  const { requestHandler: handler } = config
  const handle: Handler['handle'] = async (...request) => {
    const turn = queue.enter()
    if (turn !== null) await turn
    let leaves = queue.leave
    try {
      const answer = await handler.handle(...request)
      // The socket is free when the answer was read, or broke off.
      const body: unknown = answer.response.body
      if (body instanceof EventEmitter && !(body as { destroyed?: boolean }).destroyed) {
        body.once('close', queue.leave)
        leaves = () => {}
      }
      return answer
    } finally {
      leaves()
    }
  }
  config.requestHandler = Object.assign(Object.create(handler) as Handler, { handle })
}

/** Seconds after which to come again: a full queue is through by then, as a rule. */
export const RETRY_SECONDS = 2

/** @returns places of which each is left by who entered it. */
export const createQueue = ({ running, waiting, patienceMs }: Limits, metrics: Counter) => {
  let free = running
  const waits = watchWaits(metrics)
  /** By deadline, the next one last. */
  const queue: Waiting[] = []

  const wait = (until: number): Promise<void> =>
    new Promise((enter, refuse) => {
      let at = queue.length
      let from = 0
      while (from < at) {
        const middle = (from + at) >> 1
        if ((queue[middle] as Waiting).until >= until) from = middle + 1
        else at = middle
      }
      queue.splice(at, 0, { since: momentNow(), until, enter, refuse })
      if (queue.length > waiting) {
        metrics.add('QueueRefused')
        queue.shift()?.refuse(refusal('The queue before the table is full'))
      }
    })

  return {
    /** @returns null where there is a place; else what waits for one.
     * @throws Fault UNAVAILABLE, by either way, where there is none in time. */
    enter(): Promise<void> | null {
      const until = deadlineNow()
      if (until !== undefined && isPast(until)) throw late()
      if (free === 0) return wait(until ?? deadlineIn(patienceMs))
      free--
      return null
    },

    leave(): void {
      let next = queue.pop()
      for (; next !== undefined && isPast(next.until); next = queue.pop()) {
        metrics.add('QueueRefused')
        waits.ended(next.since, queue.length)
        next.refuse(late())
      }
      if (next === undefined) free++
      else {
        waits.ended(next.since, queue.length)
        next.enter()
      }
    },
  }
}

// ---------------------------------------------------------------------------------------------

type Handler = DynamoDBClient['config']['requestHandler']

type Counter = Pick<Metrics, 'add'>

/** Between two values while requests wait: one for each would be thousands. */
const TELL_MS = 1000

/** Tells the longest wait of each stretch of time. Who finds a free place isn't seen here, and costs nothing. */
const watchWaits = (metrics: Counter) => {
  let longest = 0
  let told = Number.NEGATIVE_INFINITY
  return {
    /** @param left how many wait still. */
    ended(since: number, left: number): void {
      const now = momentNow()
      longest = Math.max(longest, now - since)
      if (left > 0 && now - told < TELL_MS) return
      metrics.add('QueueWait', longest / 1000)
      longest = 0
      told = now
    },
  }
}

type Waiting = {
  /** When it came, by the clock of deadlines. */
  readonly since: number
  readonly until: number
  readonly enter: () => void
  readonly refuse: (why: Fault) => void
}

const refusal = (why: string): Fault =>
  new Fault('UNAVAILABLE', {}, { cause: new Error(why), retryAfterSeconds: RETRY_SECONDS })

const late = (): Fault => refusal('Nobody waits for this request any more')
