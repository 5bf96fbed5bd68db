/**
 * Recovery codes: what a user keeps for the day when the authenticator app is lost. Each is good once, wherever a
 * one-time code is. The table has keyed hashes of them, bound to the user.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Secret } from '../domain/secret.ts'
import type { DataKeys } from './vault.ts'

const CODES = 10
/** 32 characters without those that read alike (Crockford's base32): 60 bits a code. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const LENGTH = 12

type Whose = { readonly tenant: number; readonly uid: number }

/** Makes the codes of a second factor: as shown, this once, and as kept. */
export const newRecoveryCodes = (
  user: Whose,
  keys: DataKeys,
): { codes: string[]; hashes: string[] } => {
  const codes = Array.from({ length: CODES }, newCode)
  return { codes, hashes: codes.map((code) => hashOf(user, keys, code).toString('base64url')) }
}

/** @returns the hashes that are left once a code is used; null for a wrong code. */
export const recoveryLeft = (
  user: Whose,
  hashes: readonly string[],
  keys: DataKeys,
  given: Secret,
): readonly string[] | null => {
  const hash = hashOf(user, keys, given.reveal())
  const left = hashes.filter((one) => !timingSafeEqual(Buffer.from(one, 'base64url'), hash))
  return left.length < hashes.length ? left : null
}

// ---------------------------------------------------------------------------------------------

/** Every byte's low five bits: each character with the same chance. */
const newCode = (): string =>
  Array.from(randomBytes(LENGTH), (byte) => ALPHABET[byte % 32])
    .join('')
    .replace(/(.{4})(?=.)/g, '$1-')

/** As people copy them: spaces, hyphens and case don't count, nor what reads alike. */
const normal = (text: string): string =>
  text.toLowerCase().replace(/[\s-]/g, '').replace(/o/g, '0').replace(/[il]/g, '1')

const hashOf = ({ tenant, uid }: Whose, { hash }: DataKeys, code: string): Buffer =>
  createHmac('sha256', hash)
    .update(`recovery|${tenant}|${uid}|${normal(code)}`)
    .digest()
