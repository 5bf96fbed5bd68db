/**
 * Limits as HTTP says them: 429 with Retry-After (RFC 9110 §10.2.3), and on every answer what is left, in
 * the RateLimit fields (draft-ietf-httpapi-ratelimit-headers).
 */
import type { Context } from 'hono'
import type { Allowance } from '../limits/checks.ts'
import type { Checks, Http } from './context.ts'
import { refusal } from './refusals.ts'

/** Counts checks for a caller. @returns the answer to one that is over its limit. */
export const countChecks = async (
  service: Checks,
  c: Context<Http>,
  caller: { id: number; tenant: number },
  checks: number,
): Promise<Response | null> => told(service, c, await service.checkLimits.take(caller, checks))

/** Counts a key's request for an access token, as one of its own checks. @returns as above. */
export const countToken = (
  service: Checks,
  c: Context<Http>,
  key: { id: number },
): Response | null => told(service, c, service.checkLimits.takeOwn(key))

// ---------------------------------------------------------------------------------------------

const told = (service: Checks, c: Context<Http>, allowance: Allowance): Response | null => {
  const { ok, by, policy, remaining, wait } = allowance
  const limits = {
    'ratelimit-policy': `"${by}";q=${policy.quota};w=${Math.ceil(policy.seconds)}`,
    ratelimit: `"${by}";r=${remaining};t=${wait}`,
  }
  // A plain answer has no other headers than those that it is given (answer.ts).
  c.set('limits', limits)
  for (const [name, value] of Object.entries(limits)) c.header(name, value)
  if (ok) return null
  service.metrics.add('ChecksLimited')
  c.header('Retry-After', String(wait))
  return c.json(refusal('rate_limited', why(allowance)), 429)
}

const why = ({ by, wait }: Allowance): string =>
  `${by === 'device' ? 'This device' : 'This tenant'} has used up its checks. Ask again in ${wait} seconds.`
