/** What routes get: parts of the service, and facts of a request. */
import type { Context } from 'hono'
import { LRUCache } from 'lru-cache'
import { Fault } from '../domain/fault.ts'
import { within } from '../domain/retry.ts'
import type { Env } from '../env.ts'
import type { Parts } from '../parts.ts'

/** Parts for checks of keys and for making tenants. */
export type Checks = Pick<
  Parts,
  | 'accessTokens'
  | 'checkLimits'
  | 'env'
  | 'keys'
  | 'log'
  | 'metrics'
  | 'now'
  | 'once'
  | 'passwords'
  | 'seen'
  | 'sessions'
  | 'signing'
  | 'tenants'
  | 'vault'
  | 'waitForStep'
> & {
  /** Whether checks give up soon, for who can ask again. */
  readonly inHurry?: boolean
}

/** What the entry point knows of a request beside the request itself. */
export type Caller = {
  readonly address: string
  /** Whether it came over TLS. */
  readonly secure: boolean
  /** The host that the viewer asked for. */
  readonly host?: string
  /** The request's id, for the log and for who asks the operator. Default: a random one where it is needed. */
  readonly request?: string
  /** Makes an answer with status 200, where one of the platform's own costs more than the check. Default: `Response`. */
  readonly respond?: (text: string, headers: Readonly<Record<string, string>>) => Response
}
export type Http = {
  Bindings: Caller
  Variables: {
    /** Headers that say what is left of a limit, by names in lower case. */
    limits?: Readonly<Record<string, string>>
    /** Milliseconds since the request came. */
    elapsed: () => number
  }
}

/**
 * What the work of a check comes to, in the time that a check has; the work goes on. Not for keys that came in clear: what
 * leads to their end is not given up.
 * @throws Fault UNAVAILABLE after that, whatever AWS does: who waits longer is a function that others lack.
 */
export const inTime = <T>(
  service: Checks,
  c: Context<Http>,
  work: (service: Checks) => Promise<T>,
  inClear = !c.env.secure,
): Promise<T> => {
  if (inClear) return work({ ...service, inHurry: false })
  const most = service.env.KEYHARBOR_CHECK_TIMEOUT_MS
  return within(most - c.var.elapsed(), work(service), () => {
    const cause = new Error(`AWS didn't answer within the ${most} ms of a check`)
    return new Fault('UNAVAILABLE', {}, { cause })
  })
}

/** The service's issuer, by which others check what it signed: an https address (RFC 8414 §2). The configured one, else the
 * host that the viewer asked for: with https, even if the request came in clear. */
export const issuerOf = (c: Context<Http>, { KEYHARBOR_ISSUER: configured }: Env): string => {
  if (configured !== undefined) return configured
  const host = c.env.host ?? new URL(c.req.url).host
  const known = issuers.get(host)
  if (known !== undefined) return known
  const asked = `https://${host}`
  // A viewer may send anything as host: taking the origin drops what is more than a host.
  const issuer = URL.canParse(asked) ? new URL(asked).origin : `https://${new URL(c.req.url).host}`
  issuers.set(host, issuer)
  return issuer
}

// ---------------------------------------------------------------------------------------------

/** Cached by host: parsing it costs more than anything else of a check but the keys. */
const issuers = new LRUCache<string, string>({ max: 100 })
