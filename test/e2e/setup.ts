/**
 * Starts the service as a user does, on free ports, before the first e2e test: from its sources or from
 * the bundles, as the project's `mode` says. The canary, which runs last and as a project of its own,
 * is given the same one. What is deployed runs already: `npm run test:deploy` says where.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import type { Bootstrap } from '../../local/bootstrap.ts'
import { startProcess } from '../../tools/programs/service.ts'
import type { Lacks } from './needs.ts'

type Mode = 'sources' | 'bundled' | 'deployed'

export type Cloud = {
  readonly bootstrap: Bootstrap
  /** The data folder. */
  readonly data: string
  /** File of all that the service has printed. */
  readonly log: string
  /** File of the secrets that tests have seen, a line each. */
  readonly secrets: string
  /** File of the AWS calls that the functions made (`local/record/record.ts`); null from sources. */
  readonly record: string | null
  /** What this one doesn't have, and why. */
  readonly lacks: Lacks
}

declare module 'vitest' {
  export interface ProvidedContext {
    cloud: Cloud
    mode: Mode
    /** How often the race is run; by default 1000 times. */
    trials?: number
  }
}

/** Variable with what runs. Projects load this module each for itself; the environment is what they share. */
export const variableOf = (mode: Mode): string => `KEYHARBOR_E2E_CLOUD_${mode}`

let stop = async (): Promise<void> => {}

export const setup = async (project: TestProject): Promise<void> => {
  const { mode } = project.getProvidedContext()
  const name = variableOf(mode)
  process.env[name] ??= JSON.stringify(await start(mode))
  project.provide('cloud', JSON.parse(process.env[name]))
}

export const teardown = (): Promise<void> => stop()

// ---------------------------------------------------------------------------------------------

const start = async (mode: Mode): Promise<Cloud> => {
  if (mode === 'deployed') throw new Error('Nothing is deployed: run npm run test:deploy')
  const folder = await mkdtemp(join(tmpdir(), 'keyharbor-e2e-'))
  const [data, log, secrets] = ['data', 'log', 'secrets'].map((name) => join(folder, name))
  if (!data || !log || !secrets) throw new Error('unreachable')
  const record = mode === 'bundled' ? join(folder, 'record') : null
  const running = await startProcess(data, {
    flags: mode === 'bundled' ? ['--bundled'] : [],
    variables: {
      KEYHARBOR_SWEEP_SECONDS: '1',
      KEYHARBOR_ACCESS_LOG: '1',
      ...(record && { KEYHARBOR_RECORD: record }),
    },
    log,
  })
  stop = async () => {
    await running.stop()
    await rm(folder, { recursive: true, force: true })
  }
  return { bootstrap: running.bootstrap, data, log, secrets, record, lacks: {} }
}
