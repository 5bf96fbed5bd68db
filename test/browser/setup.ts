/** Finds a browser, builds the site, and starts the service from its sources on free ports. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import type { Bootstrap } from '../../local/bootstrap.ts'
import { type Chromium, getChromium } from '../../tools/programs/chromium.ts'
import { startProcess } from '../../tools/programs/service.ts'

const ROOT = join(import.meta.dirname, '../..')

declare module 'vitest' {
  export interface ProvidedContext {
    chromium: Chromium
    /** Null where there is no browser, as the next one. */
    service: Bootstrap | null
    /** Address of the site, without a slash at the end. */
    site: string | null
  }
}

let stop = async (): Promise<void> => {}

export const setup = async (project: TestProject): Promise<void> => {
  const chromium = getChromium()
  project.provide('chromium', chromium)
  project.provide('service', null)
  project.provide('site', null)
  if ('missing' in chromium) return project.vitest.logger.warn(chromium.missing)

  buildSite()
  const folder = await mkdtemp(join(tmpdir(), 'keyharbor-browser-'))
  const running = await startProcess(folder, {
    variables: { KEYHARBOR_SITE: join(ROOT, 'dist/site') },
  })
  stop = async () => {
    await running.stop()
    await rm(folder, { recursive: true, force: true })
  }
  project.provide('service', running.bootstrap)
  project.provide('site', running.bootstrap.https)
}

export const teardown = (): Promise<void> => stop()

// ---------------------------------------------------------------------------------------------

/** As a process of its own, as `npm start` does it. */
const buildSite = (): void => {
  const args = ['--import', 'tsx', 'tools/site/main.ts']
  execFileSync(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
}
