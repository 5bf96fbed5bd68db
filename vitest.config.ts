import { defineConfig } from 'vitest/config'

const common = {
  testTimeout: 30_000,
  hookTimeout: 60_000,
  // Node.js 20 still runs the pinned SDK; every test file would say that it won't run a later one.
  env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
}

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'inside',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**'],
          ...common,
        },
      },
      {
        // One running system for all of them.
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: ['test/e2e/canary.test.ts'],
          globalSetup: ['test/e2e/setup.ts'],
          ...common,
        },
      },
      {
        // When all else has run: looks for secrets in what the e2e tests have left.
        test: {
          name: 'canary',
          include: ['test/e2e/canary.test.ts'],
          globalSetup: ['test/e2e/setup.ts'],
          sequence: { groupOrder: 1 },
          ...common,
        },
      },
    ],
  },
})
