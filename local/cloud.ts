/**
 * The whole service on one machine: what AWS would be, started in order, wired to the functions, and
 * stopped in reverse. Nothing stays behind when a start fails.
 */
import { join } from 'node:path'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams'
import { parseEnv } from '../shared/env.ts'
import type { Started } from './bootstrap.ts'
import { openCertificate } from './certificate.ts'
import { isThere } from './durable.ts'
import { startDynamo } from './dynamo.ts'
import { foreignEndpoints, identity, setEnvironment } from './environment.ts'
import { finish } from './finish.ts'
import { startGateway, type Urls } from './gateway/gateway.ts'
import type { Limits } from './gateway/peers.ts'
import { startInternal } from './internal.ts'
import { AUDIENCE, ISSUER, openIssuer } from './issuer.ts'
import { createKms } from './kms.ts'
import { openKmsKey } from './kms-key.ts'
import { type Handler, type Handlers, lambda } from './lambda.ts'
import { lockFolder } from './lock.ts'
import type { Options } from './options.ts'
import { startScheduler } from './scheduler.ts'
import { startPump } from './streams.ts'
import { ensureTable, streamOf } from './table.ts'
import { messageOf, Trouble } from './trouble.ts'
import { ensureWrappingKey } from './wrapping-key.ts'

/** The entry points, and what is done once they can be called. */
export type Functions = Handlers & { readonly bootstrap: (started: Started) => Promise<unknown> }

export type Cloud = {
  readonly urls: Urls
  /** The data folder. */
  readonly data: string
  /** Path of the certificate to trust. */
  readonly ca: string
  /** Resolves, with the reason, when the service can't go on. Never rejects. */
  readonly lost: Promise<string>
  close(): Promise<void>
}

type Extras = {
  /** Called when the environment of the functions is set; tests give functions of their own. */
  readonly load?: () => Promise<Functions>
  readonly limits?: Limits
}

export const startCloud = async (options: Options, extras: Extras = {}): Promise<Cloud> => {
  const { load = loadFunctions, limits } = extras
  const closers: (() => unknown)[] = []
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= (async () => {
      for (const closer of closers.reverse()) await closer()
    })()
    return closing
  }
  try {
    return await start(options, load, limits, closers, close)
  } catch (error) {
    await close()
    throw error
  }
}

// ---------------------------------------------------------------------------------------------

const start = async (
  options: Options,
  load: () => Promise<Functions>,
  limits: Limits | undefined,
  closers: (() => unknown)[],
  close: () => Promise<void>,
): Promise<Cloud> => {
  const { data, host } = options
  const foreign = foreignEndpoints(process.env)
  closers.push(await lockFolder(data))
  const who = identity(process.env)
  closers.push(setEnvironment(who))

  const file = options.memory || foreign.dynamo ? undefined : join(data, 'dynamo.db')
  const isNew = file === undefined || !(await isThere(file))
  // Before the table: a start that ends here must not leave a table without its key.
  const key = await openKmsKey(join(data, 'kms.key'), isNew)
  const [certificate, issuer] = await Promise.all([openCertificate(data, host), openIssuer(data)])
  const kms = createKms(key, who.AWS_REGION)
  const internal = await startInternal({ accessKeyId: who.AWS_ACCESS_KEY_ID, kms, issuer })
  closers.push(internal.close)

  let lose: (reason: string) => void = () => {}
  const lost = new Promise<string>((resolve) => {
    lose = resolve
  })
  const dynamo = foreign.dynamo ? { endpoint: foreign.dynamo } : await own(file, lose, closers)

  closers.push(
    setEnvironment({
      KEYHARBOR_CONNECTIONS_URL: internal.connectionsUrl,
      KEYHARBOR_DEFAULT_TENANT: process.env.KEYHARBOR_DEFAULT_TENANT || 'demo',
      KEYHARBOR_CHANNEL_BINDINGS: certificate.binding,
      KEYHARBOR_OPERATOR_JWKS_URL: internal.jwksUrl,
      KEYHARBOR_OPERATOR_ISSUER: ISSUER,
      KEYHARBOR_OPERATOR_AUDIENCE: AUDIENCE,
      KEYHARBOR_PROTO_HEADER: 'x-forwarded-proto',
      KEYHARBOR_LOCAL: '1',
      // Metrics are lines for CloudWatch, and clutter in a terminal.
      POWERTOOLS_METRICS_DISABLED: process.env.POWERTOOLS_METRICS_DISABLED || 'true',
      AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
      AWS_ENDPOINT_URL_KMS: foreign.kms ?? internal.kmsUrl,
    }),
  )
  const env = environment()
  const client = new DynamoDBClient({})
  closers.push(() => client.destroy())
  const [functions] = await Promise.all([
    load(),
    reach('DynamoDB', foreign.dynamo, () => ensureTable(client, env.KEYHARBOR_TABLE)),
    reach('KMS', foreign.kms, async () => {
      if (foreign.kms) await ensureWrappingKey(foreign.kms, env.KEYHARBOR_KMS_KEY)
    }),
  ])

  const gateway = await startGateway({
    ...options,
    tls: certificate,
    socket: lambda('socket', functions.socket, 29),
    http: lambda('http', functions.http, 30),
    ...(limits && { limits }),
  })
  closers.push(gateway.close)
  internal.serve(gateway.peers)
  const { urls } = gateway
  await functions.bootstrap({ data, urls, ca: certificate.path, operator: issuer })

  const streams = new DynamoDBStreamsClient({
    endpoint: process.env.AWS_ENDPOINT_URL_DYNAMODB_STREAMS || dynamo.endpoint,
  })
  closers.push(() => streams.destroy())
  const pump = startPump({
    client: streams,
    findStream: () => streamOf(client, env.KEYHARBOR_TABLE),
    fanout: lambda('fanout', functions.fanout, 60),
    checkpoint: join(data, 'streams.json'),
  })
  const scheduler = startScheduler(lambda('sweep', functions.sweep, 60), options.sweepSeconds)
  closers.push(() => finish(Promise.all([pump.close(), scheduler.close()])))
  return { urls, data, ca: certificate.path, lost, close }
}

/** Runs what needs an endpoint that somebody else runs; says which one when that fails. */
const reach = async (what: string, endpoint: string | undefined, use: () => Promise<void>) => {
  try {
    if (endpoint !== undefined && !URL.canParse(endpoint)) throw new Error('it is no URL')
    await use()
  } catch (error) {
    if (endpoint === undefined || error instanceof Trouble) throw error
    const variables = `AWS_ENDPOINT_URL_${what.toUpperCase()} or AWS_ENDPOINT_URL`
    throw new Trouble(
      `${what} at ${endpoint} can't be used (${messageOf(error)}): start it, or correct or unset ${variables}`,
    )
  }
}

const own = async (
  file: string | undefined,
  onLost: (reason: string) => void,
  closers: (() => unknown)[],
) => {
  const dynamo = await startDynamo({ ...(file !== undefined && { file }), onLost })
  closers.push(dynamo.close)
  return dynamo
}

/** What the functions will parse; asked first, so that a wrong variable is said in one line. */
const environment = () => {
  try {
    return parseEnv(process.env)
  } catch (error) {
    const lines = error instanceof Error ? error.message.split('\n') : [String(error)]
    throw new Trouble(lines.join('. '))
  }
}

/** Only now: the functions read their environment, and make their clients, when they are loaded. */
const loadFunctions = async (): Promise<Functions> => {
  const [socket, http, introspect, fanout, sweep, { bootstrap }] = await Promise.all([
    import('../functions/socket.ts'),
    import('../functions/http.ts'),
    import('../functions/introspect.ts'),
    import('../functions/fanout.ts'),
    import('../functions/sweep.ts'),
    import('./bootstrap.ts'),
  ])
  return {
    socket: socket.handler as Handler,
    http: (event, context) => {
      const { rawPath } = event as { rawPath: string }
      const { handler } = rawPath === '/oauth2/introspect' ? introspect : http
      return (handler as Handler)(event, context)
    },
    fanout: fanout.handler as Handler,
    sweep: sweep.handler as Handler,
    bootstrap,
  }
}
