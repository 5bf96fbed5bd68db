/**
 * Parses long pages of queries in turns: one of 1 MB takes milliseconds, and pages that arrive together would block
 * all other calls.
 */
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { LARGE } from '../domain/json.ts'
import { turn } from '../domain/turns.ts'

/** Makes a client wait for its turn before it parses a long page. */
export const parseInTurns = ({ middlewareStack }: DynamoDBClient): void => {
  middlewareStack.add(
    (next, { commandName }) =>
      commandName !== 'QueryCommand'
        ? next
        : async (args) => {
            const answer = await next(args)
            const response = answer.response as { body: Readable | Uint8Array }
            // The SDK's parser takes bytes as well as a stream of them.
            const bytes = await buffer(response.body as Readable)
            response.body = bytes
            if (bytes.length > LARGE) await turn()
            return answer
          },
    // Within the SDK's parser, which is of the same step.
    { step: 'deserialize', priority: 'low', name: 'parseInTurns' },
  )
}
