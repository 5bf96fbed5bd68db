/**
 * The operator's token: an access token of the operator's own identity provider (RFC 9068, as far as providers
 * keep to it), checked by jose against the provider's JWKS: signature by a fixed list of algorithms, `iss`, `aud`,
 * `exp`, `iat`, `sub`; then its lifetime, and that it is an access token and nothing else that is signed alike.
 */
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose'
import { Fault } from '../domain/fault.ts'
import type { Env } from '../env.ts'

/** Who calls, and with which scopes. */
export type Operator = { readonly name: string; readonly scopes: readonly string[] }

type Deps = { readonly env: Env; readonly now: () => number; readonly jwksUrl: string }

/**
 * @returns checks a token, given our own issuer. It gives the operator, or a text that says why not; without the
 * provider's signature the text gives no reason.
 * @throws Fault UNAVAILABLE where the provider's keys can't be fetched.
 */
export const createOperatorTokens = ({ env, now, jwksUrl }: Deps) => {
  const jwks = createRemoteJWKSet(new URL(jwksUrl))
  return async (token: string, us: string): Promise<Operator | string> => {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, jwks, {
        issuer: env.KEYHARBOR_OPERATOR_ISSUER,
        audience: env.KEYHARBOR_OPERATOR_AUDIENCE,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'iat', 'sub'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: new Date(now()),
      })
      // Access tokens of keys make no tenants, even if the settings name this service as the operator's issuer.
      if (payload.iss === us) return 'Access tokens of this service are for its keys: no operator.'
      return (
        mistakeInTimes(payload, now() / 1000, env.KEYHARBOR_OPERATOR_TOKEN_SECONDS) ??
        mistakeInKind(protectedHeader.typ, payload) ??
        read(payload)
      )
    } catch (error) {
      // What jose rejects is the caller's mistake; an issuer that doesn't answer with keys isn't.
      const rejected = error instanceof errors.JOSEError && !ISSUER_FAULTS.has(error.code)
      if (!rejected) throw new Fault('UNAVAILABLE', {}, { cause: error })
      return 'The token is not valid.'
    }
  }
}

// ---------------------------------------------------------------------------------------------

/** Asymmetric ones only: with HMAC, a service that checks tokens could make them. */
const ALGORITHMS = ['ES256', 'ES384', 'EdDSA', 'PS256', 'RS256']
/** What jose says when the key set could not be had. */
const ISSUER_FAULTS = new Set(['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC'])
/** Clocks may differ by this much. */
const CLOCK_TOLERANCE_SECONDS = 30

const mistakeInTimes = ({ iat = 0, exp = 0 }: JWTPayload, now: number, most: number) => {
  if (iat > now + CLOCK_TOLERANCE_SECONDS) return 'The token is issued in the future.'
  // Bounds how long a stolen token is of use.
  if (exp - iat > most)
    return `The token lives for ${exp - iat} seconds, and ${most} is the most here (operatorTokenSeconds).`
  return null
}

/** RFC 9068 §2.1, and what providers send that have no such type: Auth0, Entra and Keycloak JWT, Cognito none. */
const TYPES: readonly unknown[] = ['at+jwt', 'application/at+jwt', 'jwt', undefined]
/** Claims of ID tokens (OpenID Connect Core 1.0 §2, §3.3.2.11; FAPI) and of security events (RFC 8417). */
const OF_OTHERS = ['nonce', 'at_hash', 'c_hash', 's_hash', 'events']

const mistakeInKind = (typ: string | undefined, payload: JWTPayload): string | null => {
  const { token_use = 'access', typ: kind = 'Bearer', cnf } = payload
  if (cnf !== undefined)
    return 'The token is bound to a key of its holder, which is not asked for here: send one that is not.'
  const isAccessToken =
    TYPES.includes(typ?.toLowerCase()) &&
    // Cognito's and Keycloak's way to tell.
    token_use === 'access' &&
    kind === 'Bearer' &&
    OF_OTHERS.every((claim) => payload[claim] === undefined)
  return isAccessToken ? null : 'The token is no access token.'
}

const read = ({ sub = '', scope }: JWTPayload): Operator => ({
  name: sub,
  scopes: typeof scope === 'string' ? scope.split(' ') : [],
})
