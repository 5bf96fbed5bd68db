import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    globalSetup: ['./keyharbor.ts'],
    include: ['*.test.ts'],
    // Not threads: a process reads once, at its start, whom it trusts.
    pool: 'forks',
  },
})
