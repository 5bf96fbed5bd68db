/** How HTTP routes refuse: JSON as OAuth has it (RFC 6749 §5.2), with the headers of RFC 6750 §3. */
import type { Context } from 'hono'

export const refusal = (error: string, error_description: string) => ({ error, error_description })

export const badRequest = (c: Context, why: string): Response =>
  c.json(refusal('invalid_request', why), 400)

/** Without credentials no error code is given (RFC 6750 §3.1). @param why null: there were none. */
export const unauthorized = (c: Context, why: string | null): Response => {
  const code = why === null ? '' : ', error="invalid_token"'
  c.header('WWW-Authenticate', `Bearer realm="keyharbor"${code}`)
  return c.json(refusal('invalid_token', why ?? 'Send a key as Bearer token.'), 401)
}

export const forbidden = (c: Context, why: string): Response => {
  c.header('WWW-Authenticate', 'Bearer realm="keyharbor", error="insufficient_scope"')
  return c.json(refusal('insufficient_scope', why), 403)
}
