/**
 * The environment of a function's process: the template's variables, what Lambda itself sets, and here
 * at the end all in which this machine differs from a deployment.
 */
import { randomBytes } from 'node:crypto'
import type { FunctionPlan } from '../assembly/functions.ts'
import type { Credentials } from '../credentials.ts'

type Variables = Readonly<Record<string, string>>

/** What stands in for AWS's network, and for the settings that only test rigs have. */
export type StandIns = {
  /** The SDK's own variables: DynamoDB and KMS are here. */
  readonly endpoints: {
    readonly AWS_ENDPOINT_URL_DYNAMODB: string
    readonly AWS_ENDPOINT_URL_KMS: string
  }
  /** Beginnings of URLs in the template (`@connections`, the operator's JWKS), and what is there. */
  readonly addresses: ReadonlyMap<string, string>
  /** KEYHARBOR_ALLOW_INSECURE, which no deployment has. */
  readonly allowInsecure: boolean
  /** KEYHARBOR_ISSUER, which a deployment has by its names. */
  readonly issuer?: string | undefined
}

/** @param api value of AWS_LAMBDA_RUNTIME_API. */
export const environmentOf = (
  plan: FunctionPlan,
  credentials: Credentials,
  { region, api, standIns }: { region: string; api: string; standIns: StandIns },
): Variables => ({
  ...plan.environment,
  ...lambdaOf(plan, region),
  ...defined(credentials),
  AWS_LAMBDA_RUNTIME_API: api,
  ...standInsFor(plan.environment, standIns),
})

// ---------------------------------------------------------------------------------------------

/** AWS: "Defined runtime environment variables". */
const lambdaOf = (plan: FunctionPlan, region: string): Variables => ({
  _HANDLER: plan.handler,
  AWS_DEFAULT_REGION: region,
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(plan.memory),
  AWS_LAMBDA_FUNCTION_NAME: plan.functionName,
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_GROUP_NAME: plan.logGroup,
  AWS_LAMBDA_LOG_STREAM_NAME: `local/[$LATEST]${randomBytes(16).toString('hex')}`,
  AWS_REGION: region,
  LAMBDA_RUNTIME_DIR: import.meta.dirname,
  LAMBDA_TASK_ROOT: plan.bundle,
  LANG: 'en_US.UTF-8',
  PATH: '/usr/local/bin:/usr/bin:/bin',
  TZ: ':UTC',
})

/** All that isn't as in AWS. */
const standInsFor = (template: Variables, standIns: StandIns): Variables => ({
  ...standIns.endpoints,
  ...Object.fromEntries(
    Object.entries(template).flatMap(([name, value]) => {
      const here = moved(value, standIns.addresses)
      return here === value ? [] : [[name, here]]
    }),
  ),
  ...(standIns.allowInsecure && { KEYHARBOR_LOCAL: '1', KEYHARBOR_ALLOW_INSECURE: '1' }),
  ...(standIns.issuer !== undefined && { KEYHARBOR_ISSUER: standIns.issuer }),
})

const moved = (value: string, addresses: StandIns['addresses']): string => {
  for (const [there, here] of addresses)
    if (value === there || value.startsWith(`${there}/`)) return here + value.slice(there.length)
  return value
}

const defined = (values: Readonly<Record<string, string | undefined>>): Variables =>
  Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
