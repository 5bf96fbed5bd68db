/** EventBridge Scheduler on one machine: calls the sweep now and at each interval, one run at a time.
 * A run that fails is left to the next one. */
import { randomUUID } from 'node:crypto'
import type { Lambda } from './lambda.ts'

export const startScheduler = (sweep: Lambda, seconds: number) => {
  let running: Promise<unknown> | undefined
  const run = (): void => {
    // A run that takes longer than the interval makes later ones skip, not queue.
    running ??= sweep(scheduled()).finally(() => {
      running = undefined
    })
  }
  const timer = setInterval(run, seconds * 1000)
  run()
  return {
    /** Stops, and waits for a run under way. */
    async close(): Promise<void> {
      clearInterval(timer)
      await running
    },
  }
}

// ---------------------------------------------------------------------------------------------

/** The event that Scheduler sends a Lambda target without an input of its own. */
const scheduled = () => ({
  version: '0',
  id: randomUUID(),
  'detail-type': 'Scheduled Event',
  source: 'aws.scheduler',
  account: '000000000000',
  time: new Date().toISOString().replace(/\.\d+/, ''),
  region: process.env.AWS_REGION ?? 'us-east-1',
  resources: ['arn:aws:scheduler:us-east-1:000000000000:schedule/default/keyharbor-sweep'],
  detail: '{}',
})
