/** Where the picture stands, and how it gets there. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib'
import { createKeyharbor } from '../../cdk/keyharbor.ts'
import { type Assembly, readAssembly } from '../../local/assembly/assembly.ts'
import { edgesOf } from './edges.ts'
import { mermaid } from './mermaid.ts'

const ROOT = join(import.meta.dirname, '../..')
export const DOCUMENT = join(ROOT, 'docs/architecture.md')

/** @returns the picture of a deployment with everything: the edge, and somebody who hears of alarms. */
export const drawn = async (): Promise<string> => {
  const [all, bare] = await Promise.all([synthesised(EVERYTHING), synthesised({})])
  const always = new Set(bare.resources.map(({ stack }) => stack))
  return mermaid([...edgesOf(all), ...edgesOf(bare)], always)
}

/** @throws Error when the document has no place for a picture. */
export const withPicture = (text: string, picture: string): string => {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`${DOCUMENT} lacks the lines ${BEGIN} and ${END}`)
  return `${text.slice(0, begin + BEGIN.length)}\n\n\`\`\`mermaid\n${picture}\n\`\`\`\n\n${text.slice(end)}`
}

// ---------------------------------------------------------------------------------------------

const BEGIN = '<!-- picture: npm run picture -->'
const END = '<!-- end of picture -->'

const EVERYTHING = {
  'keyharbor:domainNames': 'keys.example',
  'keyharbor:certificateArn': 'arn:aws:acm:us-east-1:111111111111:certificate/1',
  'keyharbor:hostedZoneId': 'Z1',
  'keyharbor:alarmEmail': 'operator@keys.example',
}

/** Without bundling, which the picture doesn't need. */
const synthesised = async (settings: Record<string, string>): Promise<Assembly> => {
  const outdir = await mkdtemp(join(tmpdir(), 'keyharbor-picture-'))
  try {
    const { context } = JSON.parse(await readFile(join(ROOT, 'cdk.json'), 'utf8'))
    const app = new App({
      outdir,
      context: { ...context, ...settings, 'aws:cdk:bundling-stacks': [] },
    })
    createKeyharbor(app)
    app.synth()
    return await readAssembly(outdir)
  } finally {
    await rm(outdir, { recursive: true, force: true })
  }
}
