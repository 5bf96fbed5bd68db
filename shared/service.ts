/** Puts the service together: AWS clients in, its parts out. Made once per process. */
import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi'
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import { KMSClient } from '@aws-sdk/client-kms'
import { countFailures } from './crypto/kms-failures.ts'
import { createPasswords, PASSWORD_COST, type PasswordCost } from './crypto/password.ts'
import { ITERATIONS } from './crypto/scram.ts'
import { createSigning } from './crypto/signing-keys.ts'
import { createVault } from './crypto/vault.ts'
import { createElapsed } from './domain/elapsed.ts'
import type { Env } from './env.ts'
import { createAccessTokens } from './keys/access-token.ts'
import { createSeen } from './keys/seen.ts'
import { CALL_MS } from './limits/calls.ts'
import { createCheckLimits } from './limits/checks.ts'
import { createSessionCalls } from './limits/session-calls.ts'
import { createSlots } from './limits/slots.ts'
import { waitForStep } from './limits/steps.ts'
import { createLog } from './log.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { createPush } from './sessions/push.ts'
import { queueRequests } from './store/admission.ts'
import { createBudgetStore } from './store/budgets.ts'
import { createConnections } from './store/connections.ts'
import { createCopies } from './store/copies.ts'
import { createDb, type Db } from './store/db.ts'
import { createDevices } from './store/devices.ts'
import { createGate } from './store/gate.ts'
import { createKeys } from './store/keys.ts'
import { parseInTurns } from './store/long-answers.ts'
import { createOnceStore } from './store/once.ts'
import { createPropagations } from './store/propagations.ts'
import { useQuickReads } from './store/quick-reads.ts'
import { createSessions } from './store/sessions.ts'
import { createSigningKeys } from './store/signing-keys.ts'
import { createTenants } from './store/tenants.ts'
import { createTokens } from './store/tokens.ts'
import { createTries } from './store/tries.ts'
import { createUsers } from './store/users.ts'

type Options = {
  readonly env: Env
  /** The clock, in milliseconds since the epoch. */
  readonly now?: () => number
  /** Milliseconds by a monotonic clock, for limits of this process. */
  readonly elapsed?: () => number
  /** What a hash of a password costs. Default: the real one. Tests hand in a cheap one, and few rounds. */
  readonly passwordCost?: PasswordCost
  /** Rounds of PBKDF2 for a key's secret. Default: the least that real clients accept. */
  readonly scramIterations?: number
  /** Where metrics go. Default: to standard output, for CloudWatch. */
  readonly metrics?: Metrics
  /** Waits before a refusal is sent (`steps.ts`). */
  readonly waitForStep?: typeof waitForStep
  /** Picks one of equal copies: from 0 up to 1, that excluded. */
  readonly chance?: () => number
  /** What carries requests to AWS, each for so many milliseconds at the most. Default: the SDK's own. Handed in where
   * time is simulated. */
  readonly requestHandler?: (timeoutMs: number) => RequestHandler
}

/** All parts. A function that needs fewer takes one of those below, so that it loads no more than it may use. */
export const createService = (options: Options) => {
  const { core, db, gates } = createCore(options)
  return {
    ...core,
    ...signingOf(core, db),
    ...hashingOf(options),
    signingKeys: createSigningKeys(db),
    due: db.due,
    users: createUsers(db, gates),
    propagations: createPropagations(db),
    connections: createConnections(db, gates),
    copies: createCopies(db),
    devices: createDevices(db),
    tokens: createTokens(db),
    tries: createTries(db, gates),
    passwordSlots: createSlots(PASSWORDS),
    checkLimits: checkLimitsOf(core, db),
    sessionCalls: sessionCallsOf(core, db),
    push: pushOf(core),
  }
}

export type Service = ReturnType<typeof createService>

/** Parts for checks of keys: the table, data keys and signatures. Each request to AWS has a part of the time of a check, so
 * that there is some for another. */
export const createChecks = (options: Options) => {
  const { KEYHARBOR_AWS_TIMEOUT_MS: most, KEYHARBOR_CHECK_TIMEOUT_MS: check } = options.env
  // A check is one request: how long that may wait is how long the check may.
  return checksOf(options, { timeoutMs: Math.min(most, check * 0.4), patienceMs: check })
}

/** The same for making tenants, which waits as long as a call may. */
export const createOperating = (options: Options) => checksOf(options)

const checksOf = (options: Options, times?: Times) => {
  const { core, db } = createCore(options, times)
  return {
    ...core,
    ...signingOf(core, db),
    ...hashingOf(options),
    checkLimits: checkLimitsOf(core, db),
  }
}

/** Parts for closing what ended: the table and sockets. */
export const createClosing = (options: Options) => {
  const { core, db, gates } = createCore(options)
  return { ...core, connections: createConnections(db, gates), push: pushOf(core) }
}

/** Parts for telling of changes: the same, and what is told of devices. */
export const createTelling = (options: Options) => {
  const { core, db, gates } = createCore(options)
  return {
    ...core,
    connections: createConnections(db, gates),
    devices: createDevices(db),
    push: pushOf(core),
  }
}

/** Parts for a sweep: the table, and the service's data key for new signing keys. */
export const createSweeping = (options: Options) => {
  const { core, db, gates } = createCore(options)
  return {
    ...core,
    due: db.due,
    users: createUsers(db, gates),
    propagations: createPropagations(db),
    vault: vaultOf(core),
    signingKeys: createSigningKeys(db),
  }
}

// ---------------------------------------------------------------------------------------------

/** Passwords that a process judges at the same time, as many as libuv has threads (128 MiB), and how many wait: some
 * seconds' worth. */
const PASSWORDS = { running: 4, waiting: 100 }

/** Sockets to the table, the SDK's own number, and how many requests wait for one: a thousand sockets that come back at
 * once, with some calls each. */
const TABLE = { running: 50, waiting: 5000 }

/** In milliseconds: what one request to AWS may take, and how long one waits to be sent. */
type Times = { readonly timeoutMs: number; readonly patienceMs: number }

const createCore = (
  {
    env,
    now = Date.now,
    chance = Math.random,
    elapsed = createElapsed(now),
    metrics = createMetrics(env.KEYHARBOR_DEPLOYMENT),
    waitForStep: wait = waitForStep,
    requestHandler = clientTimeouts,
  }: Options,
  { timeoutMs, patienceMs }: Times = {
    timeoutMs: env.KEYHARBOR_AWS_TIMEOUT_MS,
    patienceMs: CALL_MS,
  },
) => {
  const aws = { maxAttempts: 3, requestHandler: requestHandler(timeoutMs) }
  const db = createDb(dynamoOf(aws, patienceMs, metrics), env.KEYHARBOR_TABLE)
  const gates = createGate(db, chance)
  const core = {
    env,
    now,
    aws,
    elapsed,
    log: createLog(now),
    metrics,
    waitForStep: wait,
    tenants: createTenants(db),
    keys: createKeys(db, gates),
    once: createOnceStore(db),
    sessions: createSessions(db),
    seen: createSeen(),
  }
  return { core, db, gates }
}

/** What all of them have. */
type Core = ReturnType<typeof createCore>['core']

type RequestHandler = NonNullable<DynamoDBClientConfig['requestHandler']>
type Aws = { readonly maxAttempts: number; readonly requestHandler: RequestHandler }

const dynamoOf = (aws: Aws, patienceMs: number, metrics: Metrics): DynamoDBClient => {
  const client = new DynamoDBClient({ ...aws, cacheMiddleware: true })
  // It copies every answer for a log that nobody reads, a fifth of the work of reading a long page.
  client.middlewareStack.remove('loggerMiddleware')
  queueRequests(client, { ...TABLE, patienceMs }, metrics)
  useQuickReads(client)
  parseInTurns(client)
  return client
}

const vaultOf = ({ env, aws, metrics, tenants, now }: Core) =>
  createVault({
    kms: countFailures(new KMSClient({ ...aws }), metrics),
    keyId: env.KEYHARBOR_KMS_KEY,
    read: tenants.wrappedKey,
    now,
  })

const checkLimitsOf = ({ env, now, elapsed, log }: Core, db: Db) =>
  createCheckLimits({
    perDevice: env.KEYHARBOR_DEVICE_CHECKS_PER_MINUTE,
    perTenant: env.KEYHARBOR_TENANT_CHECKS_PER_MINUTE,
    now,
    elapsed,
    lease: createBudgetStore(db, 'checks').lease,
    onFailure: (error) => log.error('lease of checks failed', error),
  })

const sessionCallsOf = ({ env, now, elapsed, log }: Core, db: Db) =>
  createSessionCalls({
    perMinute: env.KEYHARBOR_TENANT_CALLS_PER_MINUTE,
    now,
    elapsed,
    lease: createBudgetStore(db, 'calls').lease,
    onFailure: (error) => log.error('lease of calls failed', error),
  })

const signingOf = (core: Core, db: Db) => {
  const { now } = core
  const vault = vaultOf(core)
  const signing = createSigning({ store: createSigningKeys(db), vault, now })
  return { vault, signing, accessTokens: createAccessTokens({ signing, now }) }
}

const hashingOf = ({ passwordCost = PASSWORD_COST, scramIterations = ITERATIONS }: Options) => ({
  passwords: createPasswords(passwordCost),
  scramIterations,
})

const pushOf = ({ env, aws }: Core) => {
  const endpoint = env.KEYHARBOR_CONNECTIONS_URL
  return createPush(
    new ApiGatewayManagementApiClient({
      ...aws,
      ...(endpoint !== undefined && { endpoint }),
    }),
  )
}

/** How long AWS may take. Without a bound the SDK waits for ever. */
const clientTimeouts = (requestTimeout: number) => ({
  connectionTimeout: Math.min(1000, requestTimeout),
  requestTimeout,
  throwOnRequestTimeout: true,
  // For an answer that stops in its middle, since the others count until it begins.
  socketTimeout: requestTimeout,
  httpAgent: { maxSockets: TABLE.running },
  httpsAgent: { maxSockets: TABLE.running },
})
