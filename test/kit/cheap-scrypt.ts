/** scrypt at next to no cost, where thousands of passwords are sent: for `vi.mock('node:crypto', …)`. */
type Crypto = typeof import('node:crypto')
type Derive = (error: Error | null, key: Buffer) => void

/** Passwords that were judged. */
export const judged = { passwords: 0 }

export const withCheapScrypt = (real: Crypto) => ({
  ...real,
  scrypt(password: string, salt: Buffer, bytes: number, _: object, done: Derive): void {
    judged.passwords++
    real.scrypt(password, salt, bytes, { N: 2, r: 1, p: 1 }, done)
  },
})
