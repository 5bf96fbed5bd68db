/** How HTTP routes refuse: JSON as OAuth has it (RFC 6749 §5.2), with the challenges of RFC 6750 §3 and RFC 7617. */
import type { Context } from 'hono'
import type { EffectiveState } from '../keys/rules.ts'

/** How a caller tried to prove itself: with a Bearer token, or as a client with id and secret. */
type CallerProof = { readonly by: 'bearer' | 'client'; readonly why?: string }

export const refusal = (error: string, error_description: string) => ({ error, error_description })

export const badRequest = (c: Context, why: string): Response =>
  c.json(refusal('invalid_request', why), 400)

/** A Bearer token that isn't good, or is missing where nothing else would do. */
export const unauthorized = (c: Context, why: string | null, challenge = BEARER): Response => {
  // Without credentials no error code is given (RFC 6750 §3.1); Basic knows none.
  const code = why === null || challenge !== BEARER ? '' : ', error="invalid_token"'
  c.header('WWW-Authenticate', challenge + code)
  return c.json(refusal('invalid_token', why ?? 'Send a key as Bearer token.'), 401)
}

/** A client whose id and secret are missing or refused, by whatever way it sent them: 401 needs a challenge
 * (RFC 9110 §15.5.2). */
export const invalidClient = (c: Context, why: string, challenge = BASIC): Response => {
  c.header('WWW-Authenticate', challenge)
  return c.json(refusal('invalid_client', why), 401)
}

/** A caller that proved itself by neither scheme is told both. */
export const proofMissing = (c: Context): Response =>
  invalidClient(
    c,
    "Send a key or an access token as Bearer, or a key's id and secret by Basic or in the form.",
    `${BEARER}, ${BASIC}`,
  )

/** Refuses a caller's proof, in the terms of the scheme that it came by. */
export const proofRefused = (c: Context, { by }: CallerProof, why: string): Response =>
  by === 'client' ? invalidClient(c, why) : unauthorized(c, why)

/** The same for a proof that is wrong. */
export const proofWrong = (c: Context, proof: CallerProof): Response => {
  if (proof.by === 'bearer' && proof.why !== undefined) return tokenFromElsewhere(c, proof.why)
  return proofRefused(c, proof, proof.by === 'client' ? WRONG_CLIENT : WRONG_TOKEN)
}

/** A token that we signed, for another address. The challenge says why, too: gateways hand that on. */
export const tokenFromElsewhere = (c: Context, why: string): Response => {
  c.header(
    'WWW-Authenticate',
    `${BEARER}, error="invalid_token", error_description="${why.replace(/[^ !#-[\]-~]/g, '')}"`,
  )
  return c.json(refusal('invalid_token', why), 401)
}

/** Why a proven key isn't good. It doesn't tell a suspended tenant from a locked user. */
export const whyBad = (state: EffectiveState): string =>
  `The key is ${state === 'suspended' ? 'locked' : state}.`

export const forbidden = (c: Context, why: string): Response => {
  c.header('WWW-Authenticate', `${BEARER}, error="insufficient_scope"`)
  return c.json(refusal('insufficient_scope', why), 403)
}

export const BEARER = 'Bearer realm="keyharbor"'
export const BASIC = 'Basic realm="keyharbor", charset="UTF-8"'
/** For a client whose key was sent in clear, and is revoked. */
export const EXPOSED =
  'The request came over an unencrypted connection: the key in it has been revoked. Reset it, and use https.'
export const WRONG_CLIENT = 'The client is not known, or its secret wrong.'

// ---------------------------------------------------------------------------------------------

const WRONG_TOKEN = 'The key is not valid, or the access token has expired.'
