/** Passwords of users: scrypt (RFC 7914) with the cost in the stored text, so that it can be raised. */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { Secret } from '../domain/secret.ts'

/** scrypt's cost, block size and parallelism (RFC 7914 §2). A hash takes 128 · N · r bytes of memory. */
export type PasswordCost = { readonly N: number; readonly r: number; readonly p: number }

/** 32 MiB and some 60 ms for each hash. */
export const PASSWORD_COST: PasswordCost = { N: 2 ** 15, r: 8, p: 1 }
const HASH_BYTES = 32
const SALT_BYTES = 16

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)

/** @param cost of each new hash. A stored one is checked at its own. */
export const createPasswords = (cost: PasswordCost) => {
  const textOf = (salt: Buffer, hash: Buffer): string =>
    ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64'), hash.toString('base64')].join('$')
  /** A hash that no password has. */
  const decoy = textOf(randomBytes(SALT_BYTES), randomBytes(HASH_BYTES))
  const stretch = (password: Secret, salt: Buffer): Promise<Buffer> => hashOf(password, salt, cost)

  return {
    /** `scrypt$N$r$p$salt$hash`, salt and hash in base64. */
    async hash(password: Secret): Promise<string> {
      const salt = randomBytes(SALT_BYTES)
      return textOf(salt, await stretch(password, salt))
    },

    /** Compares in constant time. A user without a password costs the same work as one with. */
    async check(password: Secret, stored: string | null): Promise<boolean> {
      const [scheme, N, r, p, salt = '', hash = ''] = (stored ?? decoy).split('$')
      if (scheme !== 'scrypt') throw new Error(`unknown password scheme ${scheme}`)
      const expected = Buffer.from(hash, 'base64')
      const own = { N: Number(N), r: Number(r), p: Number(p) }
      const given = await hashOf(password, Buffer.from(salt, 'base64'), own)
      // Stryker disable next-line ConditionalExpression: no password has the decoy's random hash, whatever is said here
      return timingSafeEqual(given, expected) && stored !== null
    },

    /** 32 bytes derived from a password, slowly, so that guesses from them are slow. */
    stretch,
  }
}

export type Passwords = ReturnType<typeof createPasswords>

// ---------------------------------------------------------------------------------------------

const hashOf = (password: Secret, salt: Buffer, cost: PasswordCost): Promise<Buffer> =>
  derive(password.reveal().normalize('NFC'), salt, HASH_BYTES, { ...cost, maxmem: 64 * 2 ** 20 })
