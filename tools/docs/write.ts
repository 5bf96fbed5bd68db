/** Writes the API documentation below a folder. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export const writeDocs = async (folder: string): Promise<void> => {
  await mkdir(join(folder, 'api/docs'), { recursive: true })
  await writeFile(join(folder, 'api/docs/index.html'), '<!doctype html><title>API</title>')
}
