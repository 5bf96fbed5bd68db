/** The package as others get it: packed, installed without a network, checked, compiled against and run. */
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { service } from './cloud.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')
const CLIENT = join(ROOT, 'client')

let folder: string
let tarball: string
/** The project that uses it, and the package in there. */
let project: string
let installed: string
const nas = service()
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyharbor-package-'))
  const source = join(folder, 'client')
  const isSource = (path: string): boolean => path !== join(CLIENT, 'dist')
  await cp(CLIENT, source, { recursive: true, filter: isSource })
  await cp(join(ROOT, 'tsconfig.json'), join(folder, 'tsconfig.json'))
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const { stdout } = await run('npm', ['pack', '--json', '--offline'], { cwd: source })
  const [{ filename }] = JSON.parse(stdout)
  tarball = join(source, filename)

  project = await mkdtemp(join(tmpdir(), 'keyharbor-project-'))
  await writeFile(join(project, 'package.json'), '{ "type": "module" }')
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], { cwd: project })
  const modules = join(project, 'node_modules')
  installed = join(modules, '@keyharbor/client')
  await mkdir(join(modules, '@types'))
  for (const name of ['ws', '@types/ws', '@types/node', 'undici-types'])
    await symlink(join(ROOT, 'node_modules', name), join(modules, name))
})
afterAll(() => Promise.all([folder, project].map((path) => rm(path, { recursive: true }))))

it('has code, types and texts, and nothing else', async () => {
  const texts = ['CHANGELOG.md', 'LICENSE', 'README.md']
  expect((await readdir(installed)).sort()).toEqual([...texts, 'dist', 'package.json'])
  const dist = await readdir(join(installed, 'dist'))
  expect(dist.filter((name) => !/\.(js|d\.ts)$/.test(name))).toEqual([])
  expect(await readFile(join(installed, 'LICENSE'))).toEqual(await readFile(join(ROOT, 'LICENSE')))
})

it('imports nothing but itself', async () => {
  for (const name of await readdir(join(installed, 'dist'))) {
    const text = await readFile(join(installed, 'dist', name), 'utf8')
    for (const [, from] of text.matchAll(/^(?:import|export)\b.* from '(.*)'/gm))
      expect(from).toMatch(/^\.\/[a-z]+\.(js|ts)$/)
  }
})

it('comes from where the service does', async () => {
  const repositoryOf = async (file: string) => JSON.parse(await readFile(file, 'utf8')).repository
  const repository = await repositoryOf(join(ROOT, 'package.json'))
  const ours = await repositoryOf(join(installed, 'package.json'))
  expect(ours).toEqual({ ...repository, directory: 'client' })
})

it('is a package as publint wants it', async () => {
  const { messages } = await publint({ pkgDir: installed, pack: false, strict: true })
  expect(messages).toEqual([])
})

it('has types that a resolution of ES modules finds, as Are the Types Wrong wants it', async () => {
  const result = await checkPackage(createPackageFromTarballData(await readFile(tarball)))
  // `require` of older Node.js and of TypeScript before `exports` are none of its ways.
  const isOfModules = (problem: object): boolean =>
    !('resolutionKind' in problem) || /^(node16-esm|bundler)$/.test(String(problem.resolutionKind))
  const problems = 'problems' in result ? result.problems : ['there are no types']
  expect(problems.filter((problem) => typeof problem === 'string' || isOfModules(problem))).toEqual(
    [],
  )
})

describe('its examples', () => {
  let examples: string[]
  beforeAll(async () => {
    const readme = codeOf(await readFile(join(installed, 'README.md'), 'utf8'))
    expect(readme).not.toHaveLength(0)
    examples = [...readme, ...codeOf(await docs()), OF_BROWSERS]
    await Promise.all(
      examples.map((code, at) => writeFile(join(project, `example-${at}.mts`), code)),
    )
    await writeFile(join(project, 'world.d.ts'), WORLD)
  })

  const compile = async (...options: string[]): Promise<string> => {
    const target = ['--target', 'es2023', '--lib', 'es2023,dom', '--types', 'node']
    const files = ['world.d.ts', ...examples.map((_, at) => `example-${at}.mts`)]
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--moduleDetection', 'force']
    const tsc = join(ROOT, 'node_modules/.bin/tsc')
    const done = run(tsc, [...strict, ...target, ...options, ...files], { cwd: project })
    return (await done.catch((error: { stdout: string }) => error)).stdout
  }

  it.each([
    ['node16', 'node16'],
    ['esnext', 'bundler'],
  ])('compile with module %s and its resolution %s', async (module, resolution) => {
    expect(await compile('--noEmit', '--module', module, '--moduleResolution', resolution)).toBe('')
  })

  it('show each function and class', async () => {
    const shown = [...(await docs()).matchAll(EXAMPLE_OF)].map(([, name]) => name)
    const list = ['--input-type=module', '--eval', EXPORTS]
    const { stdout } = await run(process.execPath, list, { cwd: project })
    const silent = JSON.parse(stdout).filter((name: string) => !shown.includes(name))
    expect(silent, 'write an @example into the doc comment of these').toEqual([])
  })

  it('run: the one for `npm start`, in plain Node.js', async () => {
    await compile('--module', 'node16')
    await symlink(dirname(nas.known.ca), join(project, '.keyharbor'))
    const at = examples.findIndex((code) => code.includes('.keyharbor/'))
    const { stdout } = await run(process.execPath, [`example-${at}.mjs`], { cwd: project })
    expect(stdout).toMatch(/^\d+ admin\n\d+ device\n$/)
  })
})

// ---------------------------------------------------------------------------------------------

/** A doc comment with an example, and what it is of. */
const EXAMPLE_OF = /@example(?:(?!\/\*\*).)*?\*\/\s*export declare (?:const|class) (\w+)/gs

/** Prints the names of what can be called. */
const EXPORTS = `import * as all from '@keyharbor/client'
const isCode = ([, value]) => typeof value === 'function'
console.log(JSON.stringify(Object.entries(all).filter(isCode).map(([name]) => name)))`

/** All declarations of the package, with their doc comments. */
const docs = async (): Promise<string> => {
  const dist = join(installed, 'dist')
  const files = (await readdir(dist)).filter((name) => name.endsWith('.d.ts'))
  return (await Promise.all(files.map((name) => readFile(join(dist, name), 'utf8')))).join('\n')
}

/** What stands in fences of TypeScript, in Markdown or in a doc comment. */
const codeOf = (text: string): string[] =>
  [...text.replaceAll(/^ +\* ?/gm, '').matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code)

/** A WebSocket of a browser is one of the client's. */
const OF_BROWSERS = `createClient({ url: 'wss://keys.example.com/api/current', WebSocket })`

const NAMES = 'createClient keyLogin tokenLogin VERSION Disconnected RpcError SignedOut'.split(' ')

/** What examples have besides: those of doc comments import nothing, and some go on where others ended. */
const WORLD = `${NAMES.map((name) => `declare const ${name}: typeof import('@keyharbor/client').${name}`).join('\n')}
type Call = import('@keyharbor/client').Call
declare const client: import('@keyharbor/client').Client
declare const rows: Map<number, import('@keyharbor/client').ApiKey>
declare const tenant: string, username: string, password: string
declare const readAgain: () => void
declare const show: (...what: unknown[]) => void
declare const mark: (attribute: string | null, message: string) => void
declare const askForCode: () => Promise<string>
declare const askForToken: () => Promise<string>
`
