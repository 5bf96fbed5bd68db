/** Sees that the packages of bench/ are there: peers and the load generator, which the product doesn't need. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { UserError } from '../local/user-error.ts'

const COMMAND = 'npm ci --prefix bench'

/** Installs them if they aren't there. @throws UserError if that fails. */
export const ensureInstalled = async (say: (line: string) => void): Promise<void> => {
  if (existsSync(join(import.meta.dirname, 'node_modules/.package-lock.json'))) return
  say(`The peers aren't installed yet: ${COMMAND}. Some minutes where SQLite has to be compiled.`)
  const code = await run()
  if (code !== 0)
    throw new UserError(
      `"${COMMAND}" ended with ${code}. Where better-sqlite3 can't be fetched as a binary it is compiled, which takes a compiler, make, Python and the headers of Node.js: name their folder, the one with include/node, in npm_config_nodedir`,
    )
}

// ---------------------------------------------------------------------------------------------

const run = (): Promise<number | null> =>
  new Promise((resolve, reject) => {
    const child = spawn('npm', ['ci', '--prefix', import.meta.dirname, '--no-audit', '--no-fund'], {
      env: { ...headers(), ...process.env },
      // What npm says is no result of ours.
      stdio: ['ignore', 2, 2],
    })
    child.once('error', reject)
    child.once('exit', resolve)
  })

/** Those that came with this Node.js spare a download, where there are any. */
const headers = (): Record<string, string> => {
  const home = dirname(dirname(process.execPath))
  return existsSync(join(home, 'include/node/node_api.h')) ? { npm_config_nodedir: home } : {}
}
