/** The wrapping key of the local KMS: 32 bytes in a file that only its owner can read. Lose the file,
 * and no API key in the table can be checked any more. */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { chmod } from 'node:fs/promises'
import { readIfThere, writeDurably } from './durable.ts'
import { ANEW } from './installation.ts'
import { UserError } from './user-error.ts'

export type EncryptionContext = Readonly<Record<string, string>>

const VERSION = 1
const HEAD_BYTES = 17 // version, key id
const IV_BYTES = 12
const TAG_BYTES = 16

/** Opens the key, or makes it if it isn't there and `mayCreate`. */
export const openKmsKey = async (path: string, mayCreate: boolean) => {
  const stored = await readIfThere(path)
  if (stored === null && !mayCreate)
    throw new UserError(
      `${path} is missing, and the table's secrets open with it only: put it back, or ${ANEW}`,
    )
  if (stored !== null && stored.length !== 32)
    throw new UserError(`${path} isn't a key of 32 bytes: put the right file back, or ${ANEW}`)
  const key = stored ?? randomBytes(32)
  if (stored === null) await writeDurably(path, key)
  else await chmod(path, 0o600)
  // The id follows from the key, so that there is nothing else to keep.
  const id = createHash('sha256').update('keyharbor/kms/id').update(key).digest().subarray(0, 16)
  const head = Buffer.concat([Buffer.of(VERSION), id])

  return {
    id: id.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),

    encrypt(plain: Uint8Array, context: EncryptionContext): Buffer {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(canonical(head, context))
      const sealed = Buffer.concat([cipher.update(plain), cipher.final()])
      return Buffer.concat([head, iv, cipher.getAuthTag(), sealed])
    },

    /** @returns null for anything but what `encrypt` made with this key and context. */
    decrypt(blob: Uint8Array, context: EncryptionContext): Buffer | null {
      const bytes = Buffer.from(blob)
      if (
        bytes.length < HEAD_BYTES + IV_BYTES + TAG_BYTES ||
        !bytes.subarray(0, HEAD_BYTES).equals(head)
      )
        return null
      const iv = bytes.subarray(HEAD_BYTES, HEAD_BYTES + IV_BYTES)
      const decipher = createDecipheriv('aes-256-gcm', key, iv)
        .setAAD(canonical(head, context))
        .setAuthTag(bytes.subarray(HEAD_BYTES + IV_BYTES, HEAD_BYTES + IV_BYTES + TAG_BYTES))
      try {
        return Buffer.concat([
          decipher.update(bytes.subarray(HEAD_BYTES + IV_BYTES + TAG_BYTES)),
          decipher.final(),
        ])
      } catch {
        return null
      }
    },
  }
}

export type KmsKey = Awaited<ReturnType<typeof openKmsKey>>

// ---------------------------------------------------------------------------------------------

/** A context is a set of pairs: the order in which a client writes them means nothing. */
const canonical = (head: Buffer, context: EncryptionContext): Buffer => {
  const pairs = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))
  return Buffer.concat([head, Buffer.from(JSON.stringify(pairs))])
}
