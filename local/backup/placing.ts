/**
 * The last step of a restore: names change in the data folder. A note of it is written before the first does and goes behind the
 * last, so who is killed in between is followed by a start or a restore that does the rest.
 */
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { isThere, readIfThere, syncFolder, writeDurably } from '../durable.ts'

const Note = z.object({
  mark: z.object({ id: z.string(), format: z.number() }),
  /** Names within the folder: of what is put there, and of where that goes which was. */
  drafts: z.string().regex(/^restore-\w+$/),
  aside: z.string().regex(/^set-aside-[\w.-]+$/),
})
type Note = z.infer<typeof Note>

const NOTE = 'restoring.json'
/** What a restored table takes the place of. */
const REPLACED = /^(dynamo\.db|streams?[\w-]*\.json)/

/** @returns where that is which was there; null where there was nothing. */
export const putInPlace = async (
  data: string,
  drafts: string,
  mark: Note['mark'],
): Promise<string | null> => {
  const aside = `set-aside-${new Date().toISOString().replaceAll(':', '-')}`
  const note: Note = { mark, drafts: basename(drafts), aside }
  await writeDurably(join(data, NOTE), JSON.stringify(note))
  await finishRestore(data)
  return (await isThere(join(data, aside))) ? join(data, aside) : null
}

/** Whether names may have changed, and more are to: what is to be put there is needed then. */
export const isUnfinished = (data: string): boolean => existsSync(join(data, NOTE))

/** Does what a restore that was killed has left to do. For who has the folder. @returns whether a table was put there. */
export const finishRestore = async (data: string): Promise<boolean> => {
  const stored = await readIfThere(join(data, NOTE))
  if (stored !== null)
    for (const step of await stepsOf(data, Note.parse(JSON.parse(String(stored))))) await step()
  // Of one that was killed before it had anything to put there.
  for (const name of await readdir(data))
    if (/^restore-\w{6}$/.test(name)) await rm(join(data, name), { recursive: true, force: true })
  return stored !== null
}

/** What is left to do, in order. */
export const stepsOf = async (
  data: string,
  { mark, drafts, aside }: Note,
): Promise<(() => Promise<unknown>)[]> => {
  const table = join(data, drafts, 'dynamo.db')
  // Once it is in place, what is there is its own.
  const isPlaced = !(await isThere(table))
  const names = isPlaced ? [] : (await readdir(data)).filter((name) => REPLACED.test(name))
  return [
    () => writeDurably(join(data, 'installation.json'), `${JSON.stringify(mark)}\n`),
    ...(names.length > 0 ? [() => mkdir(join(data, aside), { recursive: true, mode: 0o700 })] : []),
    ...names.map((name) => () => rename(join(data, name), join(data, aside, name))),
    // No log of what was there may lie beside the new table.
    ...(names.length > 0 ? [() => syncFolder(join(data, aside)), () => syncFolder(data)] : []),
    ...(isPlaced ? [] : [() => rename(table, join(data, 'dynamo.db'))]),
    () => syncFolder(data),
    () => rm(join(data, NOTE)),
    () => syncFolder(data),
  ]
}
