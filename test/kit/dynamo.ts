/** Starts the DynamoDB of a run, once for all files: each has a table of its own in it. */
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import {
  type Credentials,
  createTrust,
  issueCredentials,
  type Trust,
} from '../../local/credentials.ts'
import { startDynamo } from '../../local/dynamo.ts'
import { folderInMemory } from './temporary.ts'

export type Dynamo = { readonly endpoint: string; readonly credentials: Credentials }

declare module 'vitest' {
  export interface ProvidedContext {
    dynamo: Dynamo
  }
}

/** Projects load this module each for itself; the environment is what they share. */
const VARIABLE = 'KEYHARBOR_TEST_DYNAMO'

let stop = async (): Promise<void> => {}

export const setup = async (project: TestProject): Promise<void> => {
  process.env[VARIABLE] ??= JSON.stringify(await start())
  project.provide('dynamo', JSON.parse(process.env[VARIABLE]))
}

export const teardown = (): Promise<void> => stop()

/** Starts a DynamoDB that nobody keeps. In a file, for without one dynoxide has no index of its stream
 * (`local/dynamo-empty.sql`): each write would look through all writes of the run. */
export const startUnkept = (trust: Trust) =>
  startDynamo({ trust, file: join(folderInMemory(), 'dynamo.db') })

// ---------------------------------------------------------------------------------------------

const start = async (): Promise<Dynamo> => {
  const trust = createTrust()
  const { endpoint, close } = await startUnkept(trust)
  stop = close
  return { endpoint, credentials: issueCredentials(trust) }
}
