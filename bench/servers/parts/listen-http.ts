/** Serves a hono app, as all HTTP subjects are served: by @hono/node-server, on loopback. */
import { type HttpBindings, serve } from '@hono/node-server'

type Fetch = (request: Request, bindings: HttpBindings) => Response | Promise<Response>

export const listenHttp = (fetch: Fetch): Promise<{ port: number }> =>
  new Promise((resolve) => {
    serve(
      {
        fetch: (request, bindings) => fetch(request, bindings as HttpBindings),
        port: 0,
        hostname: '127.0.0.1',
      },
      ({ port }) => resolve({ port }),
    )
  })
