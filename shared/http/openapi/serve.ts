/** `GET /openapi.json`. */
import type { Context } from 'hono'
import type { Checks, Http } from '../context.ts'
import { issuerOf } from '../issuer.ts'
import { keep } from '../jwks.ts'
import { type OpenApi, openApi } from './document.ts'

/** Made when it is asked for first, and once: but for the host, it is the same for everybody. */
export const serveOpenApi = ({ env }: Checks) => {
  let made: OpenApi | undefined
  return (c: Context<Http>): Response => {
    const origin = issuerOf(c, env)
    made ??= openApi(origin)
    keep(c, env)
    return c.json({ ...made, servers: [{ url: origin }] })
  }
}
