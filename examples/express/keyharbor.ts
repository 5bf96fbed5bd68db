/**
 * Middleware for Express, connect, or a bare `node:http` server: a request passes if Keyharbor says that its
 * key is good, now.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { introspect, type Options, type Transport, type Visitor } from '../introspect.ts'

export type NodeOptions = Options & {
  /** On what the key came, if that can be known here. */
  readonly transport?: (request: IncomingMessage) => Transport
}

/** Handlers find whose key it is in `request.visitor`. */
export type Visited = IncomingMessage & { visitor?: Visitor }

export const keyharbor =
  ({ transport, ...options }: NodeOptions) =>
  async (request: Visited, response: ServerResponse, next: () => void): Promise<void> => {
    const { authorization } = request.headers
    const found = await introspect(authorization, options, transport?.(request))
    if ('error' in found) {
      response.writeHead(found.status, { ...found.headers, 'Content-Type': 'application/json' })
      response.end(JSON.stringify({ error: found.error }))
      return
    }
    request.visitor = found
    next()
  }
