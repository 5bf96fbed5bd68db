/** Random text from the operating system's generator, without modulo bias. */
import { randomBytes } from 'node:crypto'

export const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

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
