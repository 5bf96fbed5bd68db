/** Runs before each test file of `vitest.aws.config.ts`: skips what the target can't, with its reason. */
import { beforeEach, inject, type RunnerTestCase } from 'vitest'
import { covers, GAPS } from './gaps.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Name of what is tested against, as in `gaps.ts`; '' for anything else, and to skip nothing. */
    target: string
  }
}

const gaps = GAPS[inject('target')] ?? []

beforeEach(({ task, skip }) => {
  const name = fullName(task)
  const gap = gaps.find((one) => covers(one, name))
  skip(gap !== undefined, gap?.message)
})

// ---------------------------------------------------------------------------------------------

const fullName = ({ name, suite }: Readonly<RunnerTestCase>): string => {
  const names = [name]
  for (let at = suite; at?.name; at = at.suite) names.unshift(at.name)
  return names.join(' > ')
}
