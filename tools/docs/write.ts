/** Writes the API documentation below a folder: pages, documents, and the files that pages load. */
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { renderDocs } from './render.tsx'

const STATIC = join(import.meta.dirname, 'static')

/** @param folder root of the site. */
export const writeDocs = async (folder: string): Promise<void> => {
  const files = [...renderDocs()]
  const folders = new Set(files.map(([path]) => dirname(join(folder, path))))
  await Promise.all([...folders].map((path) => mkdir(path, { recursive: true })))
  await Promise.all(files.map(([path, text]) => writeFile(join(folder, path), text)))
  await cp(STATIC, join(folder, 'api/docs'), { recursive: true })
}
