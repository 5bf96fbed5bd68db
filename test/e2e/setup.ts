/**
 * Starts the service as a user does, on free ports, before the first e2e test; the canary, which
 * runs last and as a project of its own, is given the same one.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import type { Bootstrap } from '../../local/bootstrap.ts'
import type { Lacks } from './needs.ts'
import { startProcess } from './process.ts'

type Cloud = {
  readonly bootstrap: Bootstrap
  /** The data folder. */
  readonly data: string
  /** File of all that the service has printed. */
  readonly log: string
  /** File of the secrets that tests have seen, a line each. */
  readonly secrets: string
  /** What this one doesn't have, and why. */
  readonly lacks: Lacks
}

declare module 'vitest' {
  export interface ProvidedContext {
    cloud: Cloud
    /** How often the race is run; by default 1000 times. */
    trials?: number
  }
}

/** Projects load this module each for itself; the environment is what they share. */
const SHARED = 'KEYHARBOR_E2E_CLOUD'

let stop = async (): Promise<void> => {}

export const setup = async (project: TestProject): Promise<void> => {
  process.env[SHARED] ??= JSON.stringify(await start())
  project.provide('cloud', JSON.parse(process.env[SHARED]))
}

export const teardown = (): Promise<void> => stop()

// ---------------------------------------------------------------------------------------------

const start = async (): Promise<Cloud> => {
  const folder = await mkdtemp(join(tmpdir(), 'keyharbor-e2e-'))
  const [data, log, secrets] = ['data', 'log', 'secrets'].map((name) => join(folder, name))
  if (!data || !log || !secrets) throw new Error('unreachable')
  const running = await startProcess(data, {
    variables: { KEYHARBOR_SWEEP_SECONDS: '1', KEYHARBOR_UNAUTHENTICATED_PER_MINUTE: '1000000' },
    log,
  })
  stop = async () => {
    await running.stop()
    await rm(folder, { recursive: true, force: true })
  }
  return { bootstrap: running.bootstrap, data, log, secrets, lacks: {} }
}
