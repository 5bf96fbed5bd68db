/** Bundles of what runs under test: ours as the functions are bundled that are deployed, the others
 * with their packages left as they came. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { BUNDLING } from '../../cdk/bundling.ts'

const SERVERS = join(import.meta.dirname, '../servers')
const FOLDER = join(import.meta.dirname, '../.cache')

/** Path of a server's bundle. Below bench/, so that it finds the packages there. */
export const bundleOf = (name: string): string => join(FOLDER, `${name}.mjs`)

export const buildServers = async (): Promise<void> => {
  const names = (await readdir(SERVERS))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.replace(/\.ts$/, ''))
  const isOurs = (name: string): boolean => name.startsWith('our-')
  const common = {
    bundle: true,
    platform: 'node',
    format: 'esm',
    outdir: FOLDER,
    outExtension: { '.js': '.mjs' },
    logLevel: 'error',
    // Beside the bundle, which doesn't know of it: the code is the one that is deployed.
    sourcemap: 'external',
    sourcesContent: false,
  } as const
  const paths = (chosen: readonly string[]): string[] =>
    chosen.map((name) => join(SERVERS, `${name}.ts`))
  await build({ ...common, ...BUNDLING, entryPoints: paths(names.filter(isOurs)), banner })
  const others = names.filter((name) => !isOurs(name))
  await build({ ...common, target: 'node20', packages: 'external', entryPoints: paths(others) })
}

// ---------------------------------------------------------------------------------------------

/** For packages that are CommonJS and ask for modules of Node.js. */
const banner = {
  js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);",
}
