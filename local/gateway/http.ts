/** The HTTP API: every request that isn't a WebSocket becomes one event, its result the response.
 * Limits as API Gateway's: 10 MB of body, 30 seconds. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { REQUEST_ID } from '../../functions/events/http-api.ts'
import { isSitePath } from '../../shared/http/paths.ts'
import { passEdge } from './edge.ts'
import { httpAnswer, httpEvent } from './http-events.ts'
import { createRouter, type HttpRoutes } from './routes.ts'
import type { SiteHandler } from './site.ts'
import { type Protocol, targetOf, viewerOf } from './viewer.ts'

export const BODY_BYTES = 10 * 1024 * 1024

/**
 * @param toHttps the address of a path on the listener for https.
 * @returns answers a request. `id`: its own, which is on the answer already. `routed` is told who answers: a route of the API, `site` or `edge`.
 */
export const createHttp = (
  routes: HttpRoutes,
  site: SiteHandler,
  toHttps: (request: IncomingMessage) => string,
) => {
  const route = createRouter(routes)
  return async (
    request: IncomingMessage,
    response: ServerResponse,
    protocol: Protocol,
    id: string,
    routed: (route: string) => void,
  ): Promise<void> => {
    const body = await readBody(request, BODY_BYTES).catch(() => undefined)
    if (body === undefined) return void response.destroy()
    if (body === null) {
      // The rest of the body isn't read: the connection can't be used again.
      response.shouldKeepAlive = false
      return say(response, 413, 'Request Entity Too Large')
    }
    // Pages are for https: nobody should type a password into one that came in clear. Not for good, as
    // CloudFront says it: on this machine another program may have the port tomorrow.
    if (protocol === 'http' && isSitePath(targetOf(request).path)) {
      routed('site')
      response.writeHead(307, { location: toHttps(request) })
      return void response.end()
    }
    const viewer = viewerOf(request, protocol)
    const edged = passEdge(request, viewer.sourceIp)
    if (edged.kind === 'answered') {
      routed('edge')
      response.writeHead(edged.status, edged.headers)
      return void response.end(edged.body)
    }
    if (edged.kind === 'file') {
      routed('site')
      return site(request, response, edged.path)
    }
    const match = route(request.method ?? 'GET', targetOf(request).path)
    if (match === null) return say(response, 404, 'Not Found')
    routed(match.routeKey)
    const outcome = await match.invoke(
      httpEvent(request, viewer, body, { ...match, requestId: id }),
    )
    if (outcome.kind === 'timedOut') return say(response, 503, 'Service Unavailable')
    const answer = outcome.kind === 'returned' ? httpAnswer(outcome.value) : null
    if (answer === null) return say(response, 500, 'Internal Server Error')
    try {
      for (const [name, value] of Object.entries(answer.headers)) {
        // Ours to say, from the body that there is.
        if (!/^(content-length|transfer-encoding|connection)$/i.test(name))
          response.setHeader(name, value)
      }
      // Said also of none: a gateway that asks only for the headers keeps the connection then.
      if (request.method !== 'HEAD' && mayHaveBody(answer.status))
        response.setHeader('content-length', answer.body.length)
      if (answer.cookies.length > 0) response.setHeader('set-cookie', answer.cookies)
      response.writeHead(answer.status)
    } catch {
      // A header that can't be sent makes the result malformed.
      for (const name of response.getHeaderNames())
        if (name !== REQUEST_ID) response.removeHeader(name)
      return say(response, 500, 'Internal Server Error')
    }
    response.end(answer.body)
  }
}

/** @returns null when there is more than `most` bytes. Rejects when the sender went away. */
export const readBody = async (request: IncomingMessage, most: number): Promise<Buffer | null> => {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length
    if (length > most) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

// ---------------------------------------------------------------------------------------------

/** RFC 9110 §8.6. */
const mayHaveBody = (status: number): boolean => status >= 200 && status !== 204 && status !== 304

const say = (response: ServerResponse, status: number, message: string): void => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ message }))
}
