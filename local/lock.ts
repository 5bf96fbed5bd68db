/**
 * One Keyharbor to a data folder. Each start leaves a file named after its process and then looks for
 * others that live: of two that start at once, both may step back, but never both go on. The file
 * of a process that was killed holds nothing, even where another process has its number now.
 */
import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOf, messageOf, UserError } from './user-error.ts'

/** Folders that this process holds: its own file can't tell it. */
const held = new Set<string>()

/** What a folder is called, and the setting that names it. */
export type Kind = { readonly is: string; readonly setting: string }
const DATA: Kind = { is: 'data folder', setting: 'KEYHARBOR_DATA' }

/**
 * Makes the folder if need be, closes it to others and takes it.
 * @returns what gives it back.
 * @throws UserError when another process has it or it can't be written.
 */
export const lockFolder = async (
  folder: string,
  kind: Kind = DATA,
): Promise<() => Promise<void>> => {
  if (held.has(folder)) throw inUse(folder, process.pid, kind)
  held.add(folder)
  const mine = `lock.${process.pid}.${await startOf(process.pid)}`
  const release = async (): Promise<void> => {
    await rm(join(folder, mine), { force: true })
    held.delete(folder)
  }
  try {
    await makeFolder(folder)
    await closeToOthers(folder, kind)
    await writeFile(join(folder, mine), '', { mode: 0o600 })
  } catch (error) {
    held.delete(folder)
    if (error instanceof UserError) throw error
    const why = messageOf(error)
    throw new UserError(
      `The ${kind.is} ${folder} can't be written (${why}): mend that, or set ${kind.setting} to another folder`,
    )
  }
  for (const name of await readdir(folder)) {
    const [, pid, start] = /^lock\.([1-9]\d*)\.(\d+|-)$/.exec(name) ?? []
    if (pid === undefined || name === mine) continue
    if (await isAlive(Number(pid), start ?? '-')) {
      await release()
      throw inUse(folder, Number(pid), kind)
    }
    await rm(join(folder, name), { force: true })
  }
  return release
}

// ---------------------------------------------------------------------------------------------

/** Makes a folder and those above it. (Node's own recursion never ends where a folder that exists
 * refuses a new one with ENOENT, as /proc does.) */
const makeFolder = async (folder: string): Promise<void> => {
  try {
    await mkdir(folder, { mode: 0o700 })
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return
    const above = dirname(folder)
    if (codeOf(error) !== 'ENOENT' || existsSync(above)) throw error
    await makeFolder(above)
    await mkdir(folder, { mode: 0o700 })
  }
}

/** It may have been there before, and files in it may have been put back from a backup, readable for all.
 * One that is shared on purpose, as /tmp is, isn't ours to close. */
const closeToOthers = async (folder: string, { is, setting }: Kind): Promise<void> => {
  const { mode, uid } = await stat(folder)
  if (process.getuid === undefined) return
  const isShared = (mode & 0o1000) !== 0
  if (isShared && (mode & 0o022) !== 0)
    throw new UserError(
      `Other users may write to the ${is} ${folder}: set ${setting} to a folder of your own`,
    )
  // Its owner could put other files in the place of ours, also if we are root.
  if (uid !== process.getuid())
    throw new UserError(
      `The ${is} ${folder} belongs to another user (uid ${uid}): make it your own by chown, or set ${setting} to a folder of your own`,
    )
  if (!isShared && (mode & 0o077) !== 0) await chmod(folder, 0o700)
}

const inUse = (folder: string, pid: number, { is, setting }: Kind): UserError =>
  new UserError(
    `The ${is} ${folder} is in use by a running Keyharbor (process ${pid}): stop that one, or set ${setting} to another folder`,
  )

const isAlive = async (pid: number, start: string): Promise<boolean> => {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it lives, and belongs to someone else.
    if (codeOf(error) !== 'EPERM') return false
  }
  return (await startOf(pid)) === start
}

/** When a process started, in clock ticks since boot; '-' where the system doesn't say. */
const startOf = async (pid: number): Promise<string> => {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1')
    // Field 22; counted from the end of the name, which may hold spaces (proc(5)).
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-'
  } catch {
    return '-'
  }
}
