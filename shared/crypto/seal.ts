/**
 * AES-256-GCM. The AAD says which row and generation the sealed bytes belong to, so that they don't open when they
 * are moved to another. Layout: 12-byte IV, ciphertext, 16-byte tag.
 */
import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto'

const IV_BYTES = 12
const TAG_BYTES = 16

/** @param belongsTo names the row and the generation, e.g. `key|1|7|3`. */
export const seal = (key: KeyObject, belongsTo: string, plain: Uint8Array): Buffer => {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(belongsTo))
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** The plain bytes, or null when they were sealed under another key or for another row. */
export const unseal = (key: KeyObject, belongsTo: string, sealed: Uint8Array): Buffer | null => {
  if (sealed.length < IV_BYTES + TAG_BYTES) return null
  const tag = sealed.subarray(sealed.length - TAG_BYTES)
  // Stryker disable next-line ObjectLiteral: the tag was cut to this length above.
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(Buffer.from(belongsTo)).setAuthTag(tag)
  try {
    const plain = decipher.update(sealed.subarray(IV_BYTES, sealed.length - TAG_BYTES))
    // With GCM this gives no more bytes, but verifies the tag.
    decipher.final()
    return plain
  } catch {
    return null
  }
}
