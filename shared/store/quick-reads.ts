/**
 * BatchGetItem by the shortest way through the SDK: a check is one of these and little else, and the SDK's
 * general way took more time than the check. Credentials, signature, connections and time-outs are the
 * SDK's here too. Whatever goes wrong goes its general way after all, with its retries and its errors.
 */
import type { Readable } from 'node:stream'
import type {
  AttributeValue,
  BatchGetItemCommandInput,
  BatchGetItemCommandOutput,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb'
import { SignatureV4 } from '@smithy/signature-v4'

/** Where DynamoDB is: what the SDK found out for the first request that it sent. */
type Place = {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number
  readonly path: string
}

/** Makes a client that has sent nothing yet read so. Keys may be of strings and numbers. */
export const useQuickReads = (client: DynamoDBClient): void => {
  const { middlewareStack } = client
  const send = senderOf(client)
  let place: Place | null = null

  middlewareStack.add(
    (next, { commandName }) =>
      commandName !== 'BatchGetItemCommand'
        ? next
        : async (args) => {
            const answer = place && (await send(place, args.input as BatchGetItemCommandInput))
            return answer ? { output: answer, response: undefined } : next(args)
          },
    { step: 'initialize', priority: 'high', name: 'quickReads' },
  )
  middlewareStack.add(
    (next) => (args) => {
      const { protocol, hostname, port, path } = args.request as Place
      place ??= { protocol, hostname, path, ...(port !== undefined && { port }) }
      return next(args)
    },
    { step: 'finalizeRequest', priority: 'low', name: 'placeOfQuickReads' },
  )
}

// ---------------------------------------------------------------------------------------------

/** @returns sends a request; null for whatever is not an answer with items. */
const senderOf = ({ config }: DynamoDBClient) => {
  const { region, credentials, sha256, requestHandler } = config
  const signer = new SignatureV4({
    ...{ service: 'dynamodb', region, credentials, sha256 },
    // DynamoDB takes the hash of the body from nowhere but the signature.
    applyChecksum: false,
  })
  const toRequest = (place: Place, body: string) => ({
    ...place,
    method: 'POST',
    headers: {
      host: place.port === undefined ? place.hostname : `${place.hostname}:${place.port}`,
      'content-type': 'application/x-amz-json-1.0',
      'content-length': String(Buffer.byteLength(body)),
      'x-amz-target': 'DynamoDB_20120810.BatchGetItem',
    },
    body,
  })
  return async (place: Place, input: BatchGetItemCommandInput) => {
    // The SDK learns from DynamoDB's answers by how much this clock is wrong.
    const signingDate = new Date(Date.now() + config.systemClockOffset)
    try {
      const request = await signer.sign(toRequest(place, JSON.stringify(input)), { signingDate })
      const { response } = await requestHandler.handle(request as never)
      const text = await textOf(response.body)
      return response.statusCode === 200 ? toOutput(text) : null
    } catch {
      return null
    }
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

const toOutput = (text: string): BatchGetItemCommandOutput => {
  const output = JSON.parse(text) as BatchGetItemCommandOutput
  for (const items of Object.values(output.Responses ?? {}))
    for (const item of items) readBytes(item)
  output.$metadata = { httpStatusCode: 200 }
  return output
}

/** Bytes come as base64; of the SDK they are bytes. */
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
