/** Services with the middleware of `examples/`, in this process, each started for one test. */
import { createServer as createClearServer, type RequestListener } from 'node:http'
import { createServer } from 'node:https'
import { TLSSocket } from 'node:tls'
import { Hono } from 'hono'
import { keyharbor as forNode, type Visited } from '../../examples/express/keyharbor.ts'
import { keyharbor as forHono, type HonoOptions } from '../../examples/hono/keyharbor.ts'
import type { Options } from '../../examples/introspect.ts'
import { http, type Reply } from '../../local/client.ts'
import type { Ask, Guard } from './contract.ts'
import { open } from './toy.ts'

/** Where and as whom a service asks. */
export type Asks = Pick<Options, 'url' | 'credential' | 'timeoutMs'>

export const startHono = (asks: Asks): Guard => {
  const options: HonoOptions = {
    ...asks,
    transport: (c) => (c.req.url.startsWith('https:') ? 'https' : 'http'),
  }
  const counted = { requests: 0 }
  const app = new Hono()
  app.use('/admin/*', forHono({ ...options, role: 'SHARING_ADMIN' }))
  app.get('*', forHono(options), (c) => {
    counted.requests++
    const { username, roles } = c.var.visitor
    return c.json({ username, roles: roles.join(' ') })
  })
  const ask = async ({ path = '/', key, headers, plain = false }: Ask = {}): Promise<Reply> => {
    const reply = await app.request(`${plain ? 'http' : 'https'}://service.test${path}`, {
      headers: { ...headers, ...(key !== undefined && { authorization: `Bearer ${key}` }) },
    })
    const text = await reply.text()
    const { status } = reply
    return {
      status,
      headers: Object.fromEntries(reply.headers),
      text,
      json: () => JSON.parse(text),
    }
  }
  return { ask, counted }
}

export type Middleware = ReturnType<typeof forNode>
export type Handler = (request: Visited, response: Parameters<Middleware>[1]) => void
/** Puts the guard of everything, and that of `/admin/`, before a handler. */
export type Serve = (
  guards: { all: Middleware; admin: Middleware },
  handler: Handler,
) => RequestListener

/** As the examples' servers have it, without a framework. */
export const bare: Serve =
  ({ all, admin }, handler) =>
  (request, response) => {
    const guard = request.url?.startsWith('/admin/') ? admin : all
    void guard(request, response, () => handler(request, response))
  }

/** @param tls its certificate, which `ask` trusts. */
export const startNode = async (
  serve: Serve,
  asks: Asks,
  tls: { cert: string; key: string },
): Promise<Guard> => {
  const guard = (role?: string): Middleware =>
    forNode({
      ...asks,
      ...(role !== undefined && { role }),
      transport: ({ socket }) => (socket instanceof TLSSocket ? 'https' : 'http'),
    })
  const counted = { requests: 0 }
  const listener = serve({ all: guard(), admin: guard('SHARING_ADMIN') }, (request, response) => {
    counted.requests++
    const { username, roles } = request.visitor ?? {}
    response.end(JSON.stringify({ username, roles: roles?.join(' ') }))
  })
  const [https, clear] = await Promise.all([
    open(createServer(tls, listener)),
    open(createClearServer(listener)),
  ])
  const ask = ({ path = '/', key: bearer, headers = {}, plain = false }: Ask = {}) => {
    const origin = plain ? `http://127.0.0.1:${clear}` : `https://127.0.0.1:${https}`
    return http(origin + path, { ca: tls.cert, headers, ...(bearer !== undefined && { bearer }) })
  }
  return { ask, counted }
}
