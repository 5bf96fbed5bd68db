/** hono middleware: a request passes if Keyharbor says that its key is good, now. */
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { introspect, type Options, type Transport, type Visitor } from '../introspect.ts'

export type HonoOptions = Options & {
  /** On what the key came, if that can be known here. */
  readonly transport?: (c: Context) => Transport
}

/** Handlers find whose key it is in `c.var.visitor`. */
export const keyharbor = ({ transport, ...options }: HonoOptions) =>
  createMiddleware<{ Variables: { visitor: Visitor } }>(async (c, next) => {
    const found = await introspect(c.req.header('authorization'), options, transport?.(c))
    if ('error' in found) return c.json({ error: found.error }, found.status, found.headers)
    c.set('visitor', found)
    return next()
  })
