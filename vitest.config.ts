import { defineConfig } from 'vitest/config'

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

/** Tests of what the e2e tests have left behind, when all of them have run. */
const after = (name: string, mode: Mode, file: string) => ({
  test: {
    name,
    include: [file],
    globalSetup: ['test/e2e/setup.ts'],
    provide: { mode },
    sequence: { groupOrder: 2 },
    ...common,
  },
})

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'inside',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', AWS_CALLS],
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
    ],
  },
})
