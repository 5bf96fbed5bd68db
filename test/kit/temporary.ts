/** One folder for all temporary files of a run, so that nothing stays behind, however the run ends. */
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { codeOf } from '../../local/user-error.ts'

const PREFIX = 'keyharbor-run-'

/**
 * Makes the folder and lets it be the place for temporary files, of processes too that are started from here.
 * It goes when this process ends; that of a run that was killed goes at the next one.
 */
export const useTemporaryFolder = (): string => {
  const mine = `${PREFIX}${process.pid}-`
  // A configuration may be read more than once.
  if (basename(tmpdir()).startsWith(mine)) return tmpdir()
  for (const name of readdirSync(tmpdir())) {
    const [, pid] = /^keyharbor-run-(\d+)-/.exec(name) ?? []
    if (pid !== undefined && !isAlive(Number(pid))) remove(join(tmpdir(), name))
  }
  const folder = mkdtempSync(join(tmpdir(), mine))
  // As the system's own: tests look at what other users can reach in it.
  chmodSync(folder, 0o755)
  process.env.TMPDIR = folder
  process.once('exit', () => remove(folder))
  return folder
}

// ---------------------------------------------------------------------------------------------

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
