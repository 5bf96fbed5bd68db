/**
 * Records the AWS calls of functions as they come by on the wire (`record.ts` says what of them). The
 * bundles don't know. DynamoDB's are handed on, with one wish more: to be told what they consumed.
 */
import { appendFileSync, renameSync, writeFileSync } from 'node:fs'
import { Agent, type ServerResponse, request as send } from 'node:http'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { issueCredentials, type Trust } from '../credentials.ts'
import type { Outcome } from '../lambda.ts'
import { messageOf, UserError } from '../user-error.ts'
import { createCounter } from './counts.ts'
import { actionsOf } from './dynamodb.ts'
import { generalisedContext } from './generalise.ts'
import { type AwsCall, countsFile } from './record.ts'

/** How old the counts may be, in milliseconds. */
const SAVE_MS = 250

/**
 * @param file is begun anew.
 * @param dynamo endpoint of DynamoDB, which trusts as we do.
 * @throws UserError when the file can't be written.
 */
export const startRecording = (file: string, dynamo: string, trust: Trust) => {
  try {
    writeFileSync(file, '', { mode: 0o600 })
  } catch (error) {
    throw new UserError(
      `KEYHARBOR_RECORD can't be written (${messageOf(error)}): name another file`,
    )
  }
  const agent = new Agent({ keepAlive: true })
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = issueCredentials(trust)
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY }
  const { config } = new DynamoDBClient({ region: 'us-east-1', endpoint: dynamo, credentials })
  const { protocol, host, hostname, pathname: path } = new URL(dynamo)
  /** A request that was changed needs another signature. */
  const sign = async (target: string, body: string) => {
    const signer = await config.signer()
    const headers = {
      host,
      'content-type': 'application/x-amz-json-1.0',
      'content-length': String(Buffer.byteLength(body)),
      'x-amz-target': target,
    }
    return (await signer.sign({ method: 'POST', protocol, hostname, path, headers, body })).headers
  }
  const counter = createCounter()
  const seen = new Set<string>()
  let saved = ''

  /** Whole or not at all: somebody may read them while we run. */
  const saveCounts = (): void => {
    const text = `${JSON.stringify(counter.counts(), null, 2)}\n`
    if (text === saved) return
    saved = text
    writeFileSync(`${countsFile(file)}.draft`, text, { mode: 0o600 })
    renameSync(`${countsFile(file)}.draft`, countsFile(file))
  }
  const timer = setInterval(saveCounts, SAVE_MS).unref()

  const record = (call: AwsCall): void => {
    counter.action(call.function, call.action)
    const line = `${JSON.stringify(call)}\n`
    if (seen.has(line)) return
    seen.add(line)
    appendFileSync(file, line)
  }

  return {
    /** @param caller the function; '' is ourselves, whose calls are nobody's business. */
    async dynamodb(
      caller: string,
      target: string,
      body: Buffer,
      response: ServerResponse,
    ): Promise<void> {
      const operation = target.replace(/^.*\./, '')
      const input: Record<string, unknown> = JSON.parse(body.toString())
      if (caller !== '')
        for (const action of actionsOf(operation, input)) record({ function: caller, ...action })
      const asked = JSON.stringify({ ...input, ReturnConsumedCapacity: 'TOTAL' })
      const headers = await sign(target, asked)
      const onward = send(dynamo, { method: 'POST', agent, headers }, (reply) => {
        const parts: Buffer[] = []
        reply.on('data', (part: Buffer) => parts.push(part))
        reply.on('error', () => response.destroy())
        reply.on('end', () => {
          const answer = Buffer.concat(parts)
          if (caller !== '')
            counter.request(caller, `dynamodb:${operation}`, unitsOf(answer.toString()))
          response.writeHead(reply.statusCode ?? 500, reply.headers)
          response.end(answer)
        })
      })
      // The SDK tries again, as it would.
      onward.on('error', () => response.destroy())
      onward.end(asked)
    },

    kms(caller: string, target: string, body: Buffer): void {
      if (caller === '') return
      const operation = target.replace(/^.*\./, '')
      const { EncryptionContext = {} } = JSON.parse(body.toString())
      const action = `kms:${operation}`
      counter.request(caller, action, 0)
      record({
        function: caller,
        action,
        operation,
        resource: 'key',
        encryptionContext: generalisedContext(EncryptionContext),
      })
    },

    /** @param method POST sends, DELETE closes, GET asks. */
    connections(caller: string, method: string): void {
      if (caller === '') return
      const action = 'execute-api:ManageConnections'
      counter.request(caller, `${action} ${method}`, 0)
      const operation = OPERATIONS[method] ?? method
      record({ function: caller, action, operation, resource: `${method}/@connections` })
    },

    /** A process has worked on an event. */
    invoked: (caller: string, outcome: Outcome['kind'], ms: number): void =>
      counter.invocation(caller, outcome, ms),

    /** Writes the last counts. */
    close(): void {
      clearInterval(timer)
      agent.destroy()
      saveCounts()
    },
  }
}

export type Recording = ReturnType<typeof startRecording>

// ---------------------------------------------------------------------------------------------

const OPERATIONS: Readonly<Record<string, string>> = {
  POST: 'PostToConnection',
  DELETE: 'DeleteConnection',
  GET: 'GetConnection',
}

/** Sum of what one or more tables consumed; 0 for what failed. */
const unitsOf = (answer: string): number => {
  const { ConsumedCapacity = [] } = JSON.parse(answer || '{}')
  return [ConsumedCapacity]
    .flat()
    .reduce((sum: number, { CapacityUnits = 0 }) => sum + CapacityUnits, 0)
}
