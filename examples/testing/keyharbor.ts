/**
 * A vitest globalSetup: starts Keyharbor before the first test, on free ports and with a data folder
 * of its own, and stops it after the last. Tests get all that they need by `inject('keyharbor')`.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

/** `bootstrap.json`; docs/protocol.md of Keyharbor says what can be done with it. */
export type Keyharbor = {
  readonly https: string
  readonly wss: string
  readonly ca: string
  readonly username: string
  readonly password: string
  readonly apiKey: string
  readonly device: { readonly username: string; readonly apiKey: string }
  readonly operatorToken: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    keyharbor: Keyharbor
  }
}

/** A checkout of Keyharbor in which `npm ci` has been run. */
const HOME = process.env.KEYHARBOR_HOME ?? 'keyharbor'

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const data = await mkdtemp(join(tmpdir(), 'keyharbor-'))
  const child = spawn('node', ['--import', 'tsx', 'local/main.ts'], {
    cwd: HOME,
    env: { ...process.env, PORT: '0', HTTP_PORT: '0', KEYHARBOR_DATA: data, KEYHARBOR_SITE: 'off' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const stop = async (): Promise<void> => {
    child.kill('SIGINT')
    if (child.exitCode === null) await new Promise((done) => child.once('exit', done))
    await rm(data, { recursive: true, force: true })
  }
  let said = ''
  await new Promise<void>((up, fail) => {
    child.stdout.on('data', (part) => {
      said += part
      if (said.includes('Keyharbor is up')) up()
    })
    child.once('error', fail)
    child.once('exit', (code) => fail(new Error(`Keyharbor ended with ${code}`)))
  }).catch(async (error) => {
    await rm(data, { recursive: true, force: true })
    throw error
  })
  const keyharbor: Keyharbor = JSON.parse(await readFile(join(data, 'bootstrap.json'), 'utf8'))
  project.provide('keyharbor', keyharbor)
  // The processes that run the tests are made after this, and trust its certificate: `fetch` works.
  process.env.NODE_EXTRA_CA_CERTS = keyharbor.ca
  return stop
}
