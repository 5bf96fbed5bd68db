/** Clears away behind a start what sockets of the run before left in the table, and says so where they are many. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { forgetLeftovers } from '../shared/store/leftovers.ts'
import { log } from './log.ts'

/** Sockets after which a line is said. */
const MANY = 1000

/** @param before when this run began, in milliseconds since the epoch. */
export const startClearing = (client: DynamoDBClient, table: string, before: number) => {
  let isStopping = false
  const done = forgetLeftovers(client, {
    table,
    before,
    stopping: () => isStopping,
    onForgotten: (count) => {
      if (count % MANY === 0)
        log.info('sockets of the run before are being forgotten', { done: count })
    },
  }).then(
    (count) => {
      if (count >= MANY) log.info('all sockets of the run before are forgotten', { done: count })
    },
    // They are left to their time to live, or to the next start.
    (error: unknown) => {
      if (!isStopping) log.error('sockets of the run before were not forgotten', error)
    },
  )
  return {
    done,
    /** Stops, and waits for what is under way. */
    async close(): Promise<void> {
      isStopping = true
      await done
    },
  }
}
