/** The synthesised template as tests ask it: with the flags of `cdk.json`, without bundling (fast). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { createKeyharbor } from '../../cdk/stack.ts'

const ROOT = join(import.meta.dirname, '../..')

export const FUNCTIONS = ['Socket', 'Http', 'Fanout', 'Sweep'] as const
type Name = (typeof FUNCTIONS)[number]

export const read = (...path: string[]): string => readFileSync(join(ROOT, ...path), 'utf8')

export const synth = (settings: Record<string, string> = {}) => {
  const { context } = JSON.parse(read('cdk.json'))
  const app = new App({ context: { ...context, 'aws:cdk:bundling-stacks': [], ...settings } })
  const template = Template.fromStack(createKeyharbor(app))

  const only = (type: string, wanted: (resource: Resource, id: string) => boolean): Resource => {
    const found = Object.entries(template.findResources(type) as Record<string, Resource>)
      .filter(([id, resource]) => wanted(resource, id))
      .map(([, resource]) => resource)
    const [resource, ...rest] = found
    if (resource === undefined || rest.length > 0)
      throw new Error(`${found.length} of ${type}, not one`)
    return resource
  }

  return {
    template,

    properties: (name: Name): Record<string, unknown> =>
      only('AWS::Lambda::Function', (_, id) => id.startsWith(name)).Properties,

    /** Environment of a function, with a made-up value for what CloudFormation fills in. */
    environment(name: Name): Record<string, string> {
      const { Variables } = this.properties(name).Environment as Record<'Variables', object>
      return Object.fromEntries(Object.entries(Variables).map(([key, value]) => [key, text(value)]))
    },

    /** What the role of a function allows beside writing its log, as "action on resource". */
    allowed(name: Name): string[] {
      const policy = only('AWS::IAM::Policy', ({ Properties: { Roles } }) =>
        text(Roles).startsWith(`${name}ServiceRole`),
      )
      const { Statement } = policy.Properties.PolicyDocument as { Statement: Statement[] }
      return Statement.flatMap(({ Action, Resource }) =>
        [Action].flat().map((action) => `${action} on ${text(Resource)}`),
      ).sort()
    },
  }
}

export type Synthesised = ReturnType<typeof synth>

// ---------------------------------------------------------------------------------------------

type Resource = { readonly Properties: Record<string, unknown> }
type Statement = { readonly Action: string | string[]; readonly Resource: unknown }

/** CloudFormation's references as text: names without CDK's hash, joins joined. */
const text = (value: unknown): string => {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(text).join('')
  const [[kind, of] = []] = Object.entries(value as object)
  if (kind === 'Fn::Join') return text(of[1])
  if (kind === 'Fn::GetAtt') return `${unhashed(of[0])}.${of[1]}`
  if (kind === 'Ref') return unhashed(of).replace('AWS::', '')
  throw new Error(`what is ${JSON.stringify(value)}?`)
}

const unhashed = (id: string): string => id.replace(/[0-9A-F]{8}$/, '')
