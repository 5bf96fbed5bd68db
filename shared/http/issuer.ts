/** Who the service is to those who check what it signed: an https address (RFC 8414 §2, `issuer`). */
import type { Context } from 'hono'
import { LRUCache } from 'lru-cache'
import type { Env } from '../env.ts'
import type { Http } from './context.ts'

/** The configured issuer, else the host that the viewer asked for: what came in clear is told https, too. */
export const issuerOf = (c: Context<Http>, { KEYHARBOR_ISSUER: configured }: Env): string => {
  if (configured !== undefined) return configured
  const host = c.env.host ?? new URL(c.req.url).host
  const known = issuers.get(host)
  if (known !== undefined) return known
  const asked = `https://${host}`
  // A viewer may send anything as host: what is more than a host, its origin leaves out.
  const issuer = URL.canParse(asked) ? new URL(asked).origin : `https://${new URL(c.req.url).host}`
  issuers.set(host, issuer)
  return issuer
}

// ---------------------------------------------------------------------------------------------

/** By what was asked for: reading it costs more than anything else of a check but the keys. */
const issuers = new LRUCache<string, string>({ max: 100 })
