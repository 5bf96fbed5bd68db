/**
 * A copy of the table's files as they were at one moment, while the service may write to them. SQLite appends what is committed to
 * the log, and moves it into the file now and then: what is read between two such moves, the file before the log, is what a
 * kill would have left, so each transaction is in it whole or not at all.
 */
import { constants, copyFile, open, rm, stat } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { UserError } from '../user-error.ts'

/** Copies are made without holding anybody up, and then while writes are held. */
const UNHELD_TRIES = 3
const TRIES = 6
/** A file's time is as coarse as the kernel's tick, 10 ms at the most. */
const TICK_MS = 50
/** What a log begins with; other values each time that it is written from its beginning. */
const LOG_HEAD_BYTES = 32

/** Holds writes to the table back. @returns what lets them go on. */
export type Hold = () => Promise<() => void>

/**
 * @param to where the copy of the file is; its log is beside it.
 * @param copy for tests, in which somebody writes meanwhile.
 * @throws UserError where it was changed at each try.
 */
export const copyTable = async (
  from: string,
  to: string,
  hold: Hold,
  copy: typeof copyFile = copyFile,
): Promise<void> => {
  for (let tries = 1; tries <= TRIES; tries++) {
    const release = tries > UNHELD_TRIES ? await hold() : () => {}
    try {
      const before = await settled(from)
      await copy(from, to, constants.COPYFILE_FICLONE)
      await rm(logOf(to), { force: true })
      if (before.log !== '') await copy(logOf(from), logOf(to), constants.COPYFILE_FICLONE)
      const after = await versionOf(from)
      if (before.file === after.file && before.log === after.log) return
    } catch (error) {
      // The log goes when the service stops.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    } finally {
      release()
    }
  }
  throw new UserError(
    `${from} changes faster than it can be copied: try again when there is less to do, or stop the service first`,
  )
}

// ---------------------------------------------------------------------------------------------

const logOf = (file: string): string => `${file}-wal`

const versionOf = async (file: string) => {
  const { mtimeNs, mtimeMs, size, ino } = await stat(file, { bigint: true })
  return { file: `${ino} ${size} ${mtimeNs}`, log: await headOf(logOf(file)), at: Number(mtimeMs) }
}

/** The version, once another write would change the file's time. */
const settled = async (file: string) => {
  for (let tries = 1; ; tries++) {
    const version = await versionOf(file)
    // A time in the future is a clock that was put back.
    if (Math.abs(Date.now() - version.at) > TICK_MS || tries === 100) return version
    await pause(TICK_MS / 5)
  }
}

/** @returns '' for none. */
const headOf = async (log: string): Promise<string> => {
  try {
    const handle = await open(log, 'r')
    try {
      const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(LOG_HEAD_BYTES) })
      return bytesRead === 0 ? '' : buffer.toString('hex')
    } finally {
      await handle.close()
    }
  } catch {
    return ''
  }
}
