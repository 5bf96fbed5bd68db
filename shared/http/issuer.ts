/** Who the service is to those who check what it signed: an https origin (RFC 8414 §2, `issuer`). */
import type { Context } from 'hono'
import type { Env } from '../env.ts'
import type { Http } from './app.ts'

/** The configured issuer, else the host that the viewer asked for: what came in clear is told https, too. */
export const issuerOf = (c: Context<Http>, { KEYHARBOR_ISSUER: configured }: Env): string => {
  if (configured !== undefined) return configured
  const { host } = c.env
  const asked = `https://${host}`
  // A viewer may send anything as host: what is more than a host, its origin leaves out.
  return host && URL.canParse(asked) ? new URL(asked).origin : `https://${new URL(c.req.url).host}`
}
