/**
 * `npm start -- --bundled`: what would be deployed, built and run on this machine. What a deployer says
 * by CDK context is said here in the same way; `runtime/environment.ts` has all that differs.
 */
import { join } from 'node:path'
import type { Env } from '../shared/env.ts'
import { synthesise } from './assembly/synth.ts'
import { type Credentials, issueCredentials, type Trust } from './credentials.ts'
import type { Deployed } from './deployed.ts'
import { AUDIENCE, ISSUER, TOKEN_SECONDS } from './issuer.ts'
import type { Recording } from './record/recording.ts'
import { deployBundles } from './runtime/bundles.ts'
import { findNode } from './runtime/node.ts'

/** The operator's JWKS as the deployment knows it (settings take https only); nobody is there. */
export const JWKS_URL = 'https://operators.keyharbor.internal/jwks.json'

type Surroundings = {
  /** The data folder. */
  readonly data: string
  /** An assembly that is there already. Without, one is built. */
  readonly assembly?: string | undefined
  /** Path of the Node.js that the person wants. */
  readonly node?: string | undefined
  readonly env: Env
  readonly region: string
  /** ARN, id or alias of the wrapping key. */
  readonly kmsKey: string
  /** Digest of the certificate that clients see. */
  readonly binding: string
  readonly endpoints: { readonly dynamo: string; readonly kms: string }
  readonly internal: { readonly url: string; readonly jwksUrl: string }
  /** What the functions must sign with; null gives each credentials of its own, as roles do. */
  readonly credentials: Credentials | null
  readonly trust: Trust
  /** Learns who has which access key id. */
  readonly callers: Map<string, string>
  readonly recording: Recording | null
}

export const deployHere = async (given: Surroundings): Promise<Deployed> => {
  const { env, region, kmsKey, endpoints, internal, callers, recording } = given
  const node = findNode(given.node)
  const assembly = given.assembly ?? (await build(given))
  const credentialsOf = (name: string): Credentials => {
    if (given.credentials !== null) return given.credentials
    const made = issueCredentials(given.trust)
    callers.set(made.AWS_ACCESS_KEY_ID, name)
    return made
  }
  return deployBundles({
    assembly,
    node,
    world: { region, table: env.KEYHARBOR_TABLE, kmsKey },
    standIns: {
      endpoints: {
        AWS_ENDPOINT_URL_DYNAMODB: recording === null ? endpoints.dynamo : internal.url,
        AWS_ENDPOINT_URL_KMS: endpoints.kms,
      },
      addresses: new Map([[JWKS_URL, internal.jwksUrl]]),
      allowInsecure: env.KEYHARBOR_ALLOW_INSECURE,
      issuer: env.KEYHARBOR_ISSUER,
    },
    connections: internal.url,
    credentialsOf,
    ...(recording && { onDone: recording.invoked }),
  })
}

/** CDK context of the deployment on this machine (`cdk/settings.ts`). */
export const settingsFor = (
  env: Env,
  binding: string,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> => ({
  'keyharbor:defaultTenant': env.KEYHARBOR_DEFAULT_TENANT || 'demo',
  'keyharbor:channelBindings': binding,
  'keyharbor:operatorJwksUrl': JWKS_URL,
  'keyharbor:operatorIssuer': ISSUER,
  'keyharbor:operatorAudience': AUDIENCE,
  'keyharbor:operatorTokenSeconds': String(TOKEN_SECONDS),
  ...Object.fromEntries(
    LIMITS.filter(([, variable]) => variables[variable]).map(([setting, variable]) => [
      `keyharbor:${setting}`,
      String(env[variable]),
    ]),
  ),
})

// ---------------------------------------------------------------------------------------------

/** Limits by their setting, and the variable that says another one than the default. */
const LIMITS = [
  ['anonymousCallsPerMinute', 'KEYHARBOR_ANONYMOUS_CALLS_PER_MINUTE'],
  ['tenantCallsPerMinute', 'KEYHARBOR_TENANT_CALLS_PER_MINUTE'],
  ['deviceChecksPerMinute', 'KEYHARBOR_DEVICE_CHECKS_PER_MINUTE'],
  ['tenantChecksPerMinute', 'KEYHARBOR_TENANT_CHECKS_PER_MINUTE'],
  ['checkTimeoutMs', 'KEYHARBOR_CHECK_TIMEOUT_MS'],
] as const

const build = async ({ data, env, binding }: Surroundings): Promise<string> => {
  process.stdout.write('Building the bundles …\n')
  const folder = join(data, 'bundles')
  await synthesise(folder, settingsFor(env, binding))
  return folder
}
