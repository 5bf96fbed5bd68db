/** What the programs of this folder have in common: a folder of their own, what is chosen of them, how they end. */
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf, UserError } from '../local/user-error.ts'

export const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** A folder that goes with this process. */
export const ownFolder = async (name: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), `keyharbor-${name}-`))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Those whose name matches what `--only` says; all without it. @throws UserError naming them where none does. */
export const chosenBy = <T>(
  only: string,
  all: readonly T[],
  nameOf: (one: T) => string,
): readonly T[] => {
  const pattern = patternOf(only)
  const found = pattern === null ? [] : all.filter((one) => pattern.test(nameOf(one)))
  if (found.length > 0) return found
  throw new UserError(
    `--only takes a pattern of one of these; it is "${only}":\n${all.map((one) => `  ${nameOf(one)}`).join('\n')}`,
  )
}

/** @throws UserError unless it is a whole number from 1 up. */
export const numberOf = (name: string, text: string): number => {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1) return value
  throw new UserError(`--${name} takes a whole number from 1 up; it is "${text}"`)
}

/** Runs a program. What runs under test ends with this process, whatever ends it. */
export const runProgram = (main: () => Promise<void>): void => {
  process.on('SIGINT', () => process.exit(130))
  process.on('SIGTERM', () => process.exit(143))
  main().then(
    () => process.exit(),
    (error: unknown) => {
      const known = error instanceof UserError
      const cause = error instanceof Error && error.cause ? `: ${messageOf(error.cause)}` : ''
      say(known ? error.message : `${error instanceof Error ? error.stack : error}${cause}`)
      process.exit(1)
    },
  )
}

// ---------------------------------------------------------------------------------------------

/** @returns null for what is no regular expression. */
const patternOf = (text: string): RegExp | null => {
  try {
    return new RegExp(text)
  } catch {
    return null
  }
}
