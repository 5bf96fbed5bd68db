/** The tests that `npm run mutate` runs, within one process and one after the other. */
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type Reporter, type TestSpecification, type Vitest } from 'vitest/node'
import { TESTS } from './stryker.config.js'
import { useTemporaryFolder } from './test/kit/temporary.ts'

/** As the list has them. */
class InOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const at = ({ moduleId }: TestSpecification) => TESTS.findIndex((one) => moduleId.endsWith(one))
    return files.sort((one, other) => at(one) - at(other))
  }
}

let vitest: Vitest | undefined
/** Tells Stryker of files that a fault keeps from being loaded. It looks at tests alone, and these have none then. */
const notLoaded: Reporter = {
  onInit(started) {
    vitest = started
  },
  onTestModuleEnd(file) {
    const [error] = file.errors()
    if (error && file.children.size === 0)
      vitest?.state.catchError(new Error(error.message), 'Not loaded')
  },
}

useTemporaryFolder()

export default defineConfig({
  test: {
    include: TESTS,
    globalSetup: ['test/kit/dynamo.ts'],
    setupFiles: ['test/kit/before-all.ts'],
    reporters: [notLoaded],
    isolate: false,
    sequence: { sequencer: InOrder, setupFiles: 'list' },
    testTimeout: 120_000,
    hookTimeout: 180_000,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  },
})
