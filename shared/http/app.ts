/** The HTTP side of the service, as one hono app. Its routes are this list. */
import { Hono } from 'hono'
import { Fault } from '../fault.ts'
import { isSecure } from '../live/socket.ts'
import { VERSIONS } from '../rpc/versions.ts'
import type { Service } from '../service.ts'
import { introspect } from './introspect.ts'
import { operator } from './operator.ts'

/** What the entry point knows of a request beside the request itself. */
export type Caller = {
  readonly address: string
  /** Protocol on which the viewer came, as the edge says. */
  readonly proto: string | undefined
}
export type Http = {
  Bindings: Caller
  Variables: { secure: boolean }
}

/** Largest body that any route reads: a token and a few parameters. */
export const BODY_BYTES = 16 * 1024

export const createApp = (service: Service) => {
  const app = new Hono<Http>()
  app.use(async (c, next) => {
    c.set('secure', isSecure(c.env.proto))
    // Answers are about secrets: no cache in between may keep one (RFC 7662 §4).
    c.header('Cache-Control', 'no-store')
    if (Number(c.req.header('content-length') ?? 0) > BODY_BYTES)
      return c.json(
        { error: 'invalid_request', error_description: 'The request is too large.' },
        413,
      )
    return next()
  })
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/api/versions', (c) => c.json(VERSIONS))
  app.post('/oauth2/introspect', introspect(service))
  app.route('/v1/tenants', operator(service))
  app.notFound((c) => {
    const here = app.routes.filter(({ method, path }) => method !== 'ALL' && path === c.req.path)
    if (here.length === 0) return c.json({ error: 'not_found' }, 404)
    c.header('Allow', here.map(({ method }) => method).join(', '))
    return c.json({ error: 'method_not_allowed' }, 405)
  })
  app.onError((error, c) => {
    if (error instanceof Fault && error.code === 'UNAVAILABLE') {
      service.log.error('request failed', error.cause ?? error, { path: c.req.path })
      c.header('Retry-After', '1')
      return c.json({ error: 'temporarily_unavailable', error_description: error.message }, 503)
    }
    const reference = crypto.randomUUID()
    service.log.error('request failed', error, { path: c.req.path, reference })
    return c.json(
      { error: 'server_error', error_description: `Internal error, reference ${reference}` },
      500,
    )
  })
  return app
}
