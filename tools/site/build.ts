/** Builds all that browsers are served: the portal, the API documentation, and what every site has. */
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { build } from 'vite'
import { writeDocs } from '../docs/write.ts'
import { NOT_FOUND, ROBOTS } from './pages.ts'
import { stampOf } from './stamp.ts'

const PORTAL = join(import.meta.dirname, '../../portal/vite.config.ts')

export const SITE = join(import.meta.dirname, '../../dist/site')

/**
 * Builds the site into a folder, unless that has it already. Readers of the folder see the whole
 * of the old one or of the new one.
 * @returns whether anything had to be done.
 */
export const buildSite = async (folder: string = SITE): Promise<boolean> => {
  // Beside the folder, which is served.
  const stampFile = `${folder}.stamp`
  const stamp = await stampOf()
  const isThere = await access(join(folder, 'ui/index.html')).then(
    () => true,
    () => false,
  )
  if (isThere && (await readFile(stampFile, 'utf8').catch(() => '')) === stamp) return false
  const fresh = `${folder}.${process.pid}`
  await rm(fresh, { recursive: true, force: true })
  await mkdir(fresh, { recursive: true })
  // A test's or a developer's own value would have React built with its checks for developers.
  process.env.NODE_ENV = 'production'
  try {
    await Promise.all([
      build({
        configFile: PORTAL,
        logLevel: 'warn',
        build: { outDir: join(fresh, 'ui'), emptyOutDir: true },
      }),
      writeDocs(fresh),
      writeFile(join(fresh, '404.html'), NOT_FOUND),
      writeFile(join(fresh, 'robots.txt'), ROBOTS),
    ])
    await rm(stampFile, { force: true })
    await replace(folder, fresh)
    await writeFile(stampFile, stamp)
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
  return true
}

// ---------------------------------------------------------------------------------------------

const replace = async (folder: string, fresh: string): Promise<void> => {
  const old = `${fresh}.old`
  await mkdir(dirname(folder), { recursive: true })
  await rename(folder, old).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  await rename(fresh, folder)
  await rm(old, { recursive: true, force: true })
}
