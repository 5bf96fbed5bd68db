/** Starts the DynamoDB of a run, once for all files: each has a table of its own in it. */
import type { TestProject } from 'vitest/node'
import { type Credentials, createTrust, issueCredentials } from '../../local/credentials.ts'
import { startDynamo } from '../../local/dynamo.ts'

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

// ---------------------------------------------------------------------------------------------

const start = async (): Promise<Dynamo> => {
  const trust = createTrust()
  const { endpoint, close } = await startDynamo({ trust })
  stop = close
  return { endpoint, credentials: issueCredentials(trust) }
}
