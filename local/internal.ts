/**
 * The AWS that only our own functions see, on one loopback port: KMS, `@connections`, the operator's
 * JWKS, and DynamoDB while calls are recorded. All users of the machine reach the port; only the JWKS,
 * which is public, is told to who doesn't sign with credentials of ours.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { CLOSE_HEADER } from '../shared/sessions/push.ts'
import type { Trust } from './credentials.ts'
import { answerConnection } from './gateway/connections.ts'
import { readBody } from './gateway/http.ts'
import type { Peers } from './gateway/peers.ts'
import { STAGE } from './gateway/socket-events.ts'
import type { Issuer } from './issuer.ts'
import type { Kms } from './kms.ts'
import { closeServer, listen } from './listen.ts'
import type { Recording } from './record/recording.ts'
import { createVerifier } from './signature.mjs'

/** Above all that AWS lets through, so that the API that was called says what is too large. */
const BODY_BYTES = 1024 * 1024
const JWKS = '/operator/jwks.json'

type Parts = {
  /** Who may ask. */
  readonly trust: Trust
  /** Functions that run in processes of their own, by access key id. May grow. */
  readonly callers?: ReadonlyMap<string, string>
  readonly kms: Kms
  readonly issuer: Pick<Issuer, 'jwks'>
  readonly recording?: Recording | null
}

export const startInternal = async (parts: Parts) => {
  const { trust, callers = new Map(), kms, issuer, recording = null } = parts
  const verify = createVerifier(trust)
  let peers: Peers | undefined

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === 'GET' && request.url === JWKS) return send(response, 200, issuer.jwks)
    const body = await readBody(request, BODY_BYTES)
    if (body === null) return send(response, 413, {}, 'PayloadTooLargeException')
    const signed = verify(request, body)
    if (signed === null)
      return send(response, 403, { message: 'Forbidden' }, 'UnrecognizedClientException')
    const { path } = signed
    const caller = callers.get(signed.id) ?? ''
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
      close: request.headers[CLOSE_HEADER]?.toString(),
    })
    send(response, reply.status, reply.body, reply.errorType)
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  const port = await listen(server, 0, '127.0.0.1')
  const origin = `http://127.0.0.1:${port}`
  return {
    /** Where DynamoDB is while calls are recorded, and `@connections` with the stage left out. */
    url: origin + trust.path,
    kmsUrl: origin + trust.path,
    jwksUrl: origin + JWKS,
    connectionsUrl: `${origin}${trust.path}/${STAGE}`,
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
