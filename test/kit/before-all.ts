/**
 * For `npm run mutate`: what a file makes before its tests counts as done by the first of them. Stryker counts what no
 * test does as done by loading, and would run all tests of all files for a fault in it.
 */
import { beforeAll, type RunnerTask } from 'vitest'

/** Of Stryker's, where its faults note the test that came by. */
type Stryker = { currentTestId?: string | undefined }
const { __stryker__: stryker } = globalThis as { readonly __stryker__?: Stryker }

let id: string | undefined
if (stryker !== undefined)
  Object.defineProperty(stryker, 'currentTestId', {
    // Each file of a run does it anew.
    configurable: true,
    get: () => id,
    // Between two tests it is set to undefined: what is done there counts as the earlier one's.
    set: (next: string | undefined) => {
      id = next ?? id
    },
  })

// biome-ignore lint/correctness/noEmptyPattern: Vitest gives the file only behind a pattern.
beforeAll(({}, file) => {
  const first = firstOf(file)
  id = first && `${first.file.filepath}#${namesOf(first).join(' ')}`
})

const firstOf = (task: RunnerTask): RunnerTask | undefined =>
  task.type === 'suite' ? task.tasks.map(firstOf).find((one) => one !== undefined) : task

const namesOf = ({ name, suite }: RunnerTask): string[] => [...(suite ? namesOf(suite) : []), name]
