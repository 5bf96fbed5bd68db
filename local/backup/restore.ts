/**
 * `npm start -- restore FILE`: the table of a backup into its data folder, without what ended since: that is taken from the table
 * that is there, or else from the journal. All is done on drafts; names change in the end.
 */
import { constants, rmSync } from 'node:fs'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInstallation } from '../../shared/store/installation.ts'
import {
  dropLogins,
  endAll,
  NotNewer,
  skipNumbers,
  takeEndings,
} from '../../shared/store/restoring.ts'
import { isThere } from '../durable.ts'
import { lockFolder } from '../lock.ts'
import { messageOf, UserError } from '../user-error.ts'
import { type Progress, readArchive, unpackTable } from './archive.ts'
import { journalOf } from './journal.ts'
import { Damaged } from './journal-file.ts'
import { assertOurs, openTable } from './open-table.ts'
import { finishRestore, isUnfinished, putInPlace } from './placing.ts'
import { NoJournal, replay } from './replay.ts'

/** What is done about endings that nobody knows of: null, nothing is restored then. */
export type Unknown = 'end-all' | 'as-it-was' | null

type Folders = {
  readonly data: string
  /** Of the journal; null: none is kept. */
  readonly journal: string | null
}

/** @returns what the person is told.
 * @throws UserError where it can't be, with everything as it was. */
export const restore = async (
  { data, journal }: Folders,
  file: string,
  unknown: Unknown,
  progress: Progress,
): Promise<string> => {
  assertOurs()
  if (!(await isThere(file))) throw new UserError(`${file} is missing: name a backup`)
  const { id, format, backup } = await readArchive(file, progress)
  if (!(await isThere(join(data, 'kms.key'))))
    throw new UserError(
      `${join(data, 'kms.key')} is missing, and the backup's secrets open with it only: put the copy there first`,
    )
  const unlock = await lockFolder(data)
  await finishRestore(data)
  const drafts = await mkdtemp(join(data, 'restore-'))
  const clean = (): void => {
    if (!isUnfinished(data)) rmSync(drafts, { recursive: true, force: true })
  }
  process.once('exit', clean)
  try {
    const table = join(drafts, 'dynamo.db')
    const anew = async (): Promise<void> => {
      await rm(table, { force: true })
      await unpackTable(file, table)
    }
    const since = new Date(backup.at).toISOString()
    await anew()
    const noTable = await takeFromTable(data, table, drafts, id)
    if (noTable !== null) await anew()
    const known = noTable === null ? null : await takeFromJournal(journal, file, table, drafts, id)
    if (known !== null && 'why' in known) {
      if (unknown === null)
        throw new UserError(
          `No newer table can be read in ${data} (${noTable}), nor a journal from then on (${known.why}), so what was revoked, reset, locked, demoted or deleted since ${since} would pass again: add --end-all to revoke all keys and lock all users, or --as-it-was to take that`,
        )
      await anew()
      if (unknown === 'end-all') await change(table, ({ db }) => endAll(db, Date.now()))
    }
    await change(table, async ({ db }) => {
      if (known !== null) await skipNumbers(db)
      await dropLogins(db)
      // What changes from here on is another history than the journal's.
      await createInstallation(db).put({ id, format })
    })
    const aside = await putInPlace(data, drafts, { id, format })
    return [
      `The table is as it was at ${since}.`,
      aside === null ? '' : ` What was there is in ${aside}.`,
      known === null
        ? ' What was revoked, reset, locked, demoted or deleted since was taken from there.'
        : 'until' in known
          ? ` What was revoked, reset, locked, demoted or deleted since was taken from ${known.path}, which is whole until ${new Date(known.until).toISOString()}: what ended later passes again.`
          : unknown === 'end-all'
            ? ' All keys are revoked and all users locked: "npm start -- --reset-admin" lets the first administrator in.'
            : ` What was revoked, reset, locked, demoted or deleted since ${since} passes again: look at each key and user.`,
      journal === null
        ? ''
        : ' Take a backup once it runs: the next journal knows nothing of earlier ones.',
    ].join('')
  } finally {
    process.off('exit', clean)
    clean()
    await unlock()
  }
}

// ---------------------------------------------------------------------------------------------

type Open = Awaited<ReturnType<typeof openTable>>

const change = async (file: string, act: (table: Open) => Promise<void>): Promise<void> => {
  const table = await openTable(file)
  try {
    await act(table)
  } finally {
    await table.close()
  }
}

/** Takes what ended from the table that is there. @returns why it can't: there is none that is whole and newer; null where it did. */
const takeFromTable = async (
  data: string,
  table: string,
  drafts: string,
  id: string,
): Promise<string | null> => {
  const newer = join(drafts, 'newer.db')
  // Opening it would change it.
  for (const end of ['', '-wal'])
    if (await isThere(join(data, `dynamo.db${end}`)))
      await copyFile(join(data, `dynamo.db${end}`), `${newer}${end}`, constants.COPYFILE_FICLONE)
  if (!(await isThere(newer))) return 'there is none'
  try {
    await change(newer, async ({ db }) => {
      const marks = createInstallation(db)
      if ((await marks.get())?.id !== id) throw new OtherInstallation()
      await marks.readAll()
      await change(table, (restored) => takeEndings(restored.db, db))
    })
    return null
  } catch (error) {
    if (error instanceof OtherInstallation)
      throw new UserError(
        `${join(data, 'dynamo.db')} is of another installation than the backup: set KEYHARBOR_DATA to another folder`,
      )
    if (error instanceof NotNewer) return 'it is older than the backup'
    return error instanceof UserError ? 'it is damaged' : messageOf(error)
  }
}

/** Takes what ended from what the backup becomes by the journal. @returns until when that is whole; or why it can't. */
const takeFromJournal = async (
  folder: string | null,
  file: string,
  table: string,
  drafts: string,
  id: string,
): Promise<{ path: string; until: number } | { why: string }> => {
  const newer = join(drafts, 'replayed.db')
  await unpackTable(file, newer)
  try {
    let until = 0
    const path = journalOf(folder ?? '', id)
    await change(newer, async (base) => {
      until = await replay(folder === null ? null : path, base)
      await change(table, (restored) => takeEndings(restored.db, base.db))
    })
    return { path, until }
  } catch (error) {
    if (error instanceof NotNewer) return { why: 'it is older than the backup' }
    if (error instanceof NoJournal || error instanceof Damaged) return { why: error.message }
    throw error
  }
}

class OtherInstallation extends Error {}
