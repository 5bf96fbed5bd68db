/**
 * BatchGetItem and Query past most of the SDK: a check, and a page of a list, is one of these and little else, and the SDK's
 * general way took more time than the rest. Credentials, connections and time-outs are the SDK's here too. A read that fails is sent again by the
 * SDK, with its retries and its errors. After that a circuit breaker leaves all reads to the SDK for a while, so that a
 * table in trouble isn't asked twice for everything.
 */
import type { Readable } from 'node:stream'
import type {
  AttributeValue,
  BatchGetItemCommandOutput,
  DynamoDBClient,
  QueryCommandOutput,
} from '@aws-sdk/client-dynamodb'
import { Fault } from '../domain/fault.ts'
import { LARGE } from '../domain/json.ts'
import { turn } from '../domain/turns.ts'

type Sent = {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}
/** DynamoDB's endpoint, as the SDK resolved it for its first request, and how to sign for it. */
type Endpoint = {
  readonly template: Sent & { readonly method: string }
  readonly signer: Awaited<ReturnType<DynamoDBClient['config']['signer']>>
}

/** After each failure in a row the circuit stays open for a second longer, for a minute at the most. */
const REST_MS = 1000
const LONGEST_REST_MS = 60_000

/** What is read the short way, by the SDK's names. */
const OPERATIONS: Readonly<Record<string, string>> = {
  BatchGetItemCommand: 'BatchGetItem',
  QueryCommand: 'Query',
}

/** Makes a client that has sent nothing yet use quick reads. Keys and values in requests may be strings and numbers. */
export const useQuickReads = (client: DynamoDBClient): void => {
  const { config, middlewareStack } = client
  const send = senderOf(client)
  let endpoint: Endpoint | null = null
  let failures = 0
  let circuitOpenUntil = 0

  const read = async (operation: string, input: object) => {
    if (endpoint === null || Date.now() < circuitOpenUntil) return null
    const answer = await send(endpoint, operation, input)
    failures = answer === null ? failures + 1 : 0
    if (answer === null)
      circuitOpenUntil = Date.now() + Math.min(failures * REST_MS, LONGEST_REST_MS)
    return answer
  }

  middlewareStack.add(
    (next, { commandName = '' }) => {
      const operation = OPERATIONS[commandName]
      if (operation === undefined) return next
      return async (args) => {
        const output = await read(operation, args.input)
        return output === null ? next(args) : { output, response: undefined }
      }
    },
    { step: 'initialize', priority: 'high', name: 'quickReads' },
  )
  middlewareStack.add(
    (next) => async (args) => {
      endpoint ??= endpointOf(args.request as Sent, await config.signer())
      return next(args)
    },
    { step: 'finalizeRequest', priority: 'low', name: 'endpointOfQuickReads' },
  )
}

// ---------------------------------------------------------------------------------------------

const endpointOf = (
  { protocol, hostname, port, path, headers: { host = '', 'user-agent': agent = '' } }: Sent,
  signer: Endpoint['signer'],
): Endpoint => ({
  template: {
    protocol,
    hostname,
    path,
    ...(port !== undefined && { port }),
    method: 'POST',
    headers: {
      host,
      'content-type': 'application/x-amz-json-1.0',
      // AWS's logs and policies are to see the same client.
      'user-agent': agent,
    },
  },
  signer,
})

/** @returns sends a request; null for whatever is not an answer with items. @throws Fault UNAVAILABLE where it isn't sent. */
const senderOf =
  ({ config }: DynamoDBClient) =>
  async ({ template, signer }: Endpoint, operation: string, input: object) => {
    try {
      const body = JSON.stringify(input)
      const headers = {
        ...template.headers,
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        'content-length': String(Buffer.byteLength(body)),
      }
      // The SDK learns from DynamoDB's answers by how much this clock is wrong.
      const signingDate = new Date(Date.now() + config.systemClockOffset)
      const request = await signer.sign({ ...template, headers, body }, { signingDate })
      const { response } = await config.requestHandler.handle(request as never)
      const text = await textOf(response.body)
      if (response.statusCode !== 200) return null
      // Parsing a hundred items takes a millisecond or two, a page of 1 MB many, and other answers may have come at the same moment.
      if (text.length > LARGE) await turn()
      return toOutput(text)
    } catch (error) {
      // Refused by the queue before the table: the SDK would stand in the same one.
      if (error instanceof Fault) throw error
      return null
    }
  }

const textOf = (body: Readable): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = ''
    body.setEncoding('utf8')
    body.on('data', (part: string) => {
      text += part
    })
    body.on('end', () => resolve(text))
    body.on('error', reject)
  })

type Output = BatchGetItemCommandOutput & QueryCommandOutput

const toOutput = (text: string): Output => {
  const output = JSON.parse(text) as Output
  for (const items of [output.Items ?? [], ...Object.values(output.Responses ?? {})])
    for (const item of items) readBytes(item)
  output.$metadata = { httpStatusCode: 200 }
  return output
}

/** Decodes bytes, which come as base64, as the SDK does. */
const readBytes = (attributes: Record<string, AttributeValue>): void => {
  for (const name of Object.keys(attributes)) toBytes(attributes[name] as AttributeValue)
}
const toBytes = (value: AttributeValue): void => {
  if (value.B !== undefined) value.B = Buffer.from(value.B as unknown as string, 'base64')
  else if (value.M !== undefined) readBytes(value.M)
  else if (value.L !== undefined) for (const one of value.L) toBytes(one)
  else if (value.BS !== undefined)
    value.BS = value.BS.map((one) => Buffer.from(one as unknown as string, 'base64'))
}
