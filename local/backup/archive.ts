/**
 * A backup's file: a tar of `installation.json` and `dynamo.db`, so that it can be put back without us too. The first says what
 * the second is like, and of itself too, so that a file that is cut or changed is known as one.
 */
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { z } from 'zod'
import { FORMAT } from '../../shared/store/installation.ts'
import { Left } from '../installation.ts'
import { UserError } from '../user-error.ts'

/** Raised where an earlier version would misread what a later one wrote. */
const VERSION = 1
const BLOCK = 512
/** Two headers and the manifest. */
const TABLE_AT = 3 * BLOCK
const STEP_BYTES = 1 << 20

const Manifest = z.object({
  id: z.string().min(1),
  format: z.number(),
  left: Left,
  /** `at`: when, in milliseconds since the epoch. */
  backup: z.object({ version: z.number(), at: z.number() }),
})
type Manifest = z.infer<typeof Manifest>

/** Told how many bytes of how many are done. */
export type Progress = (done: number, of: number) => void

/** Writes a new file, of the table in another, and returns once it would survive a power cut. */
export const writeArchive = async (
  path: string,
  table: string,
  { id, format, left, at }: Pick<Manifest, 'id' | 'format' | 'left'> & { readonly at: number },
  progress: Progress,
): Promise<void> => {
  const manifest: Manifest = { id, format, left, backup: { version: VERSION, at } }
  const [from, to] = [await open(table, 'r'), await open(path, 'wx', 0o600)]
  try {
    await to.writeFile(headOf(manifest))
    const hash = createHash('sha256')
    for (let done = 0; done < left.bytes; ) {
      const { bytesRead, buffer } = await from.read(Buffer.alloc(STEP_BYTES), 0, STEP_BYTES, done)
      if (bytesRead === 0) break
      await to.writeFile(buffer.subarray(0, bytesRead))
      hash.update(buffer.subarray(0, bytesRead))
      done += bytesRead
      progress(done, left.bytes)
    }
    if (hash.digest('hex') !== left.sha256) throw new Error(`${table} changed meanwhile`)
    await to.writeFile(Buffer.alloc(tailBytes(left.bytes)))
    await to.sync()
  } finally {
    await from.close()
    await to.close()
  }
}

/**
 * Reads all of a file.
 * @returns what it says of itself.
 * @throws UserError where it isn't as it was written, or a later version wrote it.
 */
export const readArchive = async (path: string, progress: Progress): Promise<Manifest> => {
  const file = await open(path, 'r')
  try {
    const head = (await file.read(Buffer.alloc(TABLE_AT), 0, TABLE_AT, 0)).buffer
    const manifest = manifestOf(head)
    if (manifest === null) throw new UserError(`${path} is no backup, or its beginning is damaged`)
    if (manifest.backup.version > VERSION || manifest.format > FORMAT)
      throw new UserError(`${path} was made by a newer Keyharbor: restore it by that`)
    const { bytes, sha256 } = manifest.left
    const damaged = new UserError(`${path} is cut or damaged: take another backup`)
    const whole = TABLE_AT + bytes + tailBytes(bytes)
    if ((await file.stat()).size !== whole) throw damaged
    const hash = createHash('sha256')
    const buffer = Buffer.alloc(STEP_BYTES)
    for (let at = TABLE_AT; at < whole; ) {
      const { bytesRead } = await file.read(buffer, 0, STEP_BYTES, at)
      if (bytesRead === 0) throw damaged
      const inTable = Math.max(0, Math.min(bytesRead, TABLE_AT + bytes - at))
      hash.update(buffer.subarray(0, inTable))
      if (buffer.subarray(inTable, bytesRead).some((byte) => byte !== 0)) throw damaged
      at += bytesRead
      progress(at, whole)
    }
    if (hash.digest('hex') !== sha256) throw damaged
    return manifest
  } finally {
    await file.close()
  }
}

/** Writes the table of a file that was read into a new one. */
export const unpackTable = async (path: string, to: string): Promise<void> => {
  const head = Buffer.alloc(TABLE_AT)
  const [from, table] = [await open(path, 'r'), await open(to, 'wx', 0o600)]
  try {
    await from.read(head, 0, TABLE_AT, 0)
    const bytes = manifestOf(head)?.left.bytes ?? 0
    const part = Buffer.alloc(STEP_BYTES)
    for (let done = 0; done < bytes; ) {
      const most = Math.min(STEP_BYTES, bytes - done)
      const { bytesRead } = await from.read(part, 0, most, TABLE_AT + done)
      if (bytesRead === 0) throw new Error(`${path} changed meanwhile`)
      await table.writeFile(part.subarray(0, bytesRead))
      done += bytesRead
    }
    await table.sync()
  } finally {
    await from.close()
    await table.close()
  }
}

// ---------------------------------------------------------------------------------------------

/** Zeros behind the table: to the end of its block, and the two blocks that end a tar. */
const tailBytes = (bytes: number): number => ((BLOCK - (bytes % BLOCK)) % BLOCK) + 2 * BLOCK

/** All before the table. */
const headOf = (manifest: Manifest): Buffer => {
  const json = JSON.stringify(manifest)
  const check = createHash('sha256').update(json).digest('hex')
  const text = `${json.slice(0, -1)},"check":"${check}"}`.padEnd(BLOCK - 1)
  const { at } = manifest.backup
  return Buffer.concat([
    memberOf('installation.json', BLOCK, at),
    Buffer.from(`${text}\n`),
    memberOf('dynamo.db', manifest.left.bytes, at),
  ])
}

/** @returns null where it isn't what `headOf` makes. */
const manifestOf = (head: Buffer): Manifest | null => {
  try {
    const manifest = Manifest.parse(JSON.parse(head.toString('utf8', BLOCK, 2 * BLOCK)))
    return headOf(manifest).equals(head) ? manifest : null
  } catch {
    return null
  }
}

/** The header of a file that its owner alone can read (POSIX.1-1988, ustar). */
const memberOf = (name: string, bytes: number, at: number): Buffer => {
  const block = Buffer.alloc(BLOCK)
  const octal = (value: number, offset: number, digits: number): void =>
    void block.write(value.toString(8).padStart(digits, '0'), offset)
  block.write(name, 0)
  octal(0o600, 100, 7)
  octal(0, 108, 7)
  octal(0, 116, 7)
  // What needs more digits is in base 256, as GNU tar has it.
  if (bytes < 8 ** 11) octal(bytes, 124, 11)
  else block.writeBigUInt64BE(BigInt(bytes), block.fill(0x80, 124, 125) && 128)
  octal(Math.floor(at / 1000), 136, 11)
  block.write('        0', 148)
  block.write('ustar\x0000', 257)
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  )
  block.writeUInt8(0, 154)
  return block
}
