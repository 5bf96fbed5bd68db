/**
 * Lambda's Runtime API on loopback (AWS: Lambda runtime API, 2018-06-01): each process of a function
 * asks it for its next event and tells it the outcome. One event at a time for a process.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { readBody } from '../gateway/http.ts'
import type { Outcome } from '../lambda.ts'
import { closeServer, listen } from '../listen.ts'

/** Lambda's limit of a synchronous response, with the room that it leaves for the envelope. */
const RESPONSE_BYTES = 6 * 1024 * 1024 + 100

export type Invocation = {
  readonly event: unknown
  /** Milliseconds since the epoch. */
  readonly deadline: number
  readonly arn: string
}

export type Listener = {
  /** The process asks for an event, for the first time or again. */
  readonly onNext: () => void
  readonly onInitError: (error: unknown) => void
}

export const startRuntimeApi = async () => {
  const channels = new Map<string, Channel>()
  const server = createServer((request, response) => {
    const [, token = '', path = ''] =
      /^\/([^/]+)\/2018-06-01\/runtime(\/.*)$/.exec(request.url ?? '') ?? []
    const channel = channels.get(token)
    if (channel === undefined) return refuse(response, 403, 'Forbidden')
    channel.answer(request, response, path).catch(() => response.destroy())
  })
  // A process that works long on an event must find its connection open afterwards.
  server.keepAliveTimeout = 0
  const port = await listen(server, 0, '127.0.0.1')

  return {
    /**
     * A channel for one process.
     *
     * `AWS_LAMBDA_RUNTIME_API` has a path here, which in Lambda is host and port only: events carry
     * secrets, and whatever else runs on this machine could ask for them if it knew the port.
     */
    open(listener: Listener) {
      const token = randomBytes(16).toString('hex')
      const channel = createChannel(listener)
      channels.set(token, channel)
      return {
        address: `127.0.0.1:${port}/${token}`,
        /** Gives the process an event as soon as it asks for one. Never rejects. */
        invoke: channel.invoke,
        /** The process is gone: nobody answers what it was given. */
        close(): void {
          channels.delete(token)
        },
      }
    },
    close: () => closeServer(server),
  }
}

export type RuntimeApi = Awaited<ReturnType<typeof startRuntimeApi>>

// ---------------------------------------------------------------------------------------------

type Channel = ReturnType<typeof createChannel>
type Current = Invocation & { readonly id: string; readonly done: (outcome: Outcome) => void }

const createChannel = ({ onNext, onInitError }: Listener) => {
  /** The process waits for an event. */
  let waiting: ServerResponse | undefined
  let current: Current | undefined
  let given = false

  const give = (): void => {
    if (waiting === undefined || current === undefined || given) return
    given = true
    waiting.writeHead(200, headersOf(current))
    waiting.end(JSON.stringify(current.event))
    waiting = undefined
  }

  const finish = (response: ServerResponse, outcome: Outcome): void => {
    const { done } = current ?? {}
    current = undefined
    given = false
    response.writeHead(202, JSON_TYPE).end('{"status":"OK"}')
    done?.(outcome)
  }

  return {
    invoke: (invocation: Invocation): Promise<Outcome> =>
      new Promise((done) => {
        current = { ...invocation, id: randomUUID(), done }
        give()
      }),

    async answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
      if (request.method === 'GET' && path === '/invocation/next') {
        if (given || waiting !== undefined) return refuse(response, 403, 'StateTransitionForbidden')
        waiting = response
        onNext()
        return give()
      }
      const body = await readBody(request, RESPONSE_BYTES)
      if (path === '/init/error') {
        response.writeHead(202, JSON_TYPE).end('{"status":"OK"}')
        return onInitError(JSON.parse(String(body)))
      }
      const [, id, kind] = /^\/invocation\/([^/]+)\/(response|error)$/.exec(path) ?? []
      if (id === undefined || request.method !== 'POST') return refuse(response, 404, 'NotFound')
      if (!given || id !== current?.id) return refuse(response, 400, 'InvalidRequestID')
      if (body === null) {
        // The rest is read, or the connection couldn't be used again.
        await once(request.resume(), 'end')
        return finish(response, { kind: 'threw', error: TOO_LARGE })
      }
      const value: unknown = JSON.parse(body.toString())
      finish(
        response,
        kind === 'error' ? { kind: 'threw', error: value } : { kind: 'returned', value },
      )
    },
  }
}

const JSON_TYPE = { 'content-type': 'application/json' }

const TOO_LARGE = {
  errorType: 'Function.ResponseSizeTooLarge',
  errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
}

const refuse = (response: ServerResponse, status: number, errorType: string): void => {
  response.writeHead(status, JSON_TYPE).end(JSON.stringify({ errorType, errorMessage: errorType }))
}

const headersOf = ({ id, deadline, arn }: Current) => ({
  ...JSON_TYPE,
  'lambda-runtime-aws-request-id': id,
  'lambda-runtime-deadline-ms': String(deadline),
  'lambda-runtime-invoked-function-arn': arn,
  'lambda-runtime-trace-id': `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${randomBytes(12).toString('hex')};Sampled=0`,
})
