import { defineConfig } from 'vitest/config'
import { useTemporaryFolder } from './test/kit/temporary.ts'

const common = {
  testTimeout: 30_000,
  hookTimeout: 60_000,
  // Node.js 20 still runs the pinned SDK; every test file would say that it won't run a later one.
  env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
}

/** Looks for secrets in logs and data. */
const SECRETS = 'test/e2e/canary.test.ts'
/** Holds the policies against the AWS calls that were recorded. */
const AWS_CALLS = 'test/policy/policy.test.ts'
/** Counts calls: nobody else may make any meanwhile. */
const COSTS = 'test/cost/count.test.ts'

type Mode = 'sources' | 'bundled'

/** Tests of the running system, from outside. Groups run one after the other. */
const e2e = (name: string, mode: Mode, groupOrder: number) => ({
  test: {
    name,
    include: ['test/e2e/**/*.test.ts'],
    exclude: [
      SECRETS,
      // Starts processes of its own, many of them: from the sources, which takes a second each.
      ...(mode === 'bundled' ? ['test/e2e/crash.test.ts'] : []),
    ],
    globalSetup: ['test/e2e/setup.ts'],
    provide: { mode },
    sequence: { groupOrder },
    ...common,
  },
})

/** Tests that come when all e2e tests have run: of what they left behind, or of the system at rest. */
const after = (name: string, mode: Mode, file: string, groupOrder = 2) => ({
  test: {
    name,
    include: [file],
    globalSetup: ['test/e2e/setup.ts'],
    provide: { mode },
    sequence: { groupOrder },
    ...common,
  },
})

useTemporaryFolder()

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'inside',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/browser/**', AWS_CALLS, COSTS],
          ...common,
        },
      },
      // One running system for all of them: the sources.
      e2e('e2e', 'sources', 0),
      // Then another one: what would be deployed.
      e2e('e2e-bundled', 'bundled', 1),
      after('canary', 'sources', SECRETS),
      after('canary-bundled', 'bundled', SECRETS),
      after('policy', 'bundled', AWS_CALLS),
      after('cost', 'bundled', COSTS, 3),
      // Last, for a browser takes what the machine has.
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/browser/setup.ts'],
          // Tests wait for the browser most of the time.
          sequence: { groupOrder: 4, concurrent: true },
          maxConcurrency: 4,
          ...common,
        },
      },
    ],
  },
})
