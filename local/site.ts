/** The site of this checkout, built by a process of its own: the service needs no build tools, and is up
 * before the pages are. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { UserError } from './user-error.ts'

const ROOT = join(import.meta.dirname, '..')

export type Site = {
  /** The folder to serve, once it is there. Rejects if it couldn't be built. */
  readonly folder: Promise<string>
  readonly close: () => void
}

/** @param given a folder that is built already, or `off` for none. */
export const startSite = (given: string | undefined): Site | null => {
  if (given === 'off') return null
  if (given !== undefined) return { folder: Promise.resolve(given), close: () => {} }
  const child = spawn(process.execPath, ['--import', 'tsx', 'tools/site/main.ts'], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (part: Buffer) => {
    said += part
  })
  const folder = new Promise<string>((done, fail) => {
    child.once('error', fail)
    child.once('exit', (code) => {
      if (code === 0) done(join(ROOT, 'dist/site'))
      else fail(new UserError(`The portal couldn't be built (npm run site):\n${said.trim()}`))
    })
  })
  return { folder, close: () => void child.kill() }
}
