/** A bundle, and how big it is. */
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

export type Subject = {
  readonly name: string
  readonly kind: 'function' | 'bare'
  /** Path of the module. */
  readonly file: string
  /** All that its process has for an environment. */
  readonly environment: Readonly<Record<string, string>>
}

/** In bytes; `gzip` is about what Lambda fetches. */
export const measureSize = async ({ file }: Pick<Subject, 'file'>) => {
  const code = await readFile(file)
  return { bytes: code.length, gzip: (await promisify(gzip)(code)).length }
}
