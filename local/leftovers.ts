/** Clears away behind a start what sockets of the run before left in the table, and says so where they are many. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { forgetLeftovers } from '../shared/store/leftovers.ts'
import { messageOf } from './user-error.ts'

/** Sockets after which a line is said. */
const MANY = 1000

/** @param before when this run began, in milliseconds since the epoch. */
export const startClearing = (client: DynamoDBClient, table: string, before: number) => {
  let isStopping = false
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  const done = forgetLeftovers(client, {
    table,
    before,
    stopping: () => isStopping,
    onForgotten: (count) => {
      if (count % MANY === 0) say(`Forgot ${count} sockets of the run before, and goes on`)
    },
  }).then(
    (count) => {
      if (count >= MANY) say(`Forgot all ${count} sockets of the run before`)
    },
    // They are left to their time to live, or to the next start.
    (error: unknown) => {
      if (!isStopping) say(`Sockets of the run before were not forgotten: ${messageOf(error)}`)
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
