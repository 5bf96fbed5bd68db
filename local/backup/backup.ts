/** `npm start -- backup FILE`: the table as it is at one moment, in one file, whether the service runs or not. */
import { rmSync } from 'node:fs'
import { link, mkdtemp, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { createInstallation, type Mark } from '../../shared/store/installation.ts'
import { isThere, syncFolder } from '../durable.ts'
import { readLeft } from '../installation.ts'
import { codeOf, messageOf, UserError } from '../user-error.ts'
import { type Progress, writeArchive } from './archive.ts'
import { holdWrites } from './hold.ts'
import { assertOurs, openTable } from './open-table.ts'
import { copyTable } from './snapshot.ts'

/**
 * @param data the data folder.
 * @returns what the person is told.
 * @throws UserError where there is no table, or the file is there or can't be made.
 */
export const backUp = async (data: string, file: string, progress: Progress): Promise<string> => {
  assertOurs()
  const from = join(data, 'dynamo.db')
  if (!(await isThere(from)))
    throw new UserError(`${from} is missing: set KEYHARBOR_DATA to the folder to back up`)
  if (await isThere(file)) throw alreadyThere(file)
  const drafts = await makeDrafts(file)
  const clean = (): void => rmSync(drafts, { recursive: true, force: true })
  process.once('exit', clean)
  try {
    const at = Date.now()
    const table = join(drafts, 'dynamo.db')
    await copyTable(from, table, () => holdWrites(data))
    // That also shows that the copy is one that a start can open.
    const mark = await readMark(table, from)
    const left = await readLeft(table)
    const whole = join(drafts, 'backup')
    await writeArchive(whole, table, { ...mark, left, at }, progress)
    await publish(whole, file)
    return `The table is in ${file}, as it was at ${new Date(at).toISOString()}. It opens with ${join(data, 'kms.key')} alone, which is not in it: keep a copy of that, elsewhere.`
  } finally {
    process.off('exit', clean)
    clean()
  }
}

// ---------------------------------------------------------------------------------------------

const alreadyThere = (file: string): UserError =>
  new UserError(`${file} is there already, and nothing is written over: give another name`)

/** Beside the file, so that it is a name's change in the end. */
const makeDrafts = async (file: string): Promise<string> => {
  try {
    return await mkdtemp(join(dirname(file), `.${basename(file)}-`))
  } catch (error) {
    throw new UserError(
      `${dirname(file)} can't be written (${messageOf(error)}): give the file another folder`,
    )
  }
}

const readMark = async (table: string, from: string): Promise<Mark> => {
  const { db, close } = await openTable(table)
  try {
    const mark = await createInstallation(db).get()
    if (mark === null)
      throw new UserError(`${from} is of no installation yet: start this version on it once`)
    return mark
  } finally {
    await close()
  }
}

/** Gives it its name, which nobody else's file loses. */
const publish = async (draft: string, file: string): Promise<void> => {
  try {
    await link(draft, file)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw alreadyThere(file)
    // A file system without links.
    await rename(draft, file)
  }
  await syncFolder(dirname(file))
}
