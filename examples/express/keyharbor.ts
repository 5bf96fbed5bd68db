/**
 * Middleware for Express, connect, or a bare `node:http` server: a request passes if Keyharbor says that
 * its key is good, now. Each request is asked about and no answer is kept, so a revoked key is dead at
 * once. Without an answer nothing passes.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

/** Whose key it is; handlers find it in `request.visitor`. */
export type Visitor = {
  readonly username: string
  readonly keyId: string
  readonly roles: readonly string[]
}

export type Visited = IncomingMessage & { visitor?: Visitor }

export type Options = {
  /** Address of Keyharbor, https. */
  readonly url: string
  /** What this service proves itself by: a key of a user with role KEY_VALIDATE, or an access token. Asked once
   * more with one that Keyharbor refused; where there is no other, it gives the same. */
  readonly credential: (refused?: string) => string | Promise<string>
  /** A role that the visitor needs. */
  readonly role?: string
  /** On what the key came, if that can be known here: one that came on http is revoked by Keyharbor. */
  readonly transport?: (request: IncomingMessage) => 'https' | 'http'
  readonly timeoutMs?: number
}

export const keyharbor =
  ({ role, ...options }: Options) =>
  async (request: Visited, response: ServerResponse, next: () => void): Promise<void> => {
    const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? []
    if (token === undefined) return refuse(response, 401, { 'WWW-Authenticate': 'Bearer' })
    const transport = options.transport?.(request)
    const answer = await introspect(token, options, transport).catch(() => null)
    if (answer === null) return refuse(response, 503, { 'Retry-After': '1' })
    if (!answer.active)
      return refuse(response, 401, { 'WWW-Authenticate': 'Bearer error="invalid_token"' })
    const roles = answer.scope.split(' ')
    // FULL_ADMIN has them all.
    if (role !== undefined && !roles.includes(role) && !roles.includes('FULL_ADMIN'))
      return refuse(response, 403, {
        'WWW-Authenticate': `Bearer error="insufficient_scope", scope="${role}"`,
      })
    request.visitor = { username: answer.username, keyId: answer.client_id, roles }
    next()
  }

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

const refuse = (
  response: ServerResponse,
  status: 401 | 403 | 503,
  headers: Record<string, string>,
): void => {
  const error = { 401: 'unauthorized', 403: 'forbidden', 503: 'unavailable' }[status]
  response.writeHead(status, { ...headers, 'Content-Type': 'application/json' })
  response.end(JSON.stringify({ error }))
}
