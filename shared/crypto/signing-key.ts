/**
 * Key pairs for what the service signs: access tokens and signed answers. ES256, made in this process. The
 * private half is sealed under the service's data key, for one key id; the public half is a JWK in clear.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint } from 'jose'
import type { Turn } from '../domain/rotation.ts'
import { seal, unseal } from './seal.ts'

export const ALGORITHM = 'ES256'

/** Public half (RFC 7518 §6.2.1). Coordinates in base64url. */
export type PublicJwk = {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
}

export type SigningPair = {
  /** Thumbprint of the public half (RFC 7638): no two keys share one. */
  readonly kid: string
  readonly jwk: PublicJwk
  readonly sealed: Uint8Array
}

/** What everybody may know of a key. */
export type PublishedKey = Turn & { readonly kid: string; readonly jwk: PublicJwk }

export type SigningKey = Turn &
  SigningPair & {
    readonly createdAt: number
    /** Version of the service's data key that the private half is sealed under. */
    readonly dataKey: number
  }

/** Makes a key pair. The private half leaves this function sealed only. */
export const makeSigningPair = async (sealKey: KeyObject): Promise<SigningPair> => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x, y } = privateKey.export({ format: 'jwk' })
  if (x === undefined || y === undefined) throw new Error('a key pair without coordinates')
  const jwk: PublicJwk = { kty: 'EC', crv: 'P-256', x, y }
  const kid = await calculateJwkThumbprint(jwk)
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' })
  try {
    return { kid, jwk, sealed: seal(sealKey, belongsTo(kid), pkcs8) }
  } finally {
    pkcs8.fill(0)
  }
}

/** The private half, or null when it was altered, or sealed under another data key or for another kid. */
export const openSigningPair = (
  sealKey: KeyObject,
  { kid, sealed }: Pick<SigningPair, 'kid' | 'sealed'>,
): KeyObject | null => {
  const pkcs8 = unseal(sealKey, belongsTo(kid), sealed)
  if (pkcs8 === null) return null
  try {
    return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  } finally {
    pkcs8.fill(0)
  }
}

// ---------------------------------------------------------------------------------------------

const belongsTo = (kid: string): string => `signing|${kid}`
