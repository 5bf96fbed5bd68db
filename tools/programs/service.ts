/** The service as a process of its own, started the way `npm start` does. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bootstrap } from '../../local/bootstrap.ts'

export type Running = Awaited<ReturnType<typeof startProcess>>

/** Settings of a service without its site, which keeps its data there. */
export const onFreePorts = (data: string) => ({
  PORT: '0',
  HTTP_PORT: '0',
  KEYHARBOR_DATA: data,
  KEYHARBOR_SITE: 'off',
  // A machine that runs more than this is slower than a check may be.
  KEYHARBOR_CHECK_TIMEOUT_MS: '29000',
})

/** Starts it on free ports, and returns once it says that it is up. */
export const startProcess = async (
  data: string,
  {
    variables = {},
    flags = [],
    log,
  }: { variables?: Record<string, string>; flags?: readonly string[]; log?: string } = {},
) => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'local/main.ts', ...flags], {
    env: {
      ...process.env,
      ...onFreePorts(data),
      // Where AWS's endpoints are given, each data folder has a table of its own there too.
      KEYHARBOR_TABLE: `keyharbor-${createHash('sha256').update(data).digest('hex').slice(0, 12)}`,
      ...variables,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const exited = new Promise<number | null>((done) => child.once('exit', done))
  const up = new Promise<void>((done) => {
    const read = (part: Buffer): void => {
      output += part
      if (log !== undefined) appendFileSync(log, part)
      if (output.includes('Ctrl-C stops it')) done()
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
  })
  const died = exited.then((code) => {
    throw new Error(`the service ended with ${code}:\n${output}`)
  })
  await Promise.race([up, died])
  died.catch(() => {})
  const file = join(data, 'bootstrap.json')
  if (!existsSync(file)) throw new Error('there is no bootstrap.json')
  const bootstrap: Bootstrap = JSON.parse(readFileSync(file, 'utf8'))

  return {
    bootstrap,
    /** Ctrl-C. @returns the exit code. */
    async stop(): Promise<number | null> {
      child.kill('SIGINT')
      return exited
    },
    /** `kill -9`. */
    async kill(): Promise<void> {
      child.kill('SIGKILL')
      await exited
    },
  }
}
