/**
 * The DynamoDB and KMS of a rig: a table of its own in the DynamoDB of the run (`dynamo.ts`) and an embedded KMS, or
 * the endpoints that the whole run was given (`vitest.aws.config.ts`). KMS is counted and can be put out of order.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { request as secureRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeleteTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { inject } from 'vitest'
import { createKms } from '../../local/kms.ts'
import { openKmsKey } from '../../local/kms-key.ts'
import { closeServer, listen } from '../../local/listen.ts'
import { ensureWrappingKey } from '../../local/wrapping-key.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Endpoint of a KMS to test against; nothing is provided where the embedded one is tested. */
    kms: string
  }
}

export const startBackend = async () => {
  const { endpoint, credentials } = inject('dynamo')
  // Undefined at run time where nothing is provided, whatever the type says.
  const foreignKms = inject('kms') as string | undefined
  if (foreignKms) await ensureWrappingKey(foreignKms, 'alias/keyharbor')
  const counted: string[] = []
  let out: OutOfOrder = false
  const kms = foreignKms ? forwardTo(foreignKms) : await embeddedKms()
  const [kmsUrl, closeKms] = await serve((request, response) => {
    counted.push(String(request.headers['x-amz-target']).replace('TrentService.', ''))
    if (out === false) kms(request, response)
    else if (out !== 'stalled')
      send(response, 400, { __type: out === true ? 'ThrottlingException' : out })
  })
  // A name that no other rig has.
  const table = `keyharbor-${randomBytes(6).toString('hex')}`
  return {
    credentials,
    dynamoUrl: endpoint,
    kmsUrl,
    table,
    /** What the service has to know of it. An emulator, or a machine that is busy, answers late. */
    settings: { KEYHARBOR_TABLE: table, ...UNHURRIED },
    counted,
    kmsDown: (is: OutOfOrder): void => {
      out = is
    },
    async close(client: DynamoDBClient): Promise<void> {
      await client.send(new DeleteTableCommand({ TableName: table }))
      await closeKms()
    },
  }
}

/** Time-outs that no busy machine reaches. */
export const UNHURRIED = {
  KEYHARBOR_AWS_TIMEOUT_MS: '60000',
  KEYHARBOR_CHECK_TIMEOUT_MS: '150000',
}

// ---------------------------------------------------------------------------------------------

/** Whether KMS throttles, never answers, or refuses by an exception of that name. */
type OutOfOrder = boolean | 'stalled' | `${string}Exception`

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
