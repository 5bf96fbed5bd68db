/** How much a browser loads, as it is compressed on the way: all that stands in the way of the keys. */

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

let built: string
beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), 'keyharbor-size-'))
  const args = ['build', '--config', 'portal/vite.config.ts', '--logLevel', 'warn', '--manifest']
  const { NODE_ENV: _, ...env } = process.env
  execFileSync(
    process.execPath,
    ['node_modules/vite/bin/vite.js', ...args, '--outDir', built, '--emptyOutDir'],
    { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'inherit'] },
  )
})
afterAll(() => rm(built, { recursive: true, force: true }))

type Chunk = { file: string; css?: string[]; imports?: string[] }

/** Bytes of an entry and all that it needs at once. CloudFront compresses on the fly, so not at the most. */
const bytesOf = (...entries: string[]): number => {
  const manifest = JSON.parse(readFileSync(join(built, '.vite/manifest.json'), 'utf8')) as Record<
    string,
    Chunk
  >
  const files = new Set<string>()
  const take = (name: string): void => {
    const chunk = manifest[name]
    if (chunk === undefined) throw new Error(`there is no chunk ${name}`)
    if (files.has(chunk.file)) return
    for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(file)
    for (const other of chunk.imports ?? []) take(other)
  }
  for (const entry of entries) take(entry)
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }
  return [...files].reduce(
    (sum, file) => sum + brotliCompressSync(readFileSync(join(built, file)), quality).length,
    0,
  )
}

it('is less than 150 kB up to the list of keys', () => {
  const signIn = bytesOf('index.html')
  const keys = bytesOf('index.html', 'src/shell.tsx')
  expect(signIn).toBeLessThan(110_000)
  expect(keys).toBeLessThan(150_000)
})

it('has its files under names that change with them', () => {
  for (const file of readdirSync(join(built, 'assets')))
    expect(file).toMatch(/-[\w-]{8}\.(js|css)$/)
})
