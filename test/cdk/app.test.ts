/** The app as `cdk synth` runs it: without credentials, twice the same, nothing for cdk-nag to object. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Validations } from 'aws-cdk-lib'
import { Queue } from 'aws-cdk-lib/aws-sqs'
import { AwsSolutionsChecks } from 'cdk-nag'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createKeyharbor } from '../../cdk/keyharbor.ts'
import { app, read, site } from './synth.ts'

const run = promisify(execFile)
const NAMES = {
  domainNames: 'keys.example.com,*.keys.example.com',
  certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/0f5a',
  hostedZoneId: 'Z0123',
}
const EVERYTHING = {
  ...NAMES,
  accessLogs: 'all',
  alarmEmail: 'ops@example.com',
  operatorJwksUrl: 'https://id.example/jwks',
  operatorIssuer: 'https://id.example',
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyharbor-app-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** As the CDK CLI starts the app, on a machine that has no AWS account. */
const synthesise = async (name: string, settings: Record<string, string> = {}): Promise<string> => {
  const out = join(folder, name)
  const { context } = JSON.parse(read('cdk.json'))
  const given = Object.entries(settings).map(([at, value]) => [`keyharbor:${at}`, value])
  await run(process.execPath, ['--import', 'tsx', 'cdk/app.ts'], {
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      CDK_OUTDIR: out,
      CDK_CONTEXT_JSON: JSON.stringify({ ...context, ...Object.fromEntries(given) }),
    },
  })
  return out
}

test('two runs give the same, file for file', async () => {
  const digests = async (out: string) => {
    const names = (await readdir(out, { recursive: true, withFileTypes: true })).filter((at) =>
      at.isFile(),
    )
    const files = names.map(({ parentPath, name }) => join(parentPath, name)).sort()
    return Promise.all(
      files.map(async (file) => [
        file.slice(out.length),
        createHash('sha256')
          .update((await readFile(file, 'utf8')).replaceAll(out, ''))
          .digest('hex'),
      ]),
    )
  }
  const [one, two] = await Promise.all([synthesise('one'), synthesise('two')])
  const files = await digests(one)
  expect(files.length).toBeGreaterThan(10)
  expect(await digests(two)).toEqual(files)
})

describe('cdk-nag has nothing to object that is not answered', () => {
  test.each([
    ['by default', {}],
    ['with an edge', { edge: true }],
    ['with an edge that is thrown away', { edge: true, retain: false }],
    ['with everything', EVERYTHING],
    ['with as little as can be', { accessLogs: 'none', tracing: false, retain: false }],
  ])('%s', (_, settings) => {
    const synthesised = app(settings)
    Validations.of(synthesised).addPlugins(new AwsSolutionsChecks(synthesised))
    createKeyharbor(synthesised, site)
    expect(() => synthesised.synth()).not.toThrow()
  })

  test('and it does look', () => {
    const synthesised = app()
    Validations.of(synthesised).addPlugins(new AwsSolutionsChecks(synthesised))
    const { service } = createKeyharbor(synthesised, site)
    new Queue(service, 'Bare')
    expect(() => synthesised.synth()).toThrow('AwsSolutions-SQS')
  })
})

describe('cfn-lint', async () => {
  const version = await run('cfn-lint', ['--version']).catch(() => null)
  test.skipIf(version === null)(
    `finds no error and no warning${version === null ? ' (skipped: it is not installed; pip install cfn-lint)' : ''}`,
    async () => {
      for (const [name, settings] of Object.entries({ plain: {}, everything: EVERYTHING })) {
        const out = await synthesise(`lint-${name}`, settings)
        const templates = (await readdir(out)).filter((file) => file.endsWith('.template.json'))
        const files = templates.map((file) => join(out, file))
        await expect(run('cfn-lint', ['--', ...files])).resolves.toMatchObject({ stdout: '' })
      }
    },
    // Two runs of a linter in Python, which a busy machine makes minutes of.
    600_000,
  )
})
