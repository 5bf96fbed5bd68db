/** One folder for all temporary files of a run, so that nothing stays behind, however the run ends. */
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { codeOf } from '../../local/user-error.ts'

const PREFIX = 'keyharbor-run-'

/** Makes the folder and lets it be the place for temporary files, of processes too that are started from here. */
export const useTemporaryFolder = (): string => {
  // A configuration may be read more than once.
  if (basename(tmpdir()).startsWith(mine())) return tmpdir()
  const folder = folderIn(tmpdir())
  // As the system's own: tests look at what other users can reach in it.
  chmodSync(folder, 0o755)
  process.env.TMPDIR = folder
  return folder
}

/**
 * A folder in memory, where the system has such a file system: for what is written often, and kept by nobody.
 */
export const folderInMemory = (): string => folderIn(existsSync(SHM) ? SHM : tmpdir())

// ---------------------------------------------------------------------------------------------

/** Linux's file system in memory. */
const SHM = '/dev/shm'

const mine = (): string => `${PREFIX}${process.pid}-`

/** A folder that is removed when this process ends; that of a process that was killed is removed by the next one. */
const folderIn = (parent: string): string => {
  for (const name of readdirSync(parent)) {
    const [, pid] = /^keyharbor-run-(\d+)-/.exec(name) ?? []
    if (pid !== undefined && !isAlive(Number(pid))) remove(join(parent, name))
  }
  const folder = mkdtempSync(join(parent, mine()))
  process.once('exit', () => remove(folder))
  return folder
}

/** What is still written meanwhile may keep it; then the next run removes it. */
const remove = (folder: string): void => {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  } catch {}
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}
