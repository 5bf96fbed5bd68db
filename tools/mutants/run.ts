/** Runs tests in a tree, and says how they end. */
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { run, tail } from '../programs/program.ts'
import type { Closers } from '../programs/tell.ts'
import type { Tree } from './tree.ts'

/** `passed`: all of them. `failed`: the first that did, by its full name. */
export type Outcome =
  | { readonly state: 'passed'; readonly tests: number }
  | { readonly state: 'failed'; readonly test: string }

/** @param weather the only scenario. @throws Error where no test ran: of such a run nothing follows. */
export const runTests = async (
  closers: Closers,
  tree: Tree,
  files: readonly string[],
  weather?: string,
): Promise<Outcome> => {
  const [report, log] = [join(tree.folder, 'mutants.json'), join(tree.folder, 'mutants.log')]
  await rm(report, { force: true })
  const vitest = join(tree.folder, 'node_modules/vitest/vitest.mjs')
  const args = ['run', '--bail', '1', '--reporter', 'json']
  // A fault may be found by a test that hangs, but a busy machine finds none.
  args.push('--testTimeout', '300000', '--hookTimeout', '300000')
  const command = [vitest, ...args, `--outputFile=${report}`, ...files]
  await run(closers, process.execPath, command, {
    cwd: tree.folder,
    log,
    env: { KEYHARBOR_WEATHER_ONLY: weather },
  })
  const text = await readFile(report, 'utf8').catch(() => '')
  if (text === '') throw new Error(`vitest said nothing of ${files.join(' ')}:\n${tail(log)}`)
  const { testResults } = JSON.parse(text) as Report
  const all = testResults.flatMap(({ assertionResults }) => assertionResults)
  const failed = all.find(({ status }) => status === 'failed')
  if (failed !== undefined) return { state: 'failed', test: failed.fullName }
  const broken = testResults.find(({ status }) => status === 'failed')
  if (broken !== undefined) return { state: 'failed', test: `${broken.name}: ${broken.message}` }
  const tests = all.filter(({ status }) => status === 'passed').length
  if (tests === 0) throw new Error(`no test ran of ${files.join(' ')}`)
  return { state: 'passed', tests }
}

// ---------------------------------------------------------------------------------------------

type Report = {
  readonly testResults: readonly {
    readonly name: string
    readonly status: 'passed' | 'failed'
    readonly message: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}
