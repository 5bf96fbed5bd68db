/** What a backup's table becomes by the journal: of what a restore looks at, as it was when the journal ends. */
import { readdir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { atOnce } from '../../shared/domain/at-once.ts'
import { createInstallation } from '../../shared/store/installation.ts'
import { putImage } from '../../shared/store/restoring.ts'
import { isThere } from '../durable.ts'
import { type Change, readJournal } from './journal-file.ts'
import type { openTable } from './open-table.ts'

const AT_ONCE = 8

/**
 * @param path null: none is kept.
 * @returns until when it is whole, in milliseconds since the epoch.
 * @throws where the journal doesn't say what came behind the backup; the message says why, and the table is good for nothing then.
 */
export const replay = async (
  path: string | null,
  { db, lastNumber }: Pick<Awaited<ReturnType<typeof openTable>>, 'db' | 'lastNumber'>,
): Promise<number> => {
  if (path === null) throw new Error('KEYHARBOR_JOURNAL is off')
  if (!(await isThere(path))) throw new Error(await whyMissing(path))
  const mark = await createInstallation(db).get()
  const known = await lastNumber()
  let until: number | null = null
  let to = 0
  for await (const entry of readJournal(path)) {
    if (entry.journal !== undefined && entry.journal !== mark?.journal)
      throw new Error(`${path} begins after the backup, or after another restore`)
    // Of each item the last state is enough, and in any order then.
    const last = new Map<string, Change>()
    for (const change of entry.changes)
      if (change.n > known) last.set(`${change.key.pk}\0${change.key.sk}`, change)
    await atOnce([...last.values()], AT_ONCE, ({ key, is }) => putImage(db, key, is))
    to = entry.to
    until = entry.at
  }
  if (until === null) throw new Error(`${path} is empty`)
  if (to < known) throw new Error(`${path} ends before the backup`)
  return until
}

/** Whether a journal goes on from a table, which has lost what is in it: their last common record is the same. */
export const isAhead = async (
  path: string,
  {
    lastNumber,
    identityAt,
  }: Pick<Awaited<ReturnType<typeof openTable>>, 'lastNumber' | 'identityAt'>,
): Promise<boolean> => {
  const known = await lastNumber()
  let common: { to: number; was: string } | null = null
  for await (const entry of readJournal(path)) {
    if (entry.to > known) return common !== null && (await identityAt(common.to)) === common.was
    common = entry
  }
  return false
}

// ---------------------------------------------------------------------------------------------

const whyMissing = async (path: string): Promise<string> => {
  const own = dirname(path)
  const folder = dirname(own)
  const names = (await isThere(folder)) ? await readdir(folder) : []
  return names.length > 0 && !names.includes(basename(own))
    ? `what is in ${folder} is of another installation`
    : `there is no ${path}`
}
