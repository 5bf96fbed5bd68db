/**
 * `npm start -- restore FILE`: the table of a backup into its data folder, without what ended since: that is taken from the table
 * that is there. All is done on drafts; names change in the end.
 */
import { constants, rmSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInstallation } from '../../shared/store/installation.ts'
import {
  dropLogins,
  endAll,
  NotNewer,
  skipNumbers,
  takeEndings,
} from '../../shared/store/restoring.ts'
import { isThere, syncFolder, writeDurably } from '../durable.ts'
import { lockFolder } from '../lock.ts'
import { messageOf, UserError } from '../user-error.ts'
import { type Progress, readArchive, unpackTable } from './archive.ts'
import { assertOurs, openTable } from './open-table.ts'

/** What is done about endings that nobody knows of: null, nothing is restored then. */
export type Unknown = 'end-all' | 'as-it-was' | null

/** @returns what the person is told.
 * @throws UserError where it can't be, with everything as it was. */
export const restore = async (
  data: string,
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
  const drafts = await mkdtemp(join(data, 'restore-'))
  const clean = (): void => rmSync(drafts, { recursive: true, force: true })
  process.once('exit', clean)
  try {
    const table = join(drafts, 'dynamo.db')
    const since = new Date(backup.at).toISOString()
    await unpackTable(file, table)
    const why = await limit(data, table, drafts, id)
    if (why !== null) {
      if (unknown === null)
        throw new UserError(
          `No newer table can be read in ${data} (${why}), so what was revoked, reset, locked, demoted or deleted since ${since} would pass again: add --end-all to revoke all keys and lock all users, or --as-it-was to take that`,
        )
      await rm(table)
      await unpackTable(file, table)
      await change(table, async ({ db }) => {
        if (unknown === 'end-all') await endAll(db, Date.now())
        await skipNumbers(db)
      })
    }
    await change(table, ({ db }) => dropLogins(db))
    const aside = await putInPlace(data, drafts, { id, format })
    return [
      `The table is as it was at ${since}.`,
      aside === null ? '' : ` What was there is in ${aside}.`,
      why === null
        ? ' What was revoked, reset, locked, demoted or deleted since was taken from there.'
        : unknown === 'end-all'
          ? ' All keys are revoked and all users locked: "npm start -- --reset-admin" lets the first administrator in.'
          : ` What was revoked, reset, locked, demoted or deleted since ${since} passes again: look at each key and user.`,
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
const limit = async (
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

class OtherInstallation extends Error {}

/** A kill in between leaves a start that is refused, and all files in the folder or the one that is set aside. */
const putInPlace = async (data: string, drafts: string, mark: object): Promise<string | null> => {
  const names = (await readdir(data)).filter((name) =>
    /^(dynamo\.db|streams?[\w-]*\.json)/.test(name),
  )
  const aside = join(data, `set-aside-${new Date().toISOString().replaceAll(':', '-')}`)
  await writeDurably(join(data, 'installation.json'), `${JSON.stringify(mark)}\n`)
  if (names.length > 0) await mkdir(aside, { mode: 0o700 })
  for (const name of names) await rename(join(data, name), join(aside, name))
  await rename(join(drafts, 'dynamo.db'), join(data, 'dynamo.db'))
  await syncFolder(data)
  return names.length > 0 ? aside : null
}
