/**
 * The AWS that only our own functions see, on one loopback port: KMS, `@connections` and the operator's
 * JWKS. Calls must be signed with this process's access key id; the signature itself isn't checked.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { answerConnection } from './gateway/connections.ts'
import { readBody } from './gateway/http.ts'
import type { Peers } from './gateway/peers.ts'
import { STAGE } from './gateway/socket-events.ts'
import type { Issuer } from './issuer.ts'
import type { Kms } from './kms.ts'
import { closeServer, listen } from './listen.ts'

/** Above all that AWS lets through, so that the API that was called says what is too large. */
const BODY_LIMIT = 1024 * 1024

type Parts = {
  readonly accessKeyId: string
  readonly kms: Kms
  readonly issuer: Pick<Issuer, 'jwks'>
}

export const startInternal = async ({ accessKeyId, kms, issuer }: Parts) => {
  let peers: Peers | undefined

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '/').replace(/\?.*$/, '')
    if (request.method === 'GET' && path === '/operator/jwks.json')
      return send(response, 200, issuer.jwks)
    // Any web page can make a browser post to a loopback port, but it doesn't know this.
    if (!request.headers.authorization?.includes(`Credential=${accessKeyId}/`))
      return send(response, 403, { message: 'Forbidden' }, 'UnrecognizedClientException')
    const body = await readBody(request, BODY_LIMIT)
    if (body === null) return send(response, 413, {}, 'PayloadTooLargeException')
    const target = request.headers['x-amz-target']
    if (typeof target === 'string') {
      const reply = kms(target, body.toString())
      return send(response, reply.status, reply.body)
    }
    const id = /^\/[^/]+\/(?:@|%40)connections\/([^/]+)$/.exec(path)?.[1]
    if (id === undefined || peers === undefined) return send(response, 404, {})
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
