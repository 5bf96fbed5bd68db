/** `npm run test:deploy`: the CDK app deployed to an emulator of AWS, driven from outside, destroyed. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Bootstrap, bootstrap } from '../../local/bootstrap.ts'
import { AUDIENCE, ISSUER, TOKEN_SECONDS } from '../../local/issuer.ts'
import { run } from '../../tools/programs/program.ts'
import { type Closers, script, tell } from '../../tools/programs/tell.ts'
import { type Cloud, variableOf } from '../e2e/setup.ts'
import { ROOT } from '../emulators/cache.ts'
import { fetchMinistack, VERSION } from '../emulators/ministack.ts'
import { adapt, stacksOf, withVariables } from './assembly.ts'
import { createCdk } from './cdk.ts'
import { tryEdge } from './edge.ts'
import { beginLocalStack } from './localstack.ts'
import { beginMinistack } from './ministack.ts'
import type { Platform } from './platform.ts'

const HELP = `Deploys the CDK app to ministack ${VERSION}, runs the e2e tests against what is deployed,
deploys once more (nothing may change), destroys it, and does it again with the edge.

  npm run test:deploy
  AWS_ENDPOINT_URL=… npm run test:deploy   to a LocalStack that runs already, and has API Gateway v2
                                           (a licensed one)

  --all      also runs the tests that are known not to work there (test/aws/gaps.ts)
  --fetch    gets the emulator into .cache/, and no more
  --keep     leaves it running after the tests, until Ctrl-C, and says where it is
  --help     shows this

More words choose test files, as in: npm run test:deploy -- test/e2e/frames
KEYHARBOR_REPORT names a file to write the results to, as JSON.
It needs python3, and no account. ministack comes from PyPI once, into .cache/. Nothing listens on
anything but loopback.
`

const main = async (closers: Closers): Promise<number> => {
  const { values, positionals: files } = parseArgs({
    allowPositionals: true,
    options: {
      all: { type: 'boolean' },
      fetch: { type: 'boolean' },
      keep: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  if (values.fetch) {
    await fetchMinistack(closers)
    return 0
  }
  const folder = await mkdtemp(join(tmpdir(), 'keyharbor-deploy-'))
  let code = 1
  // After a failure the logs are what one wants to read.
  closers.add(() =>
    code === 0 ? rm(folder, { recursive: true, force: true }) : tell(`Logs: ${folder}/*.log`),
  )
  const begin = process.env.AWS_ENDPOINT_URL === undefined ? beginMinistack : beginLocalStack
  const platform = await begin(closers, folder)
  const cdk = createCdk(closers, { folder, env: awsEnvironment(platform) })
  const prepare = async (name: string, settings: Readonly<Record<string, string>>) => {
    const [product, adapted] = [join(folder, `${name}.out`), join(folder, name)]
    tell(`Synthesising the CDK app, ${name}`)
    await cdk.synth(product, {
      // What is thrown away is destroyed whole.
      retain: 'false',
      operatorIssuer: ISSUER,
      operatorAudience: AUDIENCE,
      operatorTokenSeconds: String(TOKEN_SECONDS),
      defaultTenant: 'demo',
      ...platform.settings,
      ...settings,
    })
    const adaptations = [...platform.adaptations, withVariables('KEYHARBOR_TABLE', RIG)]
    for (const line of await adapt(product, adapted, adaptations)) tell(`  ${line}`)
    return adapted
  }
  const assembly = await prepare('adapted', {})
  const names = (await stacksOf(assembly)).map(({ name }) => name)
  tell(`Deploying ${names.join(', ')} to ${platform.name}`)
  await cdk.bootstrap(assembly)
  const outputs = await cdk.deploy(assembly)
  const { https, wss } = platform.urls(outputs)
  tell(`Deployed: ${https}, ${wss}`)

  const urls = { https, wss: `${wss}?version=current`, http: '', ws: '' }
  const { ca, log, lacks, operator } = platform
  await bootstrap({ data: folder, urls, ca, operator })
  const made: Bootstrap = JSON.parse(await readFile(join(folder, 'bootstrap.json'), 'utf8'))
  const cloud: Cloud = {
    bootstrap: made,
    data: folder,
    log,
    secrets: join(folder, 'secrets'),
    record: null,
    lacks,
  }
  code = await run(closers, process.execPath, vitest(files), {
    cwd: ROOT,
    env: {
      [variableOf('deployed')]: JSON.stringify(cloud),
      KEYHARBOR_TARGET: values.all ? '' : platform.name,
      KEYHARBOR_WHOLE: files.length === 0 ? '1' : '',
    },
  })
  if (values.keep) {
    tell(`Left running: ${join(folder, 'bootstrap.json')}, ${log}. Ctrl-C ends it.`)
    await new Promise(() => {})
  }
  await cdk.deployAgain(assembly, names)
  tell(`Deployed once more: no changes in ${names.join(', ')}`)
  await cdk.destroy(assembly)
  tell('Destroyed')
  await tryEdge({ cdk, prepare, platform })
  tell(
    code === 0
      ? `All that ${platform.name} can do works.`
      : `Something failed on ${platform.name}.`,
  )
  return code
}

// ---------------------------------------------------------------------------------------------

/** An emulator that is busy is no AWS out of reach. */
const RIG = {
  KEYHARBOR_AWS_TIMEOUT_MS: '20000',
  KEYHARBOR_CHECK_TIMEOUT_MS: '50000',
}

const awsEnvironment = ({ endpoint, env }: Platform) => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: 'us-east-1',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_SESSION_TOKEN: undefined,
  AWS_PROFILE: undefined,
  AWS_EC2_METADATA_DISABLED: 'true',
  CDK_DEFAULT_ACCOUNT: '000000000000',
  ...env,
})

const vitest = (files: readonly string[]): string[] => [
  join(ROOT, 'node_modules/vitest/vitest.mjs'),
  'run',
  '--config',
  join(ROOT, 'vitest.aws.config.ts'),
  '--project',
  'e2e',
  ...files,
]

void script(main)
