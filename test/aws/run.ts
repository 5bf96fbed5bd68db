/** `npm run test:aws`: starts an emulator, or takes the endpoint that is given, and runs the tests. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { foreignEndpoints } from '../../local/environment.ts'
import { UserError } from '../../local/user-error.ts'
import { run } from '../../tools/programs/program.ts'
import { type Closers, script, tell } from '../../tools/programs/tell.ts'
import { ROOT } from '../emulators/cache.ts'
import { startLocalStack } from '../emulators/localstack.ts'
import { startMoto } from '../emulators/moto.ts'

const HELP = `Runs the tests of the store, the methods and the whole service against an AWS endpoint.

  npm run test:aws                         against moto, started for it
  npm run test:aws -- moto                 the same
  npm run test:aws -- localstack           against LocalStack 4.14.0, started for it
  AWS_ENDPOINT_URL=… npm run test:aws      against what is there; also by service:
                                           AWS_ENDPOINT_URL_DYNAMODB, …_DYNAMODB_STREAMS, …_KMS

  --all      also runs the tests that are known not to work there (test/aws/gaps.ts)
  --help     shows this

More words choose test files, as in: npm run test:aws -- moto test/keys
moto needs python3; LocalStack needs python3.13, mvn and a JDK from 17 up. Both come from their
registries once, into .cache/. Nothing listens on anything but loopback.
`

const STARTERS = { moto: startMoto, localstack: startLocalStack } as const

const main = async (closers: Closers): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { all: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  const [first = '', ...others] = positionals
  const named = first in STARTERS
  const files = named ? others : positionals
  const { target, endpoint } = named ? await start(closers, first) : await given(closers)
  const code = await run(closers, process.execPath, vitest(files), {
    cwd: ROOT,
    env: {
      ...endpoint,
      AWS_EC2_METADATA_DISABLED: 'true',
      // An emulator that is busy is no AWS out of reach.
      KEYHARBOR_AWS_TIMEOUT_MS: '60000',
      KEYHARBOR_CHECK_TIMEOUT_MS: '150000',
      KEYHARBOR_TARGET: values.all ? '' : target,
      KEYHARBOR_WHOLE: files.length === 0 ? '1' : '',
    },
  })
  tell(code === 0 ? `All that ${target} can do works.` : `Against ${target} something failed.`)
  return code
}

// ---------------------------------------------------------------------------------------------

type Where = { readonly target: string; readonly endpoint: Record<string, string | undefined> }

const start = async (closers: Closers, name: string): Promise<Where> => {
  const folder = await mkdtemp(join(tmpdir(), 'keyharbor-aws-'))
  closers.add(() => rm(folder, { recursive: true, force: true }))
  const url = await STARTERS[name as keyof typeof STARTERS](closers, folder)
  const endpoint = {
    AWS_ENDPOINT_URL: url,
    // More exact ones that the person has set for something else would win.
    AWS_ENDPOINT_URL_DYNAMODB: undefined,
    AWS_ENDPOINT_URL_DYNAMODB_STREAMS: undefined,
    AWS_ENDPOINT_URL_KMS: undefined,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_SESSION_TOKEN: undefined,
  }
  return { target: name, endpoint }
}

/** The endpoints of the environment, or moto where it names none. */
const given = async (closers: Closers): Promise<Where> => {
  const { dynamo, kms } = foreignEndpoints(process.env)
  if (dynamo === undefined && kms === undefined) return start(closers, 'moto')
  if (dynamo === undefined || kms === undefined)
    throw new UserError('Give endpoints for both DynamoDB and KMS, or AWS_ENDPOINT_URL for all')
  tell(`Testing against DynamoDB at ${dynamo} and KMS at ${kms}`)
  return { target: process.env.KEYHARBOR_TARGET ?? 'the endpoint', endpoint: {} }
}

const vitest = (files: readonly string[]): string[] => [
  join(ROOT, 'node_modules/vitest/vitest.mjs'),
  'run',
  '--config',
  join(ROOT, 'vitest.aws.config.ts'),
  ...files,
]

void script(main)
