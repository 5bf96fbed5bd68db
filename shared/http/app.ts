/**
 * The HTTP side of the service: two hono apps, each served by a function of its own, so that the one
 * that all devices call loads no more, and may no more, than a check takes. The routes are theirs.
 */
import { Hono } from 'hono'
import { Fault } from '../domain/fault.ts'
import { stopwatch } from '../domain/retry.ts'
import { VERSION_NAMES } from '../domain/versions.ts'
import type { Log } from '../log.ts'
import type { Checks, Http } from './context.ts'
import { jwks, metadata } from './discovery.ts'
import { forwardAuth } from './forward-auth.ts'
import { introspect, introspectBatch } from './introspect.ts'
import { serveOpenApi } from './openapi/document.ts'
import { operator } from './operator.ts'
import { ANY_ORIGIN, isPublicDocument, PREFLIGHT, PUBLIC_DOCUMENTS } from './paths.ts'
import { unwantedQuery } from './query.ts'
import { ready } from './ready.ts'
import { badRequest } from './refusals.ts'
import { revoke } from './revoke.ts'
import { token } from './token.ts'

/** Largest body that any route reads: a hundred access tokens, which are longer than keys. */
export const BODY_BYTES = 128 * 1024

/** All that checks keys. */
export const createCheckApp = (parts: Checks): App => {
  const service = { ...parts, inHurry: true }
  const app = createApp(service.log)
  app.post('/oauth2/introspect', introspect(service))
  app.post('/v1/introspect', introspectBatch(service))
  // With the visitor's method, whatever that is: Envoy's ext_authz hands it on, and a NAS serves WebDAV.
  app.all('/v1/forward-auth', forwardAuth(service))
  app.post('/oauth2/revoke', revoke(service))
  app.post('/oauth2/token', token(service))
  app.get('/oauth2/jwks', jwks(service))
  app.get('/readyz', ready(service))
  return app
}

/** Everything else. */
export const createMainApp = (service: Checks): App => {
  const app = createApp(service.log)
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/api/versions', (c) => c.json(VERSION_NAMES))
  app.get('/openapi.json', serveOpenApi(service))
  app.get('/.well-known/oauth-authorization-server', metadata(service))
  app.get('/.well-known/openid-configuration', metadata(service))
  app.route('/v1/tenants', operator(service))
  return app
}

export type App = Hono<Http>

/** Paths that may have a query: the route reads it itself, or serves the same with any, as clients send to get round a
 * cache. */
const ANY_QUERY: ReadonlySet<string> = new Set([
  '/v1/forward-auth',
  '/healthz',
  '/readyz',
  ...PUBLIC_DOCUMENTS,
])

// ---------------------------------------------------------------------------------------------

/** What holds for every route: sizes, caches, and how errors look. */
const createApp = (log: Log): App => {
  const app = new Hono<Http>()
  app.use(async (c, next) => {
    c.set('elapsed', stopwatch())
    // Answers are about secrets: no cache in between may keep one (RFC 7662 §4).
    c.header('Cache-Control', 'no-store')
    const { path } = c.req
    if (isPublicDocument(path)) {
      for (const [name, value] of Object.entries(ANY_ORIGIN)) c.header(name, value)
      if (c.req.method === 'OPTIONS') return c.body(null, 204, PREFLIGHT)
    }
    if (Number(c.req.header('content-length') ?? 0) > BODY_BYTES)
      return c.json(
        { error: 'invalid_request', error_description: 'The request is too large.' },
        413,
      )
    if (!ANY_QUERY.has(path) && routesAt(path).length > 0) {
      const mistake = unwantedQuery(c)
      if (mistake !== null) return badRequest(c, mistake)
    }
    return next()
  })
  const routesAt = (path: string) => app.routes.filter((route) => route.path === path)
  app.notFound((c) => {
    const here = routesAt(c.req.path)
    if (here.length === 0) return c.json({ error: 'not_found' }, 404)
    c.header('Allow', here.map(({ method }) => method).join(', '))
    return c.json({ error: 'method_not_allowed' }, 405)
  })
  app.onError((error, c) => {
    const request = c.env.request ?? crypto.randomUUID()
    if (error instanceof Fault && error.code === 'UNAVAILABLE') {
      log.error('request failed', error.cause ?? error, { path: c.req.path, request })
      c.header('Retry-After', String(error.retryAfterSeconds ?? 1))
      return c.json({ error: 'temporarily_unavailable', error_description: error.message }, 503)
    }
    if (error instanceof Fault && error.code === 'IDEMPOTENCY_KEY_REUSED')
      return c.json({ error: 'idempotency_key_reused', error_description: error.message }, 422)
    log.error('request failed', error, { path: c.req.path, request })
    if (error instanceof Fault && error.code === 'OUTCOME_UNKNOWN')
      return c.json({ error: 'outcome_unknown', error_description: error.message }, 500)
    return c.json(
      { error: 'server_error', error_description: `Internal error, reference ${request}` },
      500,
    )
  })
  return app
}
