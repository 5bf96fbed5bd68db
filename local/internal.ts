/**
 * The AWS that only our own functions see, on one loopback port: KMS, `@connections`, the operator's
 * JWKS, and DynamoDB while calls are recorded. Calls must be signed with an access key id that we gave;
 * the signature itself isn't checked.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { answerConnection } from './gateway/connections.ts'
import { readBody } from './gateway/http.ts'
import type { Peers } from './gateway/peers.ts'
import { STAGE } from './gateway/socket-events.ts'
import type { Issuer } from './issuer.ts'
import type { Kms } from './kms.ts'
import { closeServer, listen } from './listen.ts'
import type { Recording } from './record/recording.ts'

/** Above all that AWS lets through, so that the API that was called says what is too large. */
const BODY_LIMIT = 1024 * 1024

type Parts = {
  /** Of this process. */
  readonly accessKeyId: string
  /** Functions that run in processes of their own, by access key id. May grow. */
  readonly callers?: ReadonlyMap<string, string>
  readonly kms: Kms
  readonly issuer: Pick<Issuer, 'jwks'>
  readonly recording?: Recording | null
}

export const startInternal = async (parts: Parts) => {
  const { accessKeyId, callers = new Map(), kms, issuer, recording = null } = parts
  let peers: Peers | undefined

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '/').replace(/\?.*$/, '')
    if (request.method === 'GET' && path === '/operator/jwks.json')
      return send(response, 200, issuer.jwks)
    // Any web page can make a browser post to a loopback port, but it doesn't know this.
    const signer = /Credential=([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? ''
    const caller = signer === accessKeyId ? '' : callers.get(signer)
    if (caller === undefined)
      return send(response, 403, { message: 'Forbidden' }, 'UnrecognizedClientException')
    const body = await readBody(request, BODY_LIMIT)
    if (body === null) return send(response, 413, {}, 'PayloadTooLargeException')
    const target = request.headers['x-amz-target']
    if (typeof target === 'string' && target.startsWith('DynamoDB_')) {
      if (recording === null) return send(response, 404, {})
      return recording.dynamodb(caller, target, body, response)
    }
    if (typeof target === 'string') {
      recording?.kms(caller, target, body)
      const reply = kms(target, body.toString())
      return send(response, reply.status, reply.body)
    }
    const id = /^\/[^/]+\/(?:@|%40)connections\/([^/]+)$/.exec(path)?.[1]
    if (id === undefined || peers === undefined) return send(response, 404, {})
    recording?.connections(caller, request.method ?? '')
    const reply = answerConnection(peers, {
      id: decoded(id),
      method: request.method ?? '',
      body,
      close: request.headers['x-keyharbor-close']?.toString(),
    })
    send(response, reply.status, reply.body, reply.errorType)
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  const port = await listen(server, 0, '127.0.0.1')
  const origin = `http://127.0.0.1:${port}`
  return {
    origin,
    kmsUrl: origin,
    jwksUrl: `${origin}/operator/jwks.json`,
    connectionsUrl: `${origin}/${STAGE}`,
    /** From here on `@connections` knows the gateway's sockets. */
    serve(gateway: Peers): void {
      peers = gateway
    },
    close: () => closeServer(server),
  }
}

// ---------------------------------------------------------------------------------------------

const send = (response: ServerResponse, status: number, body: object, errorType?: string): void => {
  if (errorType !== undefined) response.setHeader('x-amzn-errortype', errorType)
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
  response.end(status === 204 ? undefined : JSON.stringify(body))
}

const decoded = (id: string): string => {
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}
