/** The service put together: AWS clients in, the parts that flows use out. Made once per process. */
import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { KMSClient } from '@aws-sdk/client-kms'
import { countFailures } from './crypto/kms-failures.ts'
import { createVault } from './crypto/vault.ts'
import type { Env } from './env.ts'
import { createPush } from './live/push.ts'
import { createLog } from './log.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { createConnections } from './store/connections.ts'
import { createDb } from './store/db.ts'
import { createKeys } from './store/keys.ts'
import { createTenants } from './store/tenants.ts'
import { createTokens } from './store/tokens.ts'
import { createUsers } from './store/users.ts'

type Options = {
  readonly env: Env
  /** The clock, in milliseconds since the epoch. */
  readonly now?: () => number
  /** Where it is counted what happens. Default: on standard output, for CloudWatch. */
  readonly metrics?: Metrics
}

/** How long AWS may take. A call has 29 s at the gateway; without a bound the SDK waits for ever. */
const PATIENCE = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
} as const

/** What a check of keys takes, and nothing else: the function for that loads and may no more. */
export const createChecks = (options: Options) => createCore(options).core

export type Checks = ReturnType<typeof createChecks>

export const createService = (options: Options) => {
  const { core, db } = createCore(options)
  const endpoint = options.env.KEYHARBOR_CONNECTIONS_URL
  return {
    ...core,
    due: db.due,
    users: createUsers(db),
    connections: createConnections(db),
    tokens: createTokens(db),
    push: createPush(
      new ApiGatewayManagementApiClient({
        ...PATIENCE,
        ...(endpoint !== undefined && { endpoint }),
      }),
    ),
  }
}

export type Service = ReturnType<typeof createService>

// ---------------------------------------------------------------------------------------------

const createCore = ({
  env,
  now = Date.now,
  metrics = createMetrics(env.KEYHARBOR_DEPLOYMENT),
}: Options) => {
  const db = createDb(new DynamoDBClient(PATIENCE), env.KEYHARBOR_TABLE)
  const tenants = createTenants(db)
  const core = {
    env,
    now,
    tenants,
    log: createLog(now),
    metrics,
    keys: createKeys(db),
    vault: createVault({
      kms: countFailures(new KMSClient(PATIENCE), metrics),
      keyId: env.KEYHARBOR_KMS_KEY,
      read: tenants.wrappedKey,
    }),
  }
  return { core, db }
}
