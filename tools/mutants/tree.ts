/** A copy of the working tree, in which faults may be made: the checkout is never touched. */
import { execFileSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

export type Tree = Awaited<ReturnType<typeof copyTree>>

export const copyTree = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'keyharbor-mutants-'))
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate']
  const files = execFileSync('git', list, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 })
  for (const file of files.split('\0').filter((name) => name !== '')) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    // What was deleted and not yet committed is listed, and isn't there.
    await cp(join(ROOT, file), join(folder, file)).catch(ignoreMissing)
  }
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return {
    folder,
    read: (file: string): Promise<string> => readFile(join(folder, file), 'utf8'),
    write: (file: string, text: string): Promise<void> => writeFile(join(folder, file), text),
    remove: (): Promise<void> => rm(folder, { recursive: true, force: true }),
  }
}

// ---------------------------------------------------------------------------------------------

const ignoreMissing = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'ENOENT') throw error
}
