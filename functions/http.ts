/** Lambda entry of the HTTP API (payload format 2.0). */

import { Hono } from 'hono'
import { handle, type LambdaEvent } from 'hono/aws-lambda'
import { parseEnv } from '../shared/env.ts'
import { type Caller, createApp } from '../shared/http/app.ts'
import { createService } from '../shared/service.ts'

const env = parseEnv(process.env)
const app = createApp(createService({ env }))

type Event = Extract<LambdaEvent, { requestContext: { http: unknown } }>

/** Turns the event's facts into what the app calls its environment. */
const entry = new Hono<{ Bindings: { event: Event } }>().all('*', (c) => {
  const caller: Caller = {
    address: c.env.event.requestContext.http.sourceIp,
    proto: c.req.header(env.KEYHARBOR_PROTO_HEADER),
  }
  return app.fetch(c.req.raw, caller)
})

export const handler = handle(entry)
