/** `GET /openapi.json`. */
import type { Context } from 'hono'
import type { Http } from '../app.ts'
import { type OpenApi, openApi } from './document.ts'

/** For how long whoever asks may keep the answer, in seconds. */
const MAX_AGE = 900

export const serveOpenApi = () => {
  let made: OpenApi | undefined
  return (c: Context<Http>): Response => {
    const origin = `https://${new URL(c.req.url).host}`
    made ??= openApi(origin)
    c.header('Cache-Control', `private, max-age=${MAX_AGE}`)
    return c.json({ ...made, servers: [{ url: origin }] })
  }
}
