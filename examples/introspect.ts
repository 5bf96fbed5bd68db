/**
 * Whether a visitor's key is good, now: what the middleware beside this asks Keyharbor about each request
 * (RFC 7662). No answer is kept, so a revoked key is dead at once. Without an answer nobody is let in.
 */

export type Options = {
  /** Address of Keyharbor, https. */
  readonly url: string
  /** What this service proves itself by: a key of a user with role KEY_VALIDATE, or an access token. Asked once
   * more with one that Keyharbor refused; where there is no other, it gives the same. */
  readonly credential: (refused?: string) => string | Promise<string>
  /** A role that the visitor needs. */
  readonly role?: string
  /** For each request to Keyharbor (2000). There are two where a token was refused before its time. */
  readonly timeoutMs?: number
}

/** Whose key it is; no name once the user was deleted. */
export type Visitor = {
  readonly username: string | null
  readonly keyId: string
  readonly roles: readonly string[]
}

/** What the visitor is answered instead. */
export type Refusal = {
  readonly status: 401 | 403 | 503
  readonly error: string
  readonly headers: Readonly<Record<string, string>>
}

/** On what a key came: Keyharbor revokes one that came on http. */
export type Transport = 'https' | 'http'

/** @param authorization the visitor's header. Never rejects. */
export const introspect = async (
  authorization: string | undefined,
  { role, ...options }: Options,
  transport?: Transport,
): Promise<Visitor | Refusal> => {
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? []
  if (token === undefined) return unauthorized('Bearer')
  const visitor = await visitorOf(token, options, transport).catch(() => undefined)
  if (visitor === undefined)
    return { status: 503, error: 'unavailable', headers: { 'Retry-After': '1' } }
  if (visitor === null) return unauthorized('Bearer error="invalid_token"')
  // FULL_ADMIN has them all.
  if (role === undefined || visitor.roles.includes(role) || visitor.roles.includes('FULL_ADMIN'))
    return visitor
  const challenge = `Bearer error="insufficient_scope", scope="${role}"`
  return { status: 403, error: 'forbidden', headers: { 'WWW-Authenticate': challenge } }
}

// ---------------------------------------------------------------------------------------------

/** @returns null if the key isn't good. @throws Error without an answer in time, also where Keyharbor refuses
 * this service's own credential: no visitor is to blame for that. */
const visitorOf = async (
  token: string,
  { url, credential, timeoutMs = 2000 }: Omit<Options, 'role'>,
  transport?: Transport,
): Promise<Visitor | null> => {
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
  const answer = (await reply.json()) as Answer
  if (!answer.active) return null
  if (typeof answer.client_id !== 'string' || typeof answer.scope !== 'string')
    throw new Error('Keyharbor did not say whose key it is')
  return { username: answer.username, keyId: answer.client_id, roles: answer.scope.split(' ') }
}

/** RFC 7662 §2.2, as Keyharbor fills it in. */
type Answer =
  | { readonly active: false }
  | {
      readonly active: true
      readonly username: string | null
      readonly client_id: string
      readonly scope: string
    }

const unauthorized = (challenge: string): Refusal => ({
  status: 401,
  error: 'unauthorized',
  headers: { 'WWW-Authenticate': challenge },
})
