/**
 * The processes of one function: an event goes to one that is idle, else to a new one, as in Lambda;
 * when there are as many as may be, it waits. An outcome comes for every event.
 */
import type { Lambda, Outcome } from '../lambda.ts'
import { log, requestOf } from '../log.ts'
import type { Sandbox } from './sandbox.ts'

export type PoolOptions = {
  readonly name: string
  readonly arn: string
  /** What one event may take; so long it also waits for a process at the most. */
  readonly seconds: number
  /** Processes at the most: Lambda's reserved concurrency. */
  readonly most: number
  readonly start: () => Sandbox
  /** Told of each event that a process worked on, and for how many milliseconds. */
  readonly onDone?: (outcome: Outcome['kind'], ms: number) => void
}

export const createPool = ({ name, arn, seconds, most, start, onDone }: PoolOptions) => {
  type Waiting = { event: unknown; timer: NodeJS.Timeout; done: (outcome: Outcome) => void }
  const queue: Waiting[] = []
  const idle: Sandbox[] = []
  const all = new Set<Sandbox>()
  let starting = 0
  let closed = false

  const next = (): Waiting | undefined => {
    const waiting = queue.shift()
    clearTimeout(waiting?.timer)
    return waiting
  }

  const pump = (): void => {
    while (queue.length > 0) {
      const sandbox = idle.pop()
      if (sandbox === undefined) break
      const waiting = next()
      if (waiting !== undefined) void work(sandbox, waiting)
    }
    while (!closed && queue.length > starting && all.size < most) void grow()
  }

  const grow = async (): Promise<void> => {
    const sandbox = start()
    all.add(sandbox)
    starting++
    void sandbox.gone.then(() => {
      all.delete(sandbox)
      const at = idle.indexOf(sandbox)
      if (at >= 0) idle.splice(at, 1)
      pump()
    })
    const failure = await sandbox.ready
    starting--
    if (failure === null) idle.push(sandbox)
    else {
      // It was started for an event: that one fails with it, or a broken bundle would be tried for ever.
      const waiting = next()
      await sandbox.kill()
      waiting?.done(told(failure, waiting.event))
    }
    pump()
  }

  const work = async (sandbox: Sandbox, { event, done }: Waiting): Promise<void> => {
    const began = performance.now()
    const outcome = await sandbox.run({ event, arn, deadline: Date.now() + seconds * 1000 })
    onDone?.(outcome.kind, performance.now() - began)
    if (sandbox.isAlive()) idle.push(sandbox)
    done(told(outcome, event))
    pump()
  }

  /** Says in the log what went wrong. */
  const told = (outcome: Outcome, event: unknown): Outcome => {
    if (closed || outcome.kind === 'returned') return outcome
    const about = { function: name, request: requestOf(event) }
    if (outcome.kind === 'timedOut')
      log.error('a function took too long', undefined, { ...about, seconds })
    else log.error('a function threw', undefined, { ...about, error: outcome.error })
    return outcome
  }

  const invoke: Lambda = (event) =>
    new Promise((done) => {
      const timer = setTimeout(() => {
        queue.splice(queue.indexOf(waiting), 1)
        done(told({ kind: 'timedOut' }, event))
      }, seconds * 1000)
      const waiting = { event, timer, done }
      queue.push(waiting)
      pump()
    })

  return {
    invoke,
    /** How many processes there are. */
    size: () => all.size,
    /** Kills them all. What they were at fails. */
    async close(): Promise<void> {
      closed = true
      for (const { timer, done } of queue.splice(0)) {
        clearTimeout(timer)
        done({
          kind: 'threw',
          error: { errorType: 'Stopping', errorMessage: 'It is being stopped' },
        })
      }
      await Promise.all([...all].map((sandbox) => sandbox.kill()))
    },
  }
}

export type Pool = ReturnType<typeof createPool>
