/**
 * hono middleware: a request passes if Keyharbor says that its key is good, now. Each request is asked
 * about and no answer is kept, so a revoked key is dead at once. Without an answer nothing passes.
 */
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'

/** Whose key it is; handlers find it in `c.var.visitor`. */
export type Visitor = {
  readonly username: string
  readonly keyId: string
  readonly roles: readonly string[]
}

export type Options = {
  /** Address of Keyharbor, https. */
  readonly url: string
  /** What this service proves itself by: a key of a user with role KEY_VALIDATE, or an access token. Asked once
   * more with one that Keyharbor refused; where there is no other, it gives the same. */
  readonly credential: (refused?: string) => string | Promise<string>
  /** A role that the visitor needs. */
  readonly role?: string
  /** On what the key came, if that can be known here: one that came on http is revoked by Keyharbor. */
  readonly transport?: (c: Context) => 'https' | 'http'
  readonly timeoutMs?: number
}

export const keyharbor = ({ role, ...options }: Options) =>
  createMiddleware<{ Variables: { visitor: Visitor } }>(async (c, next) => {
    const [, token] = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '') ?? []
    if (token === undefined) return refuse(c, 401, 'Bearer')
    const answer = await introspect(token, options, options.transport?.(c)).catch(() => null)
    if (answer === null) return c.json({ error: 'unavailable' }, 503, { 'Retry-After': '1' })
    if (!answer.active) return refuse(c, 401, 'Bearer error="invalid_token"')
    const roles = answer.scope.split(' ')
    // FULL_ADMIN has them all.
    if (role !== undefined && !roles.includes(role) && !roles.includes('FULL_ADMIN'))
      return refuse(c, 403, `Bearer error="insufficient_scope", scope="${role}"`)
    c.set('visitor', { username: answer.username, keyId: answer.client_id, roles })
    return next()
  })

// ---------------------------------------------------------------------------------------------

/** RFC 7662 §2.2, as Keyharbor fills it in. */
type Answer =
  | { readonly active: false }
  | {
      readonly active: true
      readonly username: string
      readonly client_id: string
      readonly scope: string
    }

/** @throws Error without an answer in time, also where Keyharbor refuses this service's credential. */
const introspect = async (
  token: string,
  { url, credential, timeoutMs = 2000 }: Omit<Options, 'role'>,
  transport?: string,
): Promise<Answer> => {
  const ask = (by: string): Promise<Response> =>
    fetch(new URL('/oauth2/introspect', url), {
      method: 'POST',
      headers: { authorization: `Bearer ${by}` },
      body: new URLSearchParams({ token, ...(transport !== undefined && { transport }) }),
      // Keys go to this address and nowhere else.
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
  const first = await credential()
  let reply = await ask(first)
  if (reply.status === 401) {
    await reply.body?.cancel()
    const other = await credential(first)
    if (other !== first) reply = await ask(other)
  }
  if (!reply.ok) throw new Error(`Keyharbor answered ${reply.status}`)
  return (await reply.json()) as Answer
}

const refuse = (c: Context, status: 401 | 403, challenge: string): Response =>
  c.json({ error: status === 401 ? 'unauthorized' : 'forbidden' }, status, {
    'WWW-Authenticate': challenge,
  })
