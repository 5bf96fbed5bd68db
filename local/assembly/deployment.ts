/**
 * What an assembly deploys, as far as one machine needs to know: the functions that something calls,
 * and what calls them: routes of the two APIs, the table's stream, the schedule.
 */
import { z } from 'zod'
import { UserError } from '../user-error.ts'
import type { Assembly, Resource } from './assembly.ts'
import type { World } from './facts.ts'
import { createFunctions, type FunctionPlan } from './functions.ts'
import { createResolver, type Resolver } from './resolve.ts'

/** Functions by name, and who calls which. */
export type Deployment = {
  readonly functions: Readonly<Record<string, FunctionPlan>>
  /** By route key. */
  readonly socket: Readonly<Record<string, string>>
  readonly http: Readonly<Record<string, string>>
  /** The readers of the table's stream, two at the most. */
  readonly streams: readonly {
    readonly name: string
    readonly batch: number
    /** Filter patterns of Lambda; a record that fits any is heard. None: all are. */
    readonly patterns: readonly unknown[]
  }[]
  readonly sweep: string
  /** Address of the WebSocket API's `@connections`, where the template points; without the stage. */
  readonly socketApi: string
}

/** @throws UserError naming what can't be run here. */
export const readDeployment = (assembly: Assembly, world: World): Deployment => {
  const resolver = createResolver(assembly, world)
  const functions = createFunctions(assembly, resolver)
  const routesOf = createRoutes(assembly, resolver, functions.called)
  const socketApi = only(assembly, 'AWS::ApiGatewayV2::Api', isOf('WEBSOCKET'))
  const socket = routesOf(socketApi)
  for (const key of ['$connect', '$default', '$disconnect'])
    if (socket[key] === undefined) throw new UserError(`the WebSocket API has no route ${key}`)
  const http = routesOf(only(assembly, 'AWS::ApiGatewayV2::Api', isOf('HTTP')))
  const schedule = only(assembly, 'AWS::Scheduler::Schedule')
  const { Target } = Schedule.parse(schedule.properties)
  const sources = assembly.resources.filter(({ type }) => type === SOURCE)
  const streams = sources.map((source) => {
    const { FunctionName, BatchSize, FilterCriteria } = Source.parse(source.properties)
    return {
      name: functions.called(FunctionName, source),
      batch: BatchSize,
      patterns: FilterCriteria.Filters.map(({ Pattern }) => JSON.parse(Pattern)),
    }
  })
  const sweep = functions.called(Target.Arn, schedule)
  return {
    socket,
    http,
    streams,
    sweep,
    socketApi: String(resolver.attribute(socketApi.stack, socketApi.id, 'ApiEndpoint')),
    functions: functions.plans(),
  }
}

// ---------------------------------------------------------------------------------------------

const only = (
  assembly: Assembly,
  type: string,
  wanted: (resource: Resource) => boolean = () => true,
): Resource => {
  const found = assembly.resources.filter((one) => one.type === type && wanted(one))
  if (found[0] === undefined || found.length > 1)
    throw new UserError(`there are ${found.length} of ${type}, and not one`)
  return found[0]
}

const isOf =
  (protocol: string) =>
  ({ properties }: Resource): boolean =>
    properties.ProtocolType === protocol

/** @returns what lists an API's route keys, each with the function behind its integration. */
const createRoutes = (
  { resources }: Assembly,
  { text }: Resolver,
  called: (target: unknown, by: Resource) => string,
) => {
  const all = (type: string) => resources.filter((one) => one.type === type)
  return (api: Resource): Record<string, string> => {
    const routes = all('AWS::ApiGatewayV2::Route').filter(
      ({ stack, properties }) => text(properties.ApiId, stack, 'API') === api.id,
    )
    const entries = routes.map(({ stack, id, properties }) => {
      const target = text(properties.Target, stack, `target of ${id}`)
      const integration = all('AWS::ApiGatewayV2::Integration').find(
        (one) => target === `integrations/${one.id}`,
      )
      if (integration === undefined) throw new UserError(`${id} has no integration`)
      const { IntegrationUri } = integration.properties
      return [String(properties.RouteKey), called(IntegrationUri, integration)] as const
    })
    return Object.fromEntries(entries)
  }
}

const SOURCE = 'AWS::Lambda::EventSourceMapping'

const Source = z.object({
  FunctionName: z.unknown(),
  BatchSize: z.number().default(100),
  FilterCriteria: z
    .object({ Filters: z.array(z.object({ Pattern: z.string() })) })
    .default({ Filters: [] }),
})

const Schedule = z.object({ Target: z.object({ Arn: z.unknown() }) })
