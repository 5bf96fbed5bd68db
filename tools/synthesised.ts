/** The deployment as CDK synthesises it, without the bundles and the site's files. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib'
import { createKeyharbor } from '../cdk/keyharbor.ts'
import { type Assembly, readAssembly } from '../local/assembly/assembly.ts'

const ROOT = join(import.meta.dirname, '..')

/** Settings of a deployment with everything: the edge, and somebody who hears of alarms. */
export const EVERYTHING = {
  'keyharbor:domainNames': 'keys.example',
  'keyharbor:certificateArn': 'arn:aws:acm:us-east-1:111111111111:certificate/1',
  'keyharbor:hostedZoneId': 'Z1',
  'keyharbor:alarmEmail': 'operator@keys.example',
}

export const synthesised = async (settings: Record<string, string>): Promise<Assembly> => {
  const outdir = await mkdtemp(join(tmpdir(), 'keyharbor-synth-'))
  try {
    const { context } = JSON.parse(await readFile(join(ROOT, 'cdk.json'), 'utf8'))
    const app = new App({
      outdir,
      context: { ...context, ...settings, 'aws:cdk:bundling-stacks': [] },
    })
    const site = join(outdir, 'site')
    await mkdir(site)
    createKeyharbor(app, () => site)
    app.synth()
    return await readAssembly(outdir)
  } finally {
    await rm(outdir, { recursive: true, force: true })
  }
}
