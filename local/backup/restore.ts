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
import type { Unknown } from '../options.ts'
import { messageOf, UserError } from '../user-error.ts'
import { type Progress, readArchive, unpackTable } from './archive.ts'
import { journalOf } from './journal.ts'
import { assertOurs, openTable } from './open-table.ts'
import { finishRestore, isUnfinished, putInPlace } from './placing.ts'
import { isAhead, replay } from './replay.ts'

type Folders = {
  readonly data: string
  /** Of the journal; null: none is kept. */
  readonly journal: string | null
}

/** @param unknown null: nothing is restored where it is needed.
 * @returns what the person is told.
 * @throws UserError where it can't be, with everything as it was. */
export const restore = async (
  { data, journal }: Folders,
  file: string,
  unknown: Unknown | null,
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
    const since = timeOf(backup.at)
    await anew()
    const noTable = await takeFromTable(data, table, drafts, { id, at: backup.at, journal })
    if (noTable !== null) await anew()
    const known = noTable === null ? null : await takeFromJournal(journal, file, table, drafts, id)
    if (known !== null) {
      const isUntil = 'until' in known
      if (unknown === null || (unknown === 'by-journal' && !isUntil))
        throw new UserError(
          isUntil
            ? `No newer table can be read in ${data} (${noTable}). ${known.path} has what was revoked, reset, locked, demoted or deleted until ${timeOf(known.until)}: add --by-journal to take that from it, so that what ended later passes again, --end-all to revoke all keys and lock all users, or --as-it-was to take it that all since ${since} passes again`
            : `No newer table can be read in ${data} (${noTable}), nor a journal from then on (${known.why}), so what was revoked, reset, locked, demoted or deleted since ${since} would pass again: add --end-all to revoke all keys and lock all users, or --as-it-was to take that`,
        )
      if (unknown === 'as-it-was' || !isUntil) await anew()
      if (unknown === 'end-all') await change(table, ({ db }) => endAll(db, Date.now()))
    }
    await change(table, async ({ db }) => {
      if (known !== null) await skipNumbers(db)
      await dropLogins(db)
      // What changes from here on is another history than the journal's.
      const marks = createInstallation(db)
      const { restored = backup.at } = (await marks.get()) ?? {}
      await marks.put({ id, format, restored: Math.min(restored, backup.at) })
    })
    const aside = await putInPlace(data, drafts, { id, format })
    return [
      `The table is as it was at ${since}.`,
      aside === null ? '' : ` What was there is in ${aside}.`,
      known === null
        ? ' What was revoked, reset, locked, demoted or deleted since was taken from there.'
        : unknown === 'end-all'
          ? ' All keys are revoked and all users locked: "npm start -- --reset-admin" lets the first administrator in.'
          : unknown === 'by-journal' && 'until' in known
            ? ` What was revoked, reset, locked, demoted or deleted until ${timeOf(known.until)} was taken from ${known.path}: what ended later passes again.`
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

const timeOf = (at: number): string => new Date(at).toISOString()

const change = async (file: string, act: (table: Open) => Promise<void>): Promise<void> => {
  const table = await openTable(file)
  try {
    await act(table)
  } finally {
    await table.close()
  }
}

/** Takes what ended from the table that is there, and from the journal what that lost since, as by a power cut. @returns why it
 * can't: there is none that is whole and newer; null where it did. */
const takeFromTable = async (
  data: string,
  table: string,
  drafts: string,
  { id, at, journal }: { id: string; at: number; journal: string | null },
): Promise<string | null> => {
  const newer = join(drafts, 'newer.db')
  // Opening it would change it.
  for (const end of ['', '-wal'])
    if (await isThere(join(data, `dynamo.db${end}`)))
      await copyFile(join(data, `dynamo.db${end}`), `${newer}${end}`, constants.COPYFILE_FICLONE)
  if (!(await isThere(newer))) return 'there is none'
  try {
    await change(newer, async (base) => {
      const marks = createInstallation(base.db)
      const mark = await marks.get()
      if (mark?.id !== id) throw new OtherInstallation()
      await marks.readAll()
      if (journal !== null) await catchUp(journalOf(journal, id), base)
      await change(table, async (restored) => {
        const then = await createInstallation(restored.db).get()
        if (mark.restored !== then?.restored && (mark.restored ?? at) < at) throw new NotNewer()
        await takeEndings(restored.db, base.db)
      })
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

/** Brings the table to where the journal is, if it has lost that. A journal that can't be read knows no more than the table. */
const catchUp = async (path: string, base: Open): Promise<void> => {
  if (await isAhead(path, base).catch(() => false)) await replay(path, base)
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
    if (error instanceof UserError) throw error
    // A disk that can't be read is no journal either.
    return { why: messageOf(error) }
  }
}

class OtherInstallation extends Error {}
