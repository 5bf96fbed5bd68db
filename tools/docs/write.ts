/** Writes the API documentation below a folder: pages, style, script. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { renderDocs } from './render.tsx'

export const writeDocs = async (folder: string): Promise<void> => {
  const files = new Map(renderDocs())
  files.set('api/docs/docs.css', await style())
  files.set('api/docs/docs.js', await script())
  const folders = new Set([...files.keys()].map((path) => dirname(join(folder, path))))
  for (const one of folders) await mkdir(one, { recursive: true })
  await Promise.all([...files].map(([path, text]) => writeFile(join(folder, path), text)))
}

// ---------------------------------------------------------------------------------------------

const BROWSER = join(import.meta.dirname, 'browser')
const STYLES = [
  // In the portal's colours.
  join(import.meta.dirname, '../../portal/src/styles/base.css'),
  join(BROWSER, 'frame.css'),
  join(BROWSER, 'content.css'),
]

const style = async (): Promise<string> =>
  (await Promise.all(STYLES.map((file) => readFile(file, 'utf8')))).join('\n')

const script = async (): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [join(BROWSER, 'docs.ts')],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}
