/** From an HTTP API's event (payload format 2.0) to a hono app, for each function behind that API. */
import { Hono } from 'hono'
import { handle, type LambdaEvent } from 'hono/aws-lambda'
import type { Env } from '../../shared/env.ts'
import type { App } from '../../shared/http/app.ts'
import { createViewers } from './viewer.ts'

type Event = Extract<LambdaEvent, { requestContext: { http: unknown } }>

/** @returns the function's handler. */
export const serve = (env: Env, app: App) => {
  const viewerOf = createViewers(env)
  const entry = new Hono<{ Bindings: { event: Event } }>().all('*', (c) => {
    const viewer = viewerOf({
      header: (name) => c.req.header(name),
      sourceIp: c.env.event.requestContext.http.sourceIp,
    })
    if (viewer === null) return c.json({ error: 'forbidden' }, 403)
    return app.fetch(c.req.raw, viewer)
  })
  return handle(entry)
}
