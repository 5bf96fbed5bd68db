/**
 * What an assembly deploys, as far as one machine needs to know: the functions that something calls,
 * and what calls them: routes of the two APIs, the table's stream, the schedule.
 */
import { z } from 'zod'
import { Trouble } from '../trouble.ts'
import { type Assembly, nameOf, type Resource } from './assembly.ts'
import { createResolver, type World } from './resolve.ts'

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

/** Functions by name, and who calls which. */
export type Deployment = {
  readonly functions: Readonly<Record<string, FunctionPlan>>
  /** By route key. */
  readonly socket: Readonly<Record<string, string>>
  readonly http: Readonly<Record<string, string>>
  readonly stream: {
    readonly name: string
    readonly batch: number
    /** Filter patterns of Lambda; a record that fits any is heard. None: all are. */
    readonly patterns: readonly unknown[]
  }
  readonly sweep: string
  /** Address of the WebSocket API's `@connections`, where the template points; without the stage. */
  readonly socketApi: string
}

/** @throws Trouble naming what can't be run here. */
export const readDeployment = (assembly: Assembly, world: World): Deployment => {
  const { resolve, text, attribute } = createResolver(assembly, world)
  const all = (type: string): Resource[] => assembly.resources.filter((one) => one.type === type)
  const only = (type: string): Resource => {
    const [first, ...more] = all(type)
    if (first === undefined || more.length > 0)
      throw new Trouble(`there are ${all(type).length} of ${type}, and not one`)
    return first
  }
  const arnOf = ({ stack, id }: Resource): string => String(attribute(stack, id, 'Arn'))
  const functions = new Map<string, FunctionPlan>()

  /** The function that something calls, by its name or ARN, alone or inside of a URI. */
  const called = (target: unknown, by: Resource): string => {
    const wanted = text(target, by.stack, `target of ${by.id}`)
    const found = all('AWS::Lambda::Function').find(
      (one) =>
        wanted === attribute(one.stack, one.id, 'Ref') || `${wanted}/`.includes(`${arnOf(one)}/`),
    )
    if (found === undefined) throw new Trouble(`${by.id} calls no function of this assembly`)
    const name = nameOf(found)
    if (!functions.has(name)) functions.set(name, plan(found))
    return name
  }

  const plan = (resource: Resource): FunctionPlan => {
    const { stack, id, properties } = resource
    const { Code, Handler, Timeout, MemorySize, Environment, LoggingConfig } =
      FunctionProperties.parse(properties)
    const key = text(Code.S3Key, stack, `code of ${id}`)
    const bundle = assembly.asset(key)
    if (bundle === undefined) throw new Trouble(`the assembly has no bundle of ${id}`)
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
        if (!(error instanceof Trouble)) throw error
        throw new Trouble(`${name} of the function ${nameOf({ id })}: ${error.message}`)
      }
    })
    return Object.fromEntries(
      entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
    )
  }

  const apiOf = (protocol: string): Resource => {
    const found = all('AWS::ApiGatewayV2::Api').find(
      (one) => one.properties.ProtocolType === protocol,
    )
    if (found === undefined) throw new Trouble(`there is no API of type ${protocol}`)
    return found
  }

  const routesOf = (api: Resource): Record<string, string> =>
    Object.fromEntries(
      all('AWS::ApiGatewayV2::Route')
        .filter(({ stack, properties }) => text(properties.ApiId, stack, 'API') === api.id)
        .map((route) => {
          const target = text(route.properties.Target, route.stack, `target of ${route.id}`)
          const integration = all('AWS::ApiGatewayV2::Integration').find(
            ({ id }) => target === `integrations/${id}`,
          )
          if (integration === undefined) throw new Trouble(`${route.id} has no integration`)
          const { IntegrationUri } = integration.properties
          return [String(route.properties.RouteKey), called(IntegrationUri, integration)]
        }),
    )

  const socketApi = apiOf('WEBSOCKET')
  const socket = routesOf(socketApi)
  for (const key of ['$connect', '$default', '$disconnect'])
    if (socket[key] === undefined) throw new Trouble(`the WebSocket API has no route ${key}`)
  const http = routesOf(apiOf('HTTP'))
  const source = only('AWS::Lambda::EventSourceMapping')
  const { FunctionName, BatchSize, FilterCriteria } = Source.parse(source.properties)
  const schedule = only('AWS::Scheduler::Schedule')
  const { Target } = Schedule.parse(schedule.properties)
  return {
    socket,
    http,
    stream: {
      name: called(FunctionName, source),
      batch: BatchSize,
      patterns: FilterCriteria.Filters.map(({ Pattern }) => JSON.parse(Pattern)),
    },
    sweep: called(Target.Arn, schedule),
    socketApi: String(attribute(socketApi.stack, socketApi.id, 'ApiEndpoint')),
    functions: Object.fromEntries(functions),
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

const Source = z.object({
  FunctionName: z.unknown(),
  BatchSize: z.number().default(100),
  FilterCriteria: z
    .object({ Filters: z.array(z.object({ Pattern: z.string() })) })
    .default({ Filters: [] }),
})

const Schedule = z.object({ Target: z.object({ Arn: z.unknown() }) })
