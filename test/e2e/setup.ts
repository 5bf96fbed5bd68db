/**
 * Starts the service as a user does, on free ports, before the first e2e test. After the last one
 * it is the canary: no secret that any test has seen may stand in the logs, or anywhere in the data
 * folder (table, stream, checkpoints), but in the one file that is for them.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import type { Bootstrap } from '../../local/bootstrap.ts'
import { startProcess } from './process.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    cloud: { bootstrap: Bootstrap; secrets: string }
  }
}

let finish: () => Promise<void>

export const setup = async (project: TestProject): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'keyharbor-e2e-'))
  const data = join(folder, 'data')
  const secrets = join(folder, 'secrets')
  const cloud = await startProcess(data, {
    KEYHARBOR_SWEEP_SECONDS: '1',
    KEYHARBOR_UNAUTHENTICATED_PER_MINUTE: '1000000',
  })
  project.provide('cloud', { bootstrap: cloud.bootstrap, secrets })
  finish = async () => {
    await cloud.stop()
    const { bootstrap } = cloud
    const known = [bootstrap.password, bootstrap.apiKey, bootstrap.device.apiKey]
    const seen = await readFile(secrets, 'utf8').catch(() => '')
    const leaks = await findLeaks(data, cloud.output(), [...known, ...seen.split('\n')])
    await rm(folder, { recursive: true, force: true })
    if (leaks.length > 0) throw new Error(`the canary found secrets in: ${leaks.join(', ')}`)
    process.stdout.write(
      `Canary: none of ${known.length + seen.split('\n').length - 1} secrets leaked\n`,
    )
  }
}

export const teardown = (): Promise<void> => finish()

// ---------------------------------------------------------------------------------------------

/** Where any of the secrets stands: as text, and in the encodings that DynamoDB's wire uses. */
const findLeaks = async (
  data: string,
  log: string,
  secrets: readonly string[],
): Promise<string[]> => {
  const needles = secrets
    .filter((secret) => secret !== '')
    // A key's number is public: its secret is what comes behind the dash.
    .map((secret) => /^\d+-(\w{64})$/.exec(secret)?.[1] ?? secret)
    .flatMap((text) => [text, Buffer.from(text).toString('base64').replace(/=+$/, '').slice(0, -1)])
  const leaks = needles.some((text) => log.includes(text)) ? ['the log'] : []
  for (const name of await readdir(data)) {
    if (name === 'bootstrap.json') continue
    const content = await readFile(join(data, name))
    if (needles.some((text) => content.includes(text))) leaks.push(name)
  }
  return leaks
}
