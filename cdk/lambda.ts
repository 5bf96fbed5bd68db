/** How every function is built and run: one ES module with the SDK that was tested, on arm64, under a
 * role of its own. */
import { join } from 'node:path'
import { type Duration, Stack } from 'aws-cdk-lib'
import {
  type CfnPolicy,
  type IRole,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam'
import {
  Architecture,
  type CfnFunction,
  type Function as Lambda,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda'
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { BUNDLING } from './bundling.ts'
import { retention } from './logs.ts'
import { acceptWildcard } from './nag.ts'
import type { Settings } from './settings.ts'

const ROOT = join(import.meta.dirname, '..')

/** Each is the entry of its name in `functions/`. */
export const FUNCTIONS = ['Socket', 'Introspect', 'Http', 'Close', 'Tell', 'Sweep'] as const
export type FunctionName = (typeof FUNCTIONS)[number]

type Options = {
  /** Megabytes; processor time grows with it. */
  readonly memory: number
  readonly timeout: Duration
  readonly environment?: Readonly<Record<string, string | undefined>>
}

/** IAM path of the functions' roles: the wrapping key's policy knows them by it. */
export const rolePath = ({ name }: Settings): string => `/${name.toLowerCase()}/`

export const createLambda = (
  stack: Stack,
  name: FunctionName,
  settings: Settings,
  { memory, timeout, environment = {} }: Options,
): Lambda => {
  const logGroup = new LogGroup(stack, `${name}Log`, retention(settings))
  const role = new Role(stack, `${name}Role`, {
    path: rolePath(settings),
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
  })
  role.addToPolicy(
    new PolicyStatement({
      sid: 'Log',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    }),
  )
  if (settings.tracing)
    acceptWildcard(
      role,
      '*',
      'X-Ray knows no resources: PutTraceSegments and its like take "*" only.',
    )
  const { target, mainFields, minify, external } = BUNDLING
  const reserved = settings[`${lowerCase(name)}Concurrency`]
  const given = Object.entries(environment).filter((entry): entry is [string, string] => !!entry[1])
  const fn = new NodejsFunction(stack, name, {
    entry: join(ROOT, 'functions', `${lowerCase(name)}.ts`),
    projectRoot: ROOT,
    depsLockFilePath: join(ROOT, 'package-lock.json'),
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: memory,
    timeout,
    role,
    environment: { KEYHARBOR_DEPLOYMENT: settings.name, ...Object.fromEntries(given) },
    logGroup,
    ...(reserved !== undefined && { reservedConcurrentExecutions: reserved }),
    ...(settings.tracing && { tracing: Tracing.ACTIVE }),
    bundling: {
      format: OutputFormat.ESM,
      target,
      mainFields,
      minify,
      bundleAwsSDK: true,
      externalModules: external,
    },
  })
  waitForPolicy(fn, role)
  return fn
}

/** The role that {@link createLambda} made for a function. */
export const roleOf = (fn: Lambda): IRole => {
  if (fn.role === undefined) throw new Error(`${fn.node.path} has no role`)
  return fn.role
}

/** A function that runs before its role's policy is there fails. CDK would have it wait for the role
 * too, which it names anyway: cfn-lint calls that a warning. */
export const waitForPolicy = (fn: Lambda, role: Role): void => {
  const policy = role.node.findChild('DefaultPolicy').node.defaultChild as CfnPolicy
  const resource = fn.node.defaultChild as CfnFunction
  resource.addOverride('DependsOn', [Stack.of(fn).getLogicalId(policy)])
}

// ---------------------------------------------------------------------------------------------

const lowerCase = (name: FunctionName) => name.toLowerCase() as Lowercase<FunctionName>
