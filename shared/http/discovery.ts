/**
 * What everybody may know of the authorization server: its public keys (RFC 7517) and what it can do (RFC 8414).
 * Both may be kept, for far less time than a key is published before it signs.
 */
import type { Context } from 'hono'
import { ALGORITHM } from '../crypto/signing-key.ts'
import { ROLES } from '../domain/roles.ts'
import type { Env } from '../env.ts'
import { type Checks, type Http, inTime, issuerOf } from './context.ts'

/** For how long clients may cache the answer. */
export const MAX_AGE_SECONDS = 900

/** `GET /oauth2/jwks`. */
export const jwks =
  (service: Checks) =>
  async (c: Context<Http>): Promise<Response> => {
    const set = await inTime(service, c, ({ signing }) => signing.jwks())
    // An empty set isn't cached: the first key comes within a minute.
    if (set.keys.length > 0) c.header('Cache-Control', `public, ${AGE}`)
    return c.body(JSON.stringify(set), 200, { 'Content-Type': 'application/jwk-set+json' })
  }

/**
 * `GET /.well-known/oauth-authorization-server` (RFC 8414), and the same at `/.well-known/openid-configuration` for clients
 * that look only there: with what these insist on (OpenID Connect Discovery 1.0 §3), though nobody gets an ID token here.
 */
export const metadata =
  ({ env }: Checks) =>
  (c: Context<Http>): Response => {
    const issuer = issuerOf(c, env)
    // The documentation is files, which only the edge serves, or this machine.
    const documented = env.KEYHARBOR_LOCAL || env.KEYHARBOR_EDGE_SECRET !== undefined
    keep(c, env)
    return c.json({
      issuer,
      jwks_uri: `${issuer}/oauth2/jwks`,
      token_endpoint: `${issuer}/oauth2/token`,
      token_endpoint_auth_methods_supported: SECRET,
      introspection_endpoint: `${issuer}/oauth2/introspect`,
      introspection_endpoint_auth_methods_supported: ['Bearer', ...SECRET],
      introspection_signing_alg_values_supported: [ALGORITHM],
      revocation_endpoint: `${issuer}/oauth2/revoke`,
      // A key is proof enough to end itself; other proof is verified if it is given.
      revocation_endpoint_auth_methods_supported: ['none', ...SECRET],
      grant_types_supported: ['client_credentials'],
      // There is no authorization endpoint: nobody is sent anywhere to log in.
      response_types_supported: [],
      scopes_supported: ROLES,
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [ALGORITHM],
      ...(documented && { service_documentation: `${issuer}/api/docs/` }),
    })
  }

/** Lets an answer that names the issuer be cached. If the issuer is the host that was asked for, only by the client: a
 * shared cache might take it for another host's. */
export const keep = (c: Context<Http>, { KEYHARBOR_ISSUER: configured }: Env): void =>
  c.header('Cache-Control', `${configured === undefined ? 'private' : 'public'}, ${AGE}`)

// ---------------------------------------------------------------------------------------------

/** A key's id and secret, by either way of RFC 6749 §2.3.1. */
const SECRET = ['client_secret_basic', 'client_secret_post']

const AGE = `max-age=${MAX_AGE_SECONDS}`
