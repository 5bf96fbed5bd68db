/**
 * Access tokens (RFC 9068): signed JWTs that stand for a key that was proven, for five minutes. Checking one costs no
 * read, so it shows the rights at its issue: it proves who calls, and never that the key is still good. A question
 * about a token reads the key too (`check.ts`).
 */
import { hash, randomUUID } from 'node:crypto'
import { errors, type JWTHeaderParameters, jwtVerify } from 'jose'
import { LRUCache } from 'lru-cache'
import * as z from 'zod/mini'
import { ALGORITHM } from '../crypto/signing-key.ts'
import type { Signing } from '../crypto/signing-keys.ts'
import { idOf, type KeyRef, refOf } from '../domain/key.ts'
import type { CheckedKey } from '../store/key-items.ts'
import { keyEnd } from './rules.ts'

/** How long a token is good at the most. */
export const LIFE_SECONDS = 300
/** Longest text that is looked at. What we issue is shorter: its scope is bounded ({@link LONGEST_SCOPE}). */
export const LONGEST = 8192
/** Longest list of roles that goes into a token, in characters. */
export const LONGEST_SCOPE = 4096

/** What a token says. Times are milliseconds since the epoch. */
export type AccessClaims = KeyRef & {
  /** The key's. */
  readonly id: number
  readonly uid: number
  readonly roles: readonly string[]
  /** Generation of the secret that was proven. */
  readonly generation: number
  readonly issuedAt: number
  readonly expires: number
}

/** `unknown` is whatever we didn't sign, or not for this issuer. */
export type TokenVerdict =
  /** We signed it, for another issuer. */
  | { readonly state: 'elsewhere'; readonly issuer: string }
  | { readonly state: 'unknown' | 'expired' }
  | { readonly state: 'active'; readonly claims: AccessClaims }

/** A proven key, and what of its rights goes into a token. */
export type Grant = {
  readonly key: CheckedKey
  readonly generation: number
  readonly roles: readonly string[]
  readonly issuer: string
}

type Deps = { readonly signing: Signing; readonly now: () => number }

export const createAccessTokens = ({ signing, now }: Deps) => {
  // A look-up takes a few microseconds, a verification hundreds, and a busy device's token comes again and again.
  const verified = new LRUCache<string, Verified>({ max: REMEMBERED })

  const keyOf = async ({ kid }: JWTHeaderParameters | { kid?: unknown }) => {
    const key = typeof kid === 'string' ? await signing.publicKey(kid) : null
    if (key === null) throw new errors.JWKSNoMatchingKey()
    return key
  }

  return {
    /** @returns the token and its life in seconds; null for a key that hasn't a whole second to live. */
    async issue({ key, generation, roles, issuer }: Grant) {
      const iat = Math.floor(now() / 1000)
      const exp = Math.min(iat + LIFE_SECONDS, Math.floor(keyEnd(key, generation) / 1000))
      if (exp <= iat) return null
      const token = await signing.sign(
        {
          iss: issuer,
          aud: issuer,
          sub: subjectOf(key),
          client_id: String(key.id),
          scope: roles.join(' '),
          iat,
          exp,
          jti: randomUUID(),
          tenant: key.tenant,
          gen: generation,
        },
        TYPE,
      )
      return { token, seconds: exp - iat }
    },

    /**
     * Checks a token, without a read but for the set of keys, every few minutes.
     * @throws Fault UNAVAILABLE when that set can't be read.
     */
    async verify(token: string, issuer: string): Promise<TokenVerdict> {
      if (!looksLikeToken(token)) return NOT_OURS
      const digest = hash('sha256', token, 'base64')
      const known = verified.get(digest)
      if (known?.issuer === issuer && now() < known.claims.expires && !isAhead(known.claims, now()))
        // Without its signing key, a token that was verified before is good no more.
        return (await signing.publicKey(known.kid)) === null
          ? NOT_OURS
          : { state: 'active', claims: known.claims }
      try {
        const { payload, protectedHeader } = await jwtVerify(token, keyOf, {
          algorithms: [ALGORITHM],
          typ: TYPE,
          issuer,
          audience: issuer,
          requiredClaims: ['exp', 'iat'],
          currentDate: new Date(now()),
        })
        const claims = readClaims(payload, now())
        if (claims === null) return NOT_OURS
        verified.set(digest, { kid: protectedHeader.kid ?? '', issuer, claims })
        return { state: 'active', claims }
      } catch (error) {
        if (error instanceof errors.JWTExpired) return { state: 'expired' }
        // The signature is verified before any claim (jose, `jwtVerify`), so only tokens of ours get here.
        if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'iss') {
          const { iss } = error.payload
          if (typeof iss === 'string') return { state: 'elsewhere', issuer: iss }
        }
        if (error instanceof errors.JOSEError) return NOT_OURS
        throw error
      }
    },
  }
}

export type AccessTokens = ReturnType<typeof createAccessTokens>

/** False for a raw key, and for garbage: three parts, of the JWT alphabet. */
export const looksLikeToken = (text: string): boolean =>
  text.length <= LONGEST && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text)

// ---------------------------------------------------------------------------------------------

/** RFC 9068 §2.1. Nothing else that the service signs is of this type. */
const TYPE = 'at+jwt'
const REMEMBERED = 10_000
/** Functions' clocks may differ by so much. */
const CLOCK_TOLERANCE_MS = 30_000
const NOT_OURS: TokenVerdict = { state: 'unknown' }

type Verified = { readonly kid: string; readonly issuer: string; readonly claims: AccessClaims }

/** The tenant is in the subject, since every tenant has a user 1 and clients know users by issuer and subject. */
const subjectOf = ({ tenant, uid }: { tenant: number; uid: number }): string => `${tenant}.${uid}`

/** Whether a token is from the future, by more than clocks differ. After the clock was set back, one that was verified
 * before can be. */
const isAhead = ({ issuedAt }: AccessClaims, now: number): boolean =>
  issuedAt > now + CLOCK_TOLERANCE_MS

const whole = z.int().check(z.nonnegative())
const Claims = z.object({
  sub: z.string().check(z.regex(/^[1-9][0-9]*\.[1-9][0-9]{0,15}$/)),
  client_id: z.string().check(z.regex(/^[1-9][0-9]{9,15}$/)),
  scope: z.string(),
  tenant: whole,
  gen: whole,
  iat: whole,
  exp: whole,
  jti: z.string(),
})

/** @returns null for claims that we wouldn't have made. */
const readClaims = (payload: unknown, now: number): AccessClaims | null => {
  const { data } = Claims.safeParse(payload)
  const ref = data && refOf(Number(data.client_id))
  if (!data || !ref || ref.tenant !== data.tenant || data.exp - data.iat > LIFE_SECONDS) return null
  const uid = Number(data.sub.split('.')[1])
  if (data.sub !== subjectOf({ tenant: data.tenant, uid })) return null
  const claims = {
    ...ref,
    id: idOf(ref),
    uid,
    roles: data.scope === '' ? [] : data.scope.split(' '),
    generation: data.gen,
    issuedAt: data.iat * 1000,
    expires: data.exp * 1000,
  }
  return isAhead(claims, now) ? null : claims
}
