/**
 * The DynamoDB and KMS of a rig: embedded ones, or those that the whole run was given
 * (`vitest.aws.config.ts`). KMS is counted and can be put out of order; DynamoDB can be cut off.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { request as secureRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeleteTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { inject } from 'vitest'
import { createTrust, issueCredentials, type Trust } from '../../local/credentials.ts'
import { startDynamo } from '../../local/dynamo.ts'
import { createKms } from '../../local/kms.ts'
import { openKmsKey } from '../../local/kms-key.ts'
import { closeServer, listen } from '../../local/listen.ts'
import { ensureWrappingKey } from '../../local/wrapping-key.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Endpoints to test against; nothing is provided where the embedded ones are tested. */
    aws: { readonly dynamo: string; readonly kms: string }
  }
}

export const startBackend = async () => {
  // Undefined at run time where nothing is provided, whatever the type says.
  const foreign = inject('aws') as ReturnType<typeof inject<'aws'>> | undefined
  if (foreign) await ensureWrappingKey(foreign.kms, 'alias/keyharbor')
  const trust = createTrust()
  const counted: string[] = []
  let down = false
  const kms = foreign ? forwardTo(foreign.kms) : await embeddedKms()
  const [kmsUrl, closeKms] = await serve((request, response) => {
    counted.push(String(request.headers['x-amz-target']).replace('TrentService.', ''))
    if (down) send(response, 400, { __type: 'ThrottlingException' })
    else kms(request, response)
  })
  const [dynamoUrl, closeDynamo] = foreign
    ? await serve(forwardTo(foreign.dynamo))
    : await embeddedDynamo(trust)
  // A name that no other rig has: an endpoint outlives its rigs.
  const table = foreign ? `keyharbor-${randomBytes(6).toString('hex')}` : 'keyharbor'
  let cut = false
  return {
    /** What its DynamoDB wants requests to be signed with; an emulator takes anything. */
    credentials: foreign
      ? { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' }
      : issueCredentials(trust),
    dynamoUrl,
    kmsUrl,
    table,
    /** What the service has to know of it. */
    settings: { KEYHARBOR_TABLE: table, ...(foreign && { KEYHARBOR_AWS_TIMEOUT_MS: '60000' }) },
    /** An endpoint keeps what it has; what is embedded ends with the rig. */
    dropTable: async (client: DynamoDBClient): Promise<void> => {
      if (foreign && !cut) await client.send(new DeleteTableCommand({ TableName: table }))
    },
    counted,
    kmsDown: (is: boolean): void => {
      down = is
    },
    cutDynamo: (): Promise<void> => {
      cut = true
      return closeDynamo()
    },
    close: async (): Promise<void> => {
      await Promise.all([closeKms(), closeDynamo()])
    },
  }
}

// ---------------------------------------------------------------------------------------------

type Listener = (request: IncomingMessage, response: ServerResponse) => void

const serve = async (listener: Listener): Promise<[string, () => Promise<void>]> => {
  const server = createServer(listener)
  const port = await listen(server, 0, '127.0.0.1')
  return [`http://127.0.0.1:${port}`, () => closeServer(server)]
}

const send = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
  response.end(JSON.stringify(body))
}

const embeddedDynamo = async (trust: Trust): Promise<[string, () => Promise<void>]> => {
  const dynamo = await startDynamo({ trust })
  return [dynamo.endpoint, dynamo.close]
}

const embeddedKms = async (): Promise<Listener> => {
  const folder = await mkdtemp(join(tmpdir(), 'keyharbor-test-'))
  const kms = createKms(await openKmsKey(join(folder, 'kms.key'), true), 'us-east-1')
  await rm(folder, { recursive: true, force: true })
  return async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    const reply = await kms(String(request.headers['x-amz-target']), body)
    send(response, reply.status, reply.body)
  }
}

/** Hands requests on as they are, so that their signature stays good. */
const forwardTo =
  (origin: string): Listener =>
  (from, to) => {
    const ask = origin.startsWith('https:') ? secureRequest : request
    const { method, headers, url = '/' } = from
    const onward = ask(new URL(url, origin), { method, headers }, (answer) => {
      to.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(to)
    })
    onward.on('error', () => to.destroy())
    from.pipe(onward)
  }
