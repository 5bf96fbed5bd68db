/** The functions of an assembly: found by what calls them, with all that their templates say. */
import { z } from 'zod'
import { UserError } from '../user-error.ts'
import { type Assembly, nameOf, type Resource } from './assembly.ts'
import type { Resolver } from './resolve.ts'

export type FunctionPlan = {
  /** Socket, Http …: the logical id without CDK's hash. */
  readonly name: string
  readonly functionName: string
  readonly arn: string
  /** Folder of the bundle. */
  readonly bundle: string
  /** Module and export, as in index.handler. */
  readonly handler: string
  readonly seconds: number
  /** Megabytes. */
  readonly memory: number
  readonly logGroup: string
  /** What the template sets, resolved. */
  readonly environment: Readonly<Record<string, string>>
}

/** @returns functions as they are asked for: those that nothing calls needn't make sense here. */
export const createFunctions = (assembly: Assembly, { resolve, text, attribute }: Resolver) => {
  const resources = assembly.resources.filter(({ type }) => type === 'AWS::Lambda::Function')
  const plans = new Map<string, FunctionPlan>()
  const arnOf = ({ stack, id }: Resource): string => String(attribute(stack, id, 'Arn'))

  const plan = (resource: Resource): FunctionPlan => {
    const { stack, id, properties } = resource
    const { Code, Handler, Timeout, MemorySize, Environment, LoggingConfig } =
      FunctionProperties.parse(properties)
    const key = text(Code.S3Key, stack, `code of ${id}`)
    const bundle = assembly.asset(key)
    if (bundle === undefined) throw new UserError(`the assembly has no bundle of ${id}`)
    const functionName = String(attribute(stack, id, 'Ref'))
    const group = LoggingConfig?.LogGroup
    return {
      name: nameOf(resource),
      functionName,
      arn: arnOf(resource),
      bundle,
      handler: Handler,
      seconds: Timeout,
      memory: MemorySize,
      logGroup: group ? text(group, stack, 'log group') : `/aws/lambda/${functionName}`,
      environment: environmentOf(resource, Environment?.Variables ?? {}),
    }
  }

  const environmentOf = ({ stack, id }: Resource, variables: Record<string, unknown>) => {
    const entries = Object.entries(variables).map(([name, value]) => {
      try {
        return [name, resolve(value, stack)] as const
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        throw new UserError(`${name} of the function ${nameOf({ id })}: ${error.message}`)
      }
    })
    return Object.fromEntries(
      entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
    )
  }

  return {
    /** Those that were asked for, by name. */
    plans: () => Object.fromEntries(plans),

    /** Name of the function that something calls by its name or ARN, alone or inside of a URI. */
    called(target: unknown, by: Resource): string {
      const wanted = text(target, by.stack, `target of ${by.id}`)
      const found = resources.find(
        (one) =>
          wanted === attribute(one.stack, one.id, 'Ref') || `${wanted}/`.includes(`${arnOf(one)}/`),
      )
      if (found === undefined) throw new UserError(`${by.id} calls no function of this assembly`)
      const name = nameOf(found)
      if (!plans.has(name)) plans.set(name, plan(found))
      return name
    },
  }
}

// ---------------------------------------------------------------------------------------------

const FunctionProperties = z.object({
  Code: z.object({ S3Key: z.unknown() }),
  Handler: z.string(),
  // CloudFormation's defaults.
  Timeout: z.number().default(3),
  MemorySize: z.number().default(128),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }).optional(),
  LoggingConfig: z.object({ LogGroup: z.unknown() }).optional(),
})
