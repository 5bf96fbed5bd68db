/** Random text from the operating system's generator, without modulo bias. */
import { randomBytes } from 'node:crypto'
import { BASE62, checksum } from '../domain/key.ts'
import { Secret } from '../domain/secret.ts'

/** Random characters of a secret, before its checksum. */
const RANDOM_PART = 58

/** The largest multiple of 62 that fits a byte: bytes from here up are thrown away. */
const UNBIASED = 248

/** `length` characters of A–Z a–z 0–9, each with the same chance (5.95 bits a character). */
export const randomBase62 = (length: number): string => {
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < UNBIASED && text.length < length) text += BASE62[byte % 62]
    }
  }
  return text
}

/** A new secret for a key: 58 random characters (345 bits) and their checksum. */
export const mintSecret = (id: number): Secret => {
  const random = randomBase62(RANDOM_PART)
  return new Secret(random + checksum(`${id}-${random}`))
}
