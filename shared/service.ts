/** The service put together: AWS clients in, the parts that flows use out. Made once per process. */
import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { KMSClient } from '@aws-sdk/client-kms'
import { createVault } from './crypto/vault.ts'
import type { Env } from './env.ts'
import { createPush } from './live/push.ts'
import { createLog } from './log.ts'
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
}

export const createService = ({ env, now = Date.now }: Options) => {
  const patience = patienceOf(env)
  const db = createDb(new DynamoDBClient(patience), env.KEYHARBOR_TABLE)
  const tenants = createTenants(db)
  const endpoint = env.KEYHARBOR_CONNECTIONS_URL
  return {
    env,
    now,
    tenants,
    log: createLog(now),
    due: db.due,
    users: createUsers(db),
    keys: createKeys(db),
    connections: createConnections(db),
    tokens: createTokens(db),
    vault: createVault({
      kms: new KMSClient(patience),
      keyId: env.KEYHARBOR_KMS_KEY,
      read: tenants.wrappedKey,
    }),
    push: createPush(
      new ApiGatewayManagementApiClient({
        ...patience,
        ...(endpoint !== undefined && { endpoint }),
      }),
    ),
  }
}

export type Service = ReturnType<typeof createService>

// ---------------------------------------------------------------------------------------------

/** How long AWS may take. Without a bound the SDK waits for ever. */
const patienceOf = ({ KEYHARBOR_AWS_TIMEOUT_MS: requestTimeout }: Env) => ({
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1000, requestTimeout, throwOnRequestTimeout: true },
})
