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

const PORTAL = join(import.meta.dirname, '../../portal/src/styles/base.css')
const BROWSER = join(import.meta.dirname, 'browser')

/** In the portal's colours. */
const style = async (): Promise<string> => {
  const [palette] = /:root \{[^}]*\}/.exec(await readFile(PORTAL, 'utf8')) ?? []
  if (palette === undefined) throw new Error('the portal has no palette')
  const parts = ['frame.css', 'content.css'].map((name) => readFile(join(BROWSER, name), 'utf8'))
  return [palette, ...(await Promise.all(parts))].join('\n\n')
}

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
