/** What `npm run test:aws` runs: the tests that use DynamoDB and KMS, against the endpoints in
 * AWS_ENDPOINT_URL or its per-service forms instead of the embedded ones. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { foreignEndpoints } from './local/environment.ts'
import { reportGaps } from './test/aws/report.ts'
import { variableOf } from './test/e2e/setup.ts'
import { useTemporaryFolder } from './test/kit/temporary.ts'

const { dynamo = '', kms = '' } = foreignEndpoints(process.env)
const { KEYHARBOR_TARGET: target = '', KEYHARBOR_WHOLE: whole, KEYHARBOR_REPORT } = process.env

const mode: 'deployed' | 'sources' = variableOf('deployed') in process.env ? 'deployed' : 'sources'

/** An emulator takes anything. */
const credentials = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' }

const common = {
  setupFiles: ['test/aws/skip.ts'],
  // What is deployed takes half a second for each trial of the race.
  provide: {
    dynamo: { endpoint: dynamo, credentials },
    kms,
    target,
    trials: mode === 'deployed' ? 40 : 100,
  },
  // An emulator is slower than what is embedded.
  testTimeout: 120_000,
  hookTimeout: 120_000,
  env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
}

const json = (outputFile: string): ['json', { outputFile: string }] => ['json', { outputFile }]

/** Whatever starts the rig has something to say to the endpoint. */
const onTheRig = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .map((file) => join('test', file))
  .filter((file) => file.endsWith('.test.ts') && readFileSync(file, 'utf8').includes('startRig('))

useTemporaryFolder()

export default defineConfig({
  test: {
    // One emulator serves all, and one that is busy answers late.
    maxWorkers: 1,
    reporters: [
      'default',
      reportGaps(target, whole === '1'),
      ...(KEYHARBOR_REPORT ? [json(KEYHARBOR_REPORT)] : []),
    ],
    projects: [
      { test: { name: 'rig', include: onTheRig, ...common } },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: ['test/e2e/canary.test.ts'],
          globalSetup: ['test/e2e/setup.ts'],
          sequence: { groupOrder: 1 },
          ...common,
          provide: { ...common.provide, mode },
        },
      },
    ],
  },
})
