/**
 * How long a bundle takes to start: `import()` of its module in a fresh process, which is what Lambda's
 * runtime does with it. Not the process's whole time less an empty one's: what Node.js itself takes to
 * start is more than what is looked for, differs from run to run, and is nothing that a bundle can change.
 * Modules of Node.js that a bundle pulls in do count.
 */
import { execFile } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { messageOf, UserError } from '../../local/user-error.ts'
import type { Subject } from './size.ts'

/** Milliseconds: the median, and the least. */
export type Start = { readonly milliseconds: number; readonly least: number }

/**
 * In rounds, each of which starts every bundle once: what else the machine does meanwhile hits all of
 * them. One round before counts for nothing: it brings files into memory.
 * @param node path of the Node.js.
 */
export const measureStarts = async (
  node: string,
  subjects: readonly Subject[],
  rounds: number,
): Promise<Start[]> => {
  const times = subjects.map((): number[] => [])
  for (let round = 0; round <= rounds; round++)
    for (const [at, subject] of subjects.entries()) {
      const time = await startOnce(node, subject)
      if (round > 0) times[at]?.push(time)
    }
  return times.map((all) => ({ milliseconds: median(all), least: Math.min(...all) }))
}

export const median = (numbers: readonly number[]): number => {
  const sorted = numbers.toSorted((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2
}

// ---------------------------------------------------------------------------------------------

const PROGRAM = `
  const began = performance.now()
  await import(process.argv[1])
  const time = performance.now() - began
  process.stdout.write(String(time), () => process.exit())`

const PATIENCE_MS = 30_000

const startOnce = async (node: string, { name, file, environment }: Subject): Promise<number> => {
  const args = ['--input-type=module', '--eval', PROGRAM, pathToFileURL(file).href]
  // Under an old Node.js the SDK would take time to say so.
  const env = { ...environment, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' }
  try {
    const { stdout } = await promisify(execFile)(node, args, { env, timeout: PATIENCE_MS })
    const time = Number(stdout)
    if (stdout === '' || Number.isNaN(time)) throw new Error(`it prints "${stdout}"`)
    return time
  } catch (error) {
    throw new UserError(`${name} doesn't start: ${messageOf(error)}`)
  }
}
