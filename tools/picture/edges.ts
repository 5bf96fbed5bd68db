/** Who calls whom in an assembly, and what for: read from what lets them, or makes them, do so. */
import { type Assembly, nameOf, type Resource } from '../../local/assembly/assembly.ts'
import { createReferences, textOf } from './references.ts'
import { verbsOf } from './verbs.ts'

/** A resource of the picture, or somebody outside of all stacks. */
export type Node = { readonly name: string; readonly stack: string | null; readonly type: string }

export type Edge = {
  readonly from: Node
  readonly to: Node
  readonly label: string
  /** Only when something went wrong. */
  readonly rare?: boolean
}

export const edgesOf = (assembly: Assembly): Edge[] => {
  const { all, one } = createReferences(assembly)
  const of = (type: string) => assembly.resources.filter((resource) => resource.type === type)
  const edge = (
    from: Resource | undefined,
    to: Resource | undefined,
    label: string,
    rare = false,
  ): Edge[] => (from && to ? [{ from: nodeOf(from), to: nodeOf(to), label, rare }] : [])

  const routes = of(ROUTE).flatMap(({ stack, properties: { ApiId, Target, RouteKey } }) => {
    const integration = one(Target, stack, INTEGRATION)
    const fn = one(integration?.properties.IntegrationUri, stack, FUNCTION)
    return edge(one(ApiId, stack, API), fn, String(RouteKey))
  })

  const streams = of(SOURCE).flatMap(({ stack, properties }) => {
    const fn = one(properties.FunctionName, stack, FUNCTION)
    return [
      ...edge(one(properties.EventSourceArn, stack, TABLE), fn, 'stream of changes'),
      ...edge(fn, one(properties.DestinationConfig, stack, QUEUE), DEAD, true),
    ]
  })

  const schedules = of(SCHEDULE).flatMap((schedule) => {
    const { Target, ScheduleExpression } = schedule.properties
    const { Arn, DeadLetterConfig } = Target as Record<string, unknown>
    return [
      ...edge(schedule, one(Arn, schedule.stack, FUNCTION), String(ScheduleExpression)),
      ...edge(schedule, one(DeadLetterConfig, schedule.stack, QUEUE), DEAD, true),
    ]
  })

  const failures = of(ASYNC).flatMap(({ stack, properties }) =>
    edge(
      one(properties.FunctionName, stack, FUNCTION),
      one(properties.DestinationConfig, stack, QUEUE),
      DEAD,
      true,
    ),
  )

  const policies = of(POLICY).flatMap(({ stack, properties }) => {
    const fns = of(FUNCTION).filter(
      (fn) => one(fn.properties.Role, stack, ROLE) === one(properties.Roles, stack, ROLE),
    )
    const { Statement } = properties.PolicyDocument as { Statement: Record<string, unknown>[] }
    return fns.flatMap((fn) =>
      Statement.flatMap(({ Action, Resource }) =>
        [Resource]
          .flat()
          .flatMap((resource) =>
            verbsOf([Action].flat().map(String), textOf(resource)).flatMap((verb) =>
              all(resource, stack).flatMap((to) => edge(fn, to, verb)),
            ),
          ),
      ),
    )
  })

  const fronts = of(DISTRIBUTION).flatMap((front) => {
    const { stack } = front
    const config = front.properties.DistributionConfig as Record<string, unknown>
    const origins = config.Origins as { Id: string; DomainName: unknown }[]
    const behaviours = [
      config.DefaultCacheBehavior,
      ...((config.CacheBehaviors ?? []) as unknown[]),
    ]
    return [
      ...(behaviours as { TargetOriginId: string; PathPattern?: string }[]).flatMap(
        ({ TargetOriginId, PathPattern = 'all else' }) => {
          const origin = origins.find(({ Id }) => Id === TargetOriginId)
          const host = origin?.DomainName
          return edge(front, one(host, stack, API) ?? one(host, stack, BUCKET), PathPattern)
        },
      ),
      ...edge(front, one(behaviours, stack, EDGE_FUNCTION), 'each request'),
      ...edge(front, one(config.WebACLId, stack, FIREWALL), 'who may pass'),
      ...edge(front, one(config.Logging, stack, BUCKET), 'log'),
    ]
  })

  const alarms = of(ALARM).flatMap(({ stack, properties }) =>
    all(properties.AlarmActions, stack).map((topic) => ({
      from: { name: 'Alarms', stack, type: ALARM },
      to: nodeOf(topic),
      label: 'tell',
    })),
  )

  const told = of(SUBSCRIPTION).flatMap(({ stack, properties }) =>
    all(properties.TopicArn, stack).map((topic) => ({
      from: nodeOf(topic),
      to: { name: 'Operator', stack: null, type: String(properties.Protocol) },
      label: '',
    })),
  )

  const inside = [...routes, ...streams, ...schedules, ...failures, ...policies, ...fronts]
  /** What nothing in front of it calls, is called by clients. */
  const entries = [...of(DISTRIBUTION), ...of(API)].flatMap((entry) =>
    fronts.some(({ to }) => to.name === nodeOf(entry).name)
      ? []
      : [{ from: CLIENTS, to: nodeOf(entry), label: entry.type === API ? 'without the edge' : '' }],
  )
  return [...entries, ...inside, ...alarms, ...told]
}

// ---------------------------------------------------------------------------------------------

export const TABLE = 'AWS::DynamoDB::GlobalTable'
export const ALARM = 'AWS::CloudWatch::Alarm'
const API = 'AWS::ApiGatewayV2::Api'
const ROUTE = 'AWS::ApiGatewayV2::Route'
const INTEGRATION = 'AWS::ApiGatewayV2::Integration'
const FUNCTION = 'AWS::Lambda::Function'
const SOURCE = 'AWS::Lambda::EventSourceMapping'
const ASYNC = 'AWS::Lambda::EventInvokeConfig'
const SCHEDULE = 'AWS::Scheduler::Schedule'
const QUEUE = 'AWS::SQS::Queue'
const POLICY = 'AWS::IAM::Policy'
const ROLE = 'AWS::IAM::Role'
const DISTRIBUTION = 'AWS::CloudFront::Distribution'
const EDGE_FUNCTION = 'AWS::CloudFront::Function'
const FIREWALL = 'AWS::WAFv2::WebACL'
const BUCKET = 'AWS::S3::Bucket'
const SUBSCRIPTION = 'AWS::SNS::Subscription'

const DEAD = 'gave up'
const CLIENTS: Node = { name: 'Clients', stack: null, type: 'TrueNAS clients, devices, operators' }

const nodeOf = (resource: Resource): Node => ({
  name: nameOf(resource),
  stack: resource.stack,
  type: resource.type,
})
