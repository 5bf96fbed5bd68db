/**
 * What a data folder and its table know each other by: `installation.json` has the installation's id and format, and so has
 * the table. A start goes on only where they fit, so that no empty table takes the place of a full one unseen. After a clean
 * stop the file also says what `dynamo.db` was like, which finds any damage at the next start.
 */
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { FORMAT, type InstallationStore, type Mark } from '../shared/store/installation.ts'
import { isThere, readIfThere, writeDurably } from './durable.ts'
import { finish } from './finish.ts'
import { messageOf, UserError } from './user-error.ts'

/** Small tables are read by then; for others a start needn't wait. */
const READ_MS = 5000

/** What a person can do who has nothing to put back. */
export const ANEW = 'begin anew by "npm start -- --new", which sets aside what is there'

/**
 * Looks at the folder, before anything is made or started.
 * @param readMs how long the start waits for a table that is read.
 * @returns the installation; nothing is written until `settle`, but for the note of a clean stop.
 * @throws UserError where its table is missing, damaged, or of a later version.
 */
export const openInstallation = async (folder: string, readMs = READ_MS) => {
  const path = join(folder, 'installation.json')
  const file = join(folder, 'dynamo.db')
  const known = await read(path)
  assertFormat(known, path)
  const isUsed = known !== null || (await isThere(join(folder, 'bootstrap.json')))
  const hasTable = await isThere(file)
  if (!hasTable && isUsed)
    throw new UserError(
      `${file} is missing, and this folder's users and keys are in it: put it back, or ${ANEW}`,
    )
  if (hasTable && !(await isDatabase(file)))
    throw new UserError(`${file} is emptied or damaged: put a good one back, or ${ANEW}`)
  if (known?.left !== undefined && !isSame(known.left, await readLeft(file)))
    throw new UserError(
      `${file} isn't as the last stop left it, so it is damaged, or another file: put the right one back (if this is it, remove ${path} first), or ${ANEW}`,
    )
  /** Nobody has found fault with the table. */
  let isWhole = known?.left !== undefined || !hasTable
  let marked: Mark | null = null
  let mark: Mark | null = known && { id: known.id, format: known.format }
  const write = (left?: Left): Promise<void> =>
    mark === null ? Promise.resolve() : writeDurably(path, `${JSON.stringify({ ...mark, left })}\n`)

  return {
    /** Whether there is no table yet, so that it may be made. */
    isNew: !isUsed,
    /** From here on the table may change. */
    begin: (): Promise<void> => (known?.left === undefined ? Promise.resolve() : write()),

    /**
     * Looks whether table and folder fit; reads all that decides first, where no clean stop said what the table is like.
     * @param onDamage told of damage that is found later, in a table that takes longer to read.
     */
    async check(
      table: Pick<InstallationStore, 'get' | 'readAll'>,
      onDamage: (reason: string) => void,
    ): Promise<void> {
      if (!isWhole) {
        // Once more, for the DynamoDB process may just have been started again.
        const again = (): Promise<void> => table.readAll()
        const reading = table
          .readAll()
          .catch(again)
          .then(
            () => {
              isWhole = true
            },
            (cause: unknown) => {
              const what = `${file} is damaged (${messageOf(cause)}): put a good one back, or ${ANEW}`
              onDamage(what)
              throw new UserError(what, { cause })
            },
          )
        reading.catch(() => {})
        await finish(reading, readMs)
      }
      marked = await table.get()
      assertFormat(marked, file)
      if (known !== null && marked?.id !== known.id)
        throw new UserError(
          `${file} is of another installation than ${path}: put the files of one together, or ${ANEW}`,
        )
    },

    /** Marks what has no mark yet, or an older one. @returns whether the folder had lost its own. */
    async settle(table: InstallationStore): Promise<boolean> {
      const next = { id: marked?.id ?? randomUUID(), format: FORMAT }
      // The table first: a folder never has a mark that its table lacks.
      if (marked?.format !== FORMAT) await table.put({ ...marked, ...next })
      mark = next
      if (known?.format !== FORMAT) await write()
      return known === null && marked !== null
    },

    /** Notes what a clean stop leaves, once nothing has the table open any more. */
    async leave(): Promise<void> {
      // A log beside it has changes that aren't in it yet.
      if (isWhole && mark !== null && !(await isThere(`${file}-wal`)))
        await write(await readLeft(file))
    },
  }
}

export type Installation = Awaited<ReturnType<typeof openInstallation>>

/** What a file is like that nothing has open. */
export const Left = z.object({ bytes: z.number(), sha256: z.string() })
export type Left = z.infer<typeof Left>

export const readLeft = async (file: string): Promise<Left> => {
  const hash = createHash('sha256')
  for await (const part of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(part)
  return { bytes: (await stat(file)).size, sha256: hash.digest('hex') }
}

// ---------------------------------------------------------------------------------------------

const Kept = z.object({ id: z.string().min(1), format: z.number(), left: Left.optional() })

const read = async (path: string): Promise<z.infer<typeof Kept> | null> => {
  const stored = await readIfThere(path)
  try {
    return stored === null ? null : Kept.parse(JSON.parse(String(stored)))
  } catch (cause) {
    throw new UserError(
      `${path} is emptied or damaged: remove it, and it is written again from the table`,
      { cause },
    )
  }
}

const assertFormat = (mark: { readonly format: number } | null, path: string): void => {
  if (mark !== null && mark.format > FORMAT)
    throw new UserError(
      `${path} was made by a newer Keyharbor (format ${mark.format}, and this one knows ${FORMAT}): start that, or set KEYHARBOR_DATA to another folder`,
    )
}

/** What each SQLite file begins with. */
const MAGIC = 'SQLite format 3\0'

const isDatabase = async (file: string): Promise<boolean> => {
  const handle = await open(file, 'r')
  try {
    const { buffer } = await handle.read({ buffer: Buffer.alloc(MAGIC.length), position: 0 })
    return buffer.toString('latin1') === MAGIC
  } finally {
    await handle.close()
  }
}

const isSame = (one: Left, other: Left): boolean =>
  one.bytes === other.bytes && one.sha256 === other.sha256
