/** The synthesised templates as tests ask them: with the flags of `cdk.json`, without bundling (fast). */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { createKeyharbor } from '../../cdk/keyharbor.ts'
import { FUNCTIONS, type FunctionName } from '../../cdk/lambda.ts'

const ROOT = join(import.meta.dirname, '../..')

export { FUNCTIONS }

export const read = (...path: string[]): string => readFileSync(join(ROOT, ...path), 'utf8')

/** Where the apps write; it goes with the run's temporary folder. */
const folder = mkdtempSync(join(tmpdir(), 'keyharbor-cdk-'))

/** A folder that stands for the site's. */
export const site = (): string => {
  const pages = join(folder, 'site')
  mkdirSync(pages, { recursive: true })
  writeFileSync(join(pages, 'robots.txt'), 'User-agent: *\n')
  return pages
}

/** An app with the context of `cdk.json` and these settings, that bundles nothing. */
export const app = (settings: Record<string, unknown> = {}): App => {
  const { context } = JSON.parse(read('cdk.json'))
  const given = Object.entries(settings).map(([name, value]) => [`keyharbor:${name}`, value])
  return new App({
    outdir: mkdtempSync(join(folder, 'app-')),
    context: { ...context, 'aws:cdk:bundling-stacks': [], ...Object.fromEntries(given) },
  })
}

/** Once for the same settings: the files that a worker runs share it (`vitest.config.ts`), and none changes it. */
export const synth = (settings: Record<string, unknown> = {}): Synthesised => {
  const name = JSON.stringify(settings)
  const synthesised = known.get(name) ?? synthesise(settings)
  known.set(name, synthesised)
  return synthesised
}

const known = new Map<string, Synthesised>()

const synthesise = (settings: Record<string, unknown>) => {
  const stacks = createKeyharbor(app(settings), site)
  const templates = Object.fromEntries(
    Object.entries(stacks).map(([name, stack]) => [name, Template.fromStack(stack)]),
  ) as Record<keyof typeof stacks, Template>
  const { service } = templates
  const exported = exports(Object.values(templates))

  const only = (type: string, wanted: (resource: Resource, id: string) => boolean): Resource => {
    const found = Object.entries(service.findResources(type) as Record<string, Resource>)
      .filter(([id, resource]) => wanted(resource, id))
      .map(([, resource]) => resource)
    const [resource, ...rest] = found
    if (resource === undefined || rest.length > 0)
      throw new Error(`${found.length} of ${type}, not one`)
    return resource
  }

  /** CloudFormation's references as text: names without CDK's hash, joins joined. */
  const text = (value: unknown): string => {
    if (typeof value === 'string') return value
    if (Array.isArray(value)) return value.map(text).join('')
    const [[kind, of] = []] = Object.entries(value as object)
    if (kind === 'Fn::Join') return text(of[1])
    if (kind === 'Fn::GetAtt') return `${unhashed(of[0])}.${of[1]}`
    if (kind === 'Ref') return unhashed(of).replace('AWS::', '')
    if (kind === 'Fn::ImportValue') return text(exported.get(of))
    if (kind === 'Fn::GetStackOutput') {
      const from = Object.values(stacks).findIndex(({ stackName }) => stackName === of.StackName)
      const { Outputs = {} } = Object.values(templates)[from]?.toJSON() ?? {}
      return `${of.StackName}.${text(Outputs[of.OutputName].Value)}`
    }
    throw new Error(`what is ${JSON.stringify(value)}?`)
  }

  return {
    ...templates,
    stacks,
    text,

    properties: (name: FunctionName): Record<string, unknown> =>
      only('AWS::Lambda::Function', (_, id) => unhashed(id) === name).Properties,

    /** Environment of a function, with a made-up value for what CloudFormation fills in. */
    environment(name: FunctionName): Record<string, string> {
      const { Variables } = this.properties(name).Environment as Record<'Variables', object>
      return Object.fromEntries(Object.entries(Variables).map(([key, value]) => [key, text(value)]))
    },

    /** Statements of a function's role, with their resources as text. */
    statements(name: FunctionName): Statement[] {
      const { Properties } = only('AWS::IAM::Policy', ({ Properties: { Roles } }) =>
        text(Roles).startsWith(`${name}Role`),
      )
      const { Statement } = Properties.PolicyDocument as { Statement: RawStatement[] }
      return Statement.map(({ Action, Resource, Condition = {}, Effect, Sid = '' }) => ({
        sid: Sid,
        effect: Effect,
        actions: [Action].flat(),
        resources: [Resource].flat().map(text),
        conditions: Condition,
      }))
    },
  }
}

export type Synthesised = ReturnType<typeof synthesise>

export type Statement = {
  readonly sid: string
  readonly effect: string
  readonly actions: readonly string[]
  readonly resources: readonly string[]
  readonly conditions: Readonly<Record<string, Readonly<Record<string, string | string[]>>>>
}

// ---------------------------------------------------------------------------------------------

type Resource = { readonly Properties: Record<string, unknown> }
type RawStatement = {
  readonly Sid?: string
  readonly Effect: string
  readonly Action: string | string[]
  readonly Resource: unknown
  readonly Condition?: Statement['conditions']
}

/** What stacks export, by name. */
const exports = (templates: readonly Template[]): Map<string, unknown> =>
  new Map(
    templates.flatMap((template) =>
      Object.values(template.toJSON().Outputs ?? {}).flatMap((output) => {
        const { Export, Value } = output as { Export?: { Name: string }; Value: unknown }
        return Export === undefined ? [] : [[Export.Name, Value] as const]
      }),
    ),
  )

const unhashed = (id: string): string => id.replace(/[0-9A-F]{8}$/, '')
