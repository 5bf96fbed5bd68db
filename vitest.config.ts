/**
 * Where each test belongs. `npm run test:fast` and `npm test` (package.json) name the projects that they run, and
 * `npm run test:all` runs all of them. A file that no list here has is in `inside`, and so in `npm test`.
 */
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { useTemporaryFolder } from './test/kit/temporary.ts'

/** What takes long by its nature, or other programs. */
const LONG = [
  'test/cdk/app.test.ts',
  'test/client/package.test.ts',
  'test/emulators/**/*.test.ts',
  'test/examples.test.ts',
  'test/gateways/{gateways,services}.test.ts',
  'test/keys/wide.test.ts',
  'test/local/{bundled,damage,installation,other-users}.test.ts',
  'test/local/backup/*.test.ts',
  'test/sessions/ten-thousand.test.ts',
  'test/tools/picture.test.ts',
  'test/upgrades/*.test.ts',
  'test/users/many-keys.test.ts',
  'test/weather/more-seeds.test.ts',
]
/** What looks at the templates. */
const CDK = ['test/cdk/**/*.test.ts', 'test/functions/edge.test.ts']
/** What starts nothing, or a server of its own. */
const PURE = [
  'test/{clock,docs,env}.test.ts',
  'test/{deploy,functions,limits,policy,portal,rpc}/**/*.test.ts',
  'test/client/{api,calls,client,ejson,login,subscriptions}.test.ts',
  'test/crypto/{password,recovery,scram,verifier}.test.ts',
  'test/docs/{citations,commands,extensions,find,openrpc,pages,storage}.test.ts',
  'test/domain/!(faults|json).test.ts',
  'test/http/proof.test.ts',
  'test/keys/{check,revoke,rules}.test.ts',
  'test/local/{assembly,record}/**/*.test.ts',
  'test/sessions/{authority,resolve}.test.ts',
  'test/store/{authority,db,gate-rules,gather,item-keys}.test.ts',
  'test/tools/{bench,bench-profile,cost,layers,mutants,size}.test.ts',
]
/** What keeps secrets and items, on a table. */
const STORE = ['test/{crypto,domain,store}/**/*.test.ts']
/** What the service does, on a table. The test that isn't here puts something in the place of a module. */
const SERVICE = [
  'test/{audit,fields,flight,http,keys,live,methods,tenants,users}/**/*.test.ts',
  'test/sessions/!(same-work).test.ts',
]
/** What `npm test` sees of the portal. */
const SCREENS = ['test/browser/{security,sign-in}.test.ts']

/** Looks for secrets in logs and data. */
const SECRETS = 'test/e2e/canary.test.ts'
/** Holds the policies against the AWS calls that were recorded. */
const AWS_CALLS = 'test/policy/policy.test.ts'
/** Counts calls: nobody else may make any meanwhile. */
const COSTS = 'test/cost/count.test.ts'

/** Time-outs end what hangs, and nothing that only has to wait for a busy machine. */
const common = {
  testTimeout: 600_000,
  hookTimeout: 600_000,
  expect: { poll: { timeout: 300_000 } },
  // Node.js 20 still runs the pinned SDK; every test file would say that it won't run a later one.
  env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
}

/** Tests within one process, on tables of one DynamoDB. */
const inside = (name: string, include: string[], exclude: string[]) => ({
  test: {
    name,
    include,
    exclude: ['test/e2e/**', 'test/browser/**', AWS_CALLS, COSTS, ...exclude],
    globalSetup: ['test/kit/dynamo.ts'],
    ...common,
  },
})

/** Tests of which the files share their modules, which spares loading them: none of them mocks one. */
const sharing = (name: string, include: string[], exclude: string[]) => ({
  test: { ...inside(name, include, exclude).test, isolate: false },
})

type Mode = 'sources' | 'bundled'

/** Tests of the running system, from outside. Groups run one after the other. */
const e2e = (name: string, mode: Mode, groupOrder: number, more: object = {}) => ({
  test: {
    name,
    include: ['test/e2e/**/*.test.ts'],
    exclude: [SECRETS],
    globalSetup: ['test/e2e/setup.ts'],
    provide: { mode },
    sequence: { groupOrder },
    ...common,
    ...more,
  },
})

/** Tests that come when all e2e tests have run: of what they left behind, or of the system at rest. */
const after = (name: string, mode: Mode, file: string, groupOrder = 2) =>
  e2e(name, mode, groupOrder, { include: [file], exclude: [] })

/** Last, for a browser takes what the machine has. */
const browser = (name: string, include: string[], exclude: string[] = []) => ({
  test: {
    name,
    include,
    exclude,
    globalSetup: ['test/browser/setup.ts'],
    // Tests wait for the browser most of the time.
    sequence: { groupOrder: 4, concurrent: true },
    maxConcurrency: 4,
    ...common,
  },
})

useTemporaryFolder()

export default defineConfig({
  test: {
    // Tests wait a fifth of their time.
    maxWorkers: availableParallelism() + 1,
    projects: [
      sharing('pure', PURE, [...LONG, ...CDK]),
      inside('store', STORE, [...LONG, ...PURE]),
      sharing('cdk', CDK, LONG),
      sharing('service', SERVICE, [...LONG, ...PURE]),
      inside('inside', ['test/**/*.test.ts'], [...LONG, ...CDK, ...PURE, ...STORE, ...SERVICE]),
      inside('long', LONG, []),
      // One running system for all of them: the sources.
      e2e('e2e', 'sources', 0, { provide: { mode: 'sources', trials: 100 } }),
      // All thousand trials; e2e, which `npm test` runs too, has a hundred.
      e2e('race', 'sources', 0, { include: ['test/e2e/race.test.ts'] }),
      // Then another one: what would be deployed.
      e2e('e2e-bundled', 'bundled', 1, {
        // Starts processes of its own, many of them: from the sources, which takes a second each.
        exclude: [SECRETS, 'test/e2e/crash.test.ts'],
      }),
      after('canary', 'sources', SECRETS),
      after('canary-bundled', 'bundled', SECRETS),
      after('policy', 'bundled', AWS_CALLS),
      after('cost', 'bundled', COSTS, 3),
      browser('browser', SCREENS),
      browser('browser-all', ['test/browser/**/*.test.ts'], SCREENS),
    ],
  },
})
