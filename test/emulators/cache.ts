/**
 * What is fetched once and kept: `.cache/` in the project, which git ignores. A folder is made under
 * another name and gets its own when it is whole, so that an interrupted run leaves nothing half-made.
 */
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../local/user-error.ts'
import { must, run } from '../../tools/programs/program.ts'
import { type Closers, tell } from '../../tools/programs/tell.ts'

export const ROOT = join(import.meta.dirname, '../..')
export const CACHE = join(ROOT, '.cache')

/** @returns the folder of this name, made if it isn't there. */
export const cached = async (
  closers: Closers,
  name: string,
  what: string,
  make: (folder: string, log: string) => Promise<void>,
): Promise<string> => {
  const folder = join(CACHE, name)
  if (existsSync(folder)) return folder
  tell(`${what} (once, into .cache/${name})`)
  const draft = `${folder}.${process.pid}`
  await mkdir(draft, { recursive: true })
  closers.add(() => rm(draft, { recursive: true, force: true }))
  await make(draft, join(draft, 'install.log'))
  if (closers.closing()) throw new UserError('interrupted')
  await rename(draft, folder)
  return folder
}

type Environment = {
  readonly name: string
  readonly version: string
  /** What `pip install` gets. */
  readonly requirements: readonly string[]
  /** Programs to try, the best first. */
  readonly pythons?: readonly string[]
}

/** @returns the Python of a virtual environment with exactly this in it. */
export const virtualEnvironment = async (
  closers: Closers,
  { name, version, requirements, pythons = ['python3'] }: Environment,
): Promise<string> => {
  const what = `Installing ${name} ${version} from PyPI`
  const folder = await cached(closers, `${name}-${version}`, what, async (draft, log) => {
    const python = await findPython(closers, pythons, log)
    await must(closers, python, ['-m', 'venv', join(draft, 'venv')], { log })
    const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', ...requirements]
    await must(closers, join(draft, 'venv/bin/python'), pip, { log })
  })
  // By way of `python -m`: the scripts in bin/ know the folder by its former name.
  return join(folder, 'venv/bin/python')
}

/** @throws UserError when none of the programs is a Python that can make virtual environments. */
export const findPython = async (
  closers: Closers,
  names: readonly string[],
  log: string,
): Promise<string> => {
  for (const name of names) {
    const code = await run(closers, name, ['-c', 'import venv, ensurepip'], { log }).catch(() => 1)
    if (code === 0) return name
  }
  throw new UserError(
    `This needs ${names.join(' or ')} with venv and pip (Debian: apt install python3-venv): install it, or give an endpoint by AWS_ENDPOINT_URL`,
  )
}
