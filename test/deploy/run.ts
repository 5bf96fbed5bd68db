/** `npm run test:deploy`: the CDK app deployed to an emulator of AWS, driven from outside, destroyed. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bootstrap } from '../../local/bootstrap.ts'
import { openCertificate } from '../../local/certificate.ts'
import { AUDIENCE, ISSUER } from '../../local/issuer.ts'
import { type Cloud, variableOf } from '../e2e/setup.ts'
import { ROOT } from '../emulators/cache.ts'
import { startMinistack, VERSION } from '../emulators/ministack.ts'
import { run } from '../emulators/program.ts'
import { type Closers, script, tell } from '../emulators/tell.ts'
import { adapt, stacksOf } from './assembly.ts'
import { createCdk } from './cdk.ts'
import { serveIssuer } from './issuer.ts'
import { LACKS } from './lacks.ts'
import {
  addressByPath,
  dropContextConditions,
  dropRefused,
  rigSettings,
  urlsByPath,
} from './ministack.ts'

const HELP = `Deploys the CDK app to ministack ${VERSION}, runs the e2e tests against what is deployed,
deploys once more (nothing may change), and destroys it.

  npm run test:deploy

  --all      also runs the tests that are known not to work there (test/aws/gaps.ts)
  --keep     leaves it running after the tests, until Ctrl-C, and says where it is
  --help     shows this

More words choose test files, as in: npm run test:deploy -- test/e2e/frames
It needs python3, and no account. ministack comes from PyPI once, into .cache/. Nothing listens on
anything but loopback.
`

const main = async (closers: Closers): Promise<number> => {
  const { values, positionals: files } = parseArgs({
    allowPositionals: true,
    options: {
      all: { type: 'boolean' },
      keep: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  const folder = await mkdtemp(join(tmpdir(), 'keyharbor-deploy-'))
  let code = 1
  // After a failure the logs are what one wants to read.
  closers.add(() =>
    code === 0 ? rm(folder, { recursive: true, force: true }) : tell(`Logs: ${folder}/*.log`),
  )
  const certificate = await openCertificate(folder, '127.0.0.1')
  const tls = { cert: certificate.path, key: join(folder, 'tls-key.pem') }
  const issuer = await serveIssuer(closers, folder, certificate)
  const { endpoint, log } = await startMinistack(closers, { folder, tls })

  const env = awsEnvironment(endpoint, certificate.path)
  const cdk = createCdk(closers, { folder, env })
  const [product, assembly] = [join(folder, 'cdk.out'), join(folder, 'adapted')]
  tell('Synthesising the CDK app')
  await cdk.synth(product, {
    // What is thrown away is destroyed whole.
    retain: 'false',
    operatorJwksUrl: issuer.jwksUrl,
    operatorIssuer: ISSUER,
    operatorAudience: AUDIENCE,
    defaultTenant: 'demo',
    channelBindings: certificate.binding,
  })
  const changes = [dropRefused, dropContextConditions, addressByPath(endpoint), rigSettings(RIG)]
  for (const line of await adapt(product, assembly, changes)) tell(`  ${line}`)
  const names = (await stacksOf(assembly)).map(({ name }) => name)
  tell(
    `Deploying ${names.join(', ')}; functions run on Node.js ${process.versions.node} of this machine`,
  )
  await cdk.bootstrap(assembly)
  const outputs = await cdk.deploy(assembly)
  const { https, wss } = urlsByPath(endpoint, outputs)
  tell(`Deployed: ${https}, ${wss}`)

  const urls = { https, wss: `${wss}?version=current`, http: '', ws: '' }
  const made = await bootstrap({ data: folder, urls, ca: certificate.path, operator: issuer })
  const cloud: Cloud = {
    bootstrap: made,
    data: folder,
    log,
    secrets: join(folder, 'secrets'),
    record: null,
    lacks: LACKS,
  }
  code = await run(closers, process.execPath, vitest(files), {
    cwd: ROOT,
    env: {
      [variableOf('deployed')]: JSON.stringify(cloud),
      KEYHARBOR_TARGET: values.all ? '' : 'ministack',
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
  tell(code === 0 ? 'All that ministack can do works.' : 'Something failed on ministack.')
  return code
}

// ---------------------------------------------------------------------------------------------

/** As setup.ts of the e2e tests: what is tested isn't how often one may log in. And an emulator that
 * is busy is no AWS out of reach. */
const RIG = {
  KEYHARBOR_UNAUTHENTICATED_PER_MINUTE: '1000000',
  KEYHARBOR_AWS_TIMEOUT_MS: '20000',
}

const awsEnvironment = (endpoint: string, ca: string) => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: 'us-east-1',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_SESSION_TOKEN: undefined,
  AWS_PROFILE: undefined,
  AWS_EC2_METADATA_DISABLED: 'true',
  CDK_DEFAULT_ACCOUNT: '000000000000',
  NODE_EXTRA_CA_CERTS: ca,
  // The CDK command line makes connections of its own.
  AWS_CA_BUNDLE: ca,
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
