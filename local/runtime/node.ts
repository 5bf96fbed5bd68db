/** Which Node.js runs the bundles: the 24 of Lambda where it can be had, without Docker or an installer. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, UserError } from '../user-error.ts'

/** Lambda's. */
export const MAJOR = 24
/** Packages on npm that are nothing but the program; each platform has its own. */
export const VERSION = '24.21.0'
export const PACKAGE = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
/** Where `npm run node24` puts it. */
export const FOLDER = join(import.meta.dirname, '../../.cache/node24')
export const PROGRAM = join(FOLDER, 'node_modules', PACKAGE, 'bin', 'node')

export type Node = {
  /** Path of the program. */
  readonly path: string
  readonly version: string
  /** What to say to the person at the terminal, if it isn't what Lambda has. */
  readonly advice: string | null
}

/**
 * @param chosen path that the person gave, `by` which variable or flag.
 * @throws UserError when that is no Node.js.
 */
export const findNode = (chosen?: string, by = 'KEYHARBOR_NODE'): Node => {
  if (chosen !== undefined) return { path: chosen, version: versionOf(chosen, by), advice: null }
  if (majorOf(process.version) >= MAJOR) return own(null)
  if (existsSync(PROGRAM)) return { path: PROGRAM, version: versionOf(PROGRAM), advice: null }
  return own(
    `The bundles run under Node.js ${process.version.slice(1)}; in Lambda it is ${MAJOR}. "npm run node24" gets that one.`,
  )
}

export const majorOf = (version: string): number => Number(/^v(\d+)\./.exec(version)?.[1] ?? 0)

// ---------------------------------------------------------------------------------------------

const own = (advice: string | null): Node => ({
  path: process.execPath,
  version: process.version,
  advice,
})

const versionOf = (path: string, by = 'KEYHARBOR_NODE'): string => {
  try {
    const version = execFileSync(path, ['--version'], { encoding: 'utf8', timeout: 10_000 }).trim()
    if (majorOf(version) > 0) return version
    throw new Error(`it says "${version}"`)
  } catch (error) {
    throw new UserError(
      `${path} is no Node.js that runs here (${messageOf(error)}): correct or unset ${by}`,
    )
  }
}
