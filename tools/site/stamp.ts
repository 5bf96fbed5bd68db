/** What the site is made of, as one digest: as long as it stays, nothing needs to be built. */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const SOURCES = [
  'portal',
  'client',
  'shared',
  'tools/docs',
  'tools/site',
  'test/docs/recorded',
  'package-lock.json',
]
/** Built, not written. */
const BUILT = /(^|\/)(dist|node_modules)(\/|$)/

export const stampOf = async (): Promise<string> => {
  const files = (await Promise.all(SOURCES.map(filesIn))).flat().sort()
  const contents = await Promise.all(files.map((file) => readFile(join(ROOT, file))))
  const digest = createHash('sha256')
  contents.forEach((content, at) => {
    digest.update(`${files[at]}\0${content.length}\0`).update(content)
  })
  return digest.digest('hex')
}

// ---------------------------------------------------------------------------------------------

const filesIn = async (path: string): Promise<string[]> => {
  if (path.endsWith('.json')) return [path]
  const entries = await readdir(join(ROOT, path), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1))
    .filter((file) => !BUILT.test(file))
}
