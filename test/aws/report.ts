/** Says at the end of a run which tests were skipped and why, and fails it when a gap is no more. */
import type { Reporter, TestCase, TestModule } from 'vitest/node'
import { covers, GAPS } from './gaps.ts'

/** @param target as in `gaps.ts`. @param whole whether all files were asked for. */
export const reportGaps = (target: string, whole: boolean): Reporter => ({
  onTestRunEnd(modules) {
    const tests = modules.flatMap((module: TestModule) => [...module.children.allTests()])
    const skipped = tests.filter((test) => test.result().state === 'skipped')
    if (skipped.length > 0)
      print(`Skipped: ${skipped.length} of ${tests.length}`, ...skipped.map(reasonOf))
    const gaps = GAPS[target] ?? []
    const stale = gaps.filter((gap) => !tests.some(({ fullName }) => covers(gap, fullName)))
    if (!whole || stale.length === 0) return
    print(`No test has these names any more (test/aws/gaps.ts):`, ...stale.map(({ test }) => test))
    process.exitCode = 1
  },
})

// ---------------------------------------------------------------------------------------------

const reasonOf = (test: TestCase): string => {
  const result = test.result()
  return `${test.fullName}\n      ${(result.state === 'skipped' && result.note) || 'no reason given'}`
}

const print = (title: string, ...lines: string[]): void => {
  process.stdout.write(`\n${title}\n${lines.map((line) => `  - ${line}\n`).join('')}`)
}
