/** Passwords of users: scrypt (RFC 7914) with the cost in the stored text, so that it can be raised. */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { Secret } from '../domain/secret.ts'

/** 32 MiB and some 60 ms for each hash. */
const COST = { N: 2 ** 15, r: 8, p: 1 }
const HASH_BYTES = 32

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)

/** `scrypt$N$r$p$salt$hash`, salt and hash in base64. */
export const hashPassword = async (password: Secret): Promise<string> => {
  const salt = randomBytes(16)
  const hash = await stretch(password, salt, COST)
  const { N, r, p } = COST
  return ['scrypt', N, r, p, salt.toString('base64'), hash.toString('base64')].join('$')
}

/** Compares in constant time. A user without a password costs the same work as one with. */
export const checkPassword = async (password: Secret, stored: string | null): Promise<boolean> => {
  const [scheme, N, r, p, salt = '', hash = ''] = (stored ?? DECOY).split('$')
  if (scheme !== 'scrypt') throw new Error(`unknown password scheme ${scheme}`)
  const cost = { N: Number(N), r: Number(r), p: Number(p) }
  const expected = Buffer.from(hash, 'base64')
  const given = await stretch(password, Buffer.from(salt, 'base64'), cost)
  return timingSafeEqual(given, expected) && stored !== null
}

/** 32 bytes derived from a password, from which guessing it is slow. */
export const stretch = (password: Secret, salt: Buffer, cost = COST): Promise<Buffer> =>
  derive(password.reveal().normalize('NFC'), salt, HASH_BYTES, { ...cost, maxmem: 64 * 2 ** 20 })

// ---------------------------------------------------------------------------------------------

/** A hash that no password has. */
const DECOY = `scrypt$${COST.N}$${COST.r}$${COST.p}$${randomBytes(16).toString('base64')}$${randomBytes(HASH_BYTES).toString('base64')}`
