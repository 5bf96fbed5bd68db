/**
 * The whole service on one machine: what AWS would be, started in order, wired to the functions, and
 * stopped in reverse. Nothing stays behind when a start fails.
 */
import { join } from 'node:path'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams'
import { createDb } from '../shared/store/db.ts'
import { createInstallation } from '../shared/store/installation.ts'
import { listenForBackups } from './backup/hold.ts'
import { startJournal } from './backup/journal.ts'
import { finishRestore } from './backup/placing.ts'
import { bootstrap, type NewPassword, type Started } from './bootstrap.ts'
import { deployHere } from './bundled.ts'
import { openCertificate } from './certificate.ts'
import type { Deployed } from './deployed.ts'
import { isThere, readIfThere } from './durable.ts'
import { startDynamo } from './dynamo.ts'
import {
  foreignEndpoints,
  identity,
  parsedEnvironment,
  reach,
  setEnvironment,
} from './environment.ts'
import { finish, LAST_ANSWERS_MS } from './finish.ts'
import { startGateway, type Urls } from './gateway/gateway.ts'
import type { Limits } from './gateway/peers.ts'
import { openInstallation } from './installation.ts'
import { startInternal } from './internal.ts'
import { AUDIENCE, ISSUER, openIssuer, TOKEN_SECONDS } from './issuer.ts'
import { arnOf, createKms } from './kms.ts'
import { openKmsKey } from './kms-key.ts'
import { startClearing } from './leftovers.ts'
import { lockFolder } from './lock.ts'
import { serveMetrics } from './metrics.ts'
import { exposure, findNamespace, type Namespace } from './namespace.ts'
import type { Options } from './options.ts'
import { withReaders } from './readiness.ts'
import { startRecording } from './record/recording.ts'
import { resetAdmin } from './reset-admin.ts'
import type { Node } from './runtime/node.ts'
import { startScheduler } from './scheduler.ts'
import { setAside } from './set-aside.ts'
import { fromSources, type Handlers, loadSources } from './sources.ts'
import { startPump } from './streams.ts'
import { ensureTable, streamOf } from './table.ts'
import { UserError } from './user-error.ts'
import { ensureWrappingKey, proveWrappingKey } from './wrapping-key.ts'

/** The entry points, and what is done once they can be called. */
export type Functions = Handlers & { readonly bootstrap: (started: Started) => Promise<unknown> }

export type Cloud = {
  readonly urls: Urls
  /** The data folder. */
  readonly data: string
  /** Path of the certificate to trust. */
  readonly ca: string
  /** What runs the bundles; null when the functions run from their sources, in this process. */
  readonly node: Node | null
  /** What the person must know of who else gets in; null: nobody does. */
  readonly warning: string | null
  /** What the person should know of this start, a sentence each. */
  readonly notes: readonly string[]
  /** The administrator's new password, where one was asked for. */
  readonly reset: NewPassword | null
  /** Resolves, with the reason, when the service can't go on. Never rejects. */
  readonly lost: Promise<string>
  close(): Promise<void>
}

type Extras = {
  /** Called when the environment of the functions is set; tests give functions of their own. */
  readonly load?: () => Promise<Functions>
  readonly limits?: Limits
  /** Folder of the site, once it is there. */
  readonly site?: Promise<string>
  /** What puts a program into a network of its own; tests have machines that can't. */
  readonly namespace?: Namespace
}

export const startCloud = async (options: Options, extras: Extras = {}): Promise<Cloud> => {
  const { load = async () => ({ ...(await loadSources()), bootstrap }) } = extras
  const closers: (() => unknown)[] = []
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= (async () => {
      for (const closer of closers.reverse()) await closer()
    })()
    return closing
  }
  try {
    return await start(options, load, extras, closers, close)
  } catch (error) {
    await close()
    throw error
  }
}

// ---------------------------------------------------------------------------------------------

const start = async (
  options: Options,
  load: () => Promise<Functions>,
  { limits, site, namespace: given }: Extras,
  closers: (() => unknown)[],
  close: () => Promise<void>,
): Promise<Cloud> => {
  const { data, host } = options
  const startedAt = Date.now()
  const foreign = foreignEndpoints(process.env)
  if (options.record !== undefined && (foreign.dynamo || foreign.kms))
    throw new UserError(
      'KEYHARBOR_RECORD sees the calls to the embedded DynamoDB and KMS only: unset it, or the AWS_ENDPOINT_URL variables',
    )
  const file = options.memory || foreign.dynamo ? undefined : join(data, 'dynamo.db')
  if (options.isNew && file === undefined)
    throw new UserError(
      '--new is for the data folder, and the table is elsewhere: leave it out, or unset the AWS_ENDPOINT_URL variables',
    )
  closers.push(await lockFolder(data))
  const notes: string[] = []
  if (await finishRestore(data))
    notes.push('A restore that was stopped in its last step is done now.')
  const aside = options.isNew ? await setAside(data, Date.now()) : null
  if (aside !== null) notes.push(`What was there is in ${aside}.`)
  const installation = file === undefined ? null : await openInstallation(data)
  const namespace = given === undefined && !foreign.dynamo ? await findNamespace() : (given ?? null)
  const warning = foreign.dynamo || namespace !== null ? null : exposure(host)
  const { region, trust, own, variables } = identity(process.env)
  closers.push(setEnvironment(variables))

  const isNew = file === undefined || !(await isThere(file))
  // Before the table: a start that ends here must not leave a table without its key.
  const key = await openKmsKey(join(data, 'kms.key'), isNew)
  const before = await Promise.all(
    ['tls-cert.pem', 'operator.jwk'].map((name) => readIfThere(join(data, name))),
  )
  const [certificate, issuer] = await Promise.all([openCertificate(data, host), openIssuer(data)])
  if (installation?.isNew === false) {
    if (String(before[0]) !== certificate.cert)
      notes.push('tls-cert.pem is a new certificate: clients have to trust it anew.')
    if (before[1] === null)
      notes.push('operator.jwk was missing, and is a new key: tokens made before pass no more.')
  }
  const kms = createKms(key, region)
  let lose: (reason: string) => void = () => {}
  const lost = new Promise<string>((resolve) => {
    lose = resolve
  })
  if (installation !== null) {
    await installation.begin()
    closers.push(installation.leave)
  }
  const embedded = foreign.dynamo
    ? null
    : await startDynamo({ trust, namespace, ...(file !== undefined && { file }), onLost: lose })
  if (embedded !== null) closers.push(embedded.close)
  if (embedded !== null && file !== undefined) closers.push(await listenForBackups(data, embedded))
  const dynamo = foreign.dynamo ?? embedded?.endpoint ?? ''
  const recording =
    options.record === undefined ? null : startRecording(options.record, dynamo, trust)
  if (recording !== null) closers.push(recording.close)
  const callers = new Map<string, string>()
  const internal = await startInternal({ trust, callers, kms, issuer, recording })
  closers.push(internal.close)
  closers.push(
    setEnvironment({
      KEYHARBOR_CONNECTIONS_URL: internal.connectionsUrl,
      KEYHARBOR_DEFAULT_TENANT: process.env.KEYHARBOR_DEFAULT_TENANT || 'demo',
      KEYHARBOR_CHANNEL_BINDINGS: certificate.binding,
      KEYHARBOR_OPERATOR_JWKS_URL: internal.jwksUrl,
      KEYHARBOR_OPERATOR_ISSUER: ISSUER,
      KEYHARBOR_OPERATOR_AUDIENCE: AUDIENCE,
      KEYHARBOR_OPERATOR_TOKEN_SECONDS: String(TOKEN_SECONDS),
      KEYHARBOR_PROTO_HEADER: 'x-forwarded-proto',
      KEYHARBOR_LOCAL: '1',
      // Metrics are lines for CloudWatch, and clutter in a terminal.
      POWERTOOLS_METRICS_DISABLED: process.env.POWERTOOLS_METRICS_DISABLED || 'true',
      AWS_ENDPOINT_URL_DYNAMODB: dynamo,
      AWS_ENDPOINT_URL_KMS: foreign.kms ?? internal.kmsUrl,
    }),
  )
  const env = parsedEnvironment()
  const client = new DynamoDBClient({})
  closers.push(() => client.destroy())
  const [functions] = await Promise.all([
    options.bundled ? null : load(),
    reach('DynamoDB', foreign.dynamo, () =>
      ensureTable(client, env.KEYHARBOR_TABLE, installation?.isNew),
    ),
    reach('KMS', foreign.kms, async () => {
      if (foreign.kms) await ensureWrappingKey(foreign.kms, env.KEYHARBOR_KMS_KEY)
    }),
  ])
  const marks = createInstallation(createDb(client, env.KEYHARBOR_TABLE))
  await installation?.check(marks, lose)
  await proveWrappingKey(env, foreign.kms ? null : join(data, 'kms.key'))
  if (await installation?.settle(marks))
    notes.push('installation.json was missing, and is written again from the table.')
  const streams = new DynamoDBStreamsClient({
    endpoint: process.env.AWS_ENDPOINT_URL_DYNAMODB_STREAMS || dynamo,
  })
  closers.push(() => streams.destroy())
  const findStream = (): Promise<string> => streamOf(client, env.KEYHARBOR_TABLE)
  const journal =
    file === undefined || options.journal === null
      ? null
      : startJournal({ client: streams, findStream, marks, folder: options.journal })
  // Behind the last answers.
  if (journal !== null) closers.push(() => finish(journal.close(), LAST_ANSWERS_MS))
  const deploy = (): Promise<Deployed> =>
    deployHere({
      ...options,
      env,
      region,
      kmsKey: foreign.kms ? env.KEYHARBOR_KMS_KEY : arnOf(key, region),
      binding: certificate.binding,
      endpoints: { dynamo, kms: foreign.kms ?? internal.kmsUrl },
      internal,
      // Others' endpoints know nobody whom we make up; the person's own they may.
      credentials: own,
      trust,
      callers,
      recording,
    })
  let sockets = (): number => 0
  let behind = (): Readonly<Record<string, number>> => ({})
  // Before there are functions, which count from their start on.
  closers.push(
    await serveMetrics(data, () => ({
      keyharbor_sockets: sockets(),
      ...Object.fromEntries(
        Object.entries(behind()).map(([name, seconds]) => [
          `keyharbor_${name}_behind_seconds`,
          seconds,
        ]),
      ),
    })),
  )
  const deployed = functions === null ? await deploy() : fromSources(functions)
  closers.push(deployed.close)
  const gateway = await startGateway({
    ...options,
    tls: certificate,
    socket: deployed.socket,
    http: Object.fromEntries(
      Object.entries(deployed.http).map(([route, invoke]) => [
        route,
        route === 'ANY /readyz' ? withReaders(invoke, () => behind()) : invoke,
      ]),
    ),
    site,
    ...(limits && { limits }),
  })
  closers.push(gateway.close)
  internal.serve(gateway.peers)
  sockets = () => gateway.peers.all().length
  const { urls } = gateway
  const reset = options.resetAdmin ? await resetAdmin(env) : null
  const first = functions?.bootstrap ?? bootstrap
  const note = (text: string): void => void notes.push(text)
  await first({ data, urls, ca: certificate.path, operator: issuer, reset, note })

  const pumps = new Map(
    Object.entries(deployed.readers).map(([name, reader]) => [
      name,
      startPump({
        client: streams,
        findStream,
        name,
        ...reader,
        checkpoint: join(data, `stream-${name}.json`),
        // Where a folder is from before there were two readers.
        checkpointBefore: join(data, 'streams.json'),
      }),
    ]),
  )
  const readers = [...pumps, ...(journal === null ? [] : [['journal', journal] as const])]
  behind = () => Object.fromEntries(readers.map(([name, reader]) => [name, reader.behind()]))
  const scheduler = startScheduler(deployed.sweep, options.sweepSeconds)
  // Another endpoint's table may have other gateways, whose sockets live.
  const clearing = embedded === null ? null : startClearing(client, env.KEYHARBOR_TABLE, startedAt)
  closers.push(() =>
    finish(Promise.all([...pumps.values(), scheduler, clearing].map((one) => one?.close()))),
  )
  const ca = certificate.path
  return { urls, data, ca, warning, notes, reset, lost, node: deployed.node, close }
}
