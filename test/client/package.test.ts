/** The package as others get it: built, packed, unpacked, and used by plain Node.js. */
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { service } from './cloud.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')
const CLIENT = join(ROOT, 'client')

let folder: string
let packed: string
const nas = service()
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyharbor-package-'))
  const source = join(folder, 'source')
  const modules = join(folder, 'node_modules')
  packed = join(modules, '@keyharbor/client')
  for (const path of [source, packed, join(modules, '@types')])
    await mkdir(path, { recursive: true })
  for (const name of ['package.json', 'README.md', 'LICENSE'])
    await cp(join(CLIENT, name), join(source, name))
  const tsc = join(ROOT, 'node_modules/.bin/tsc')
  await run(tsc, ['-p', CLIENT, '--outDir', join(source, 'dist')])
  const { stdout } = await run('npm', ['pack', '--json', '--offline', '--ignore-scripts'], {
    cwd: source,
  })
  const [{ filename }] = JSON.parse(stdout)
  await run('tar', ['-xzf', join(source, filename), '-C', packed, '--strip-components=1'])
  for (const name of ['ws', '@types/ws', '@types/node', 'undici-types'])
    await symlink(join(ROOT, 'node_modules', name), join(modules, name))
})
afterAll(() => rm(folder, { recursive: true }))

it('has code, types, licence and readme, and nothing else', async () => {
  expect((await readdir(packed)).sort()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json'])
  const dist = await readdir(join(packed, 'dist'))
  expect(dist.filter((name) => !/\.(js|d\.ts)$/.test(name))).toEqual([])
  expect(await readFile(join(packed, 'LICENSE'))).toEqual(await readFile(join(ROOT, 'LICENSE')))
})

it('imports nothing but itself', async () => {
  for (const name of await readdir(join(packed, 'dist'))) {
    const text = await readFile(join(packed, 'dist', name), 'utf8')
    for (const [, from] of text.matchAll(/^(?:import|export)\b.* from '(.*)'/gm))
      expect(from).toMatch(/^\.\/[a-z]+\.(js|ts)$/)
  }
})

it('calls the service from plain Node.js, on a socket of ws', async () => {
  const file = join(folder, 'ping.mjs')
  await writeFile(
    file,
    `import { readFileSync } from 'node:fs'
import { createClient, keyLogin } from '@keyharbor/client'
import { WebSocket } from 'ws'
const [url, ca, key] = process.argv.slice(2)
const Trusting = class extends WebSocket {
  constructor(url) { super(url, { ca: readFileSync(ca) }) }
}
const client = createClient({ url, WebSocket: Trusting, login: keyLogin('admin', key) })
console.log(await client.call('core.ping'), (await client.call('auth.me')).pw_name)
client.close()
`,
  )
  const { wss, ca, apiKey } = nas.known
  const { stdout } = await run(process.execPath, [file, wss, ca, apiKey])
  expect(stdout).toBe('pong admin\n')
})

it('has a readme whose examples are right by the types', async () => {
  const readme = await readFile(join(CLIENT, 'README.md'), 'utf8')
  const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code)
  expect(examples).toHaveLength(6)
  await Promise.all(
    examples.map((code, at) => writeFile(join(folder, `example-${at}.mts`), withRest(code))),
  )
  const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--skipLibCheck']
  const target = ['--module', 'nodenext', '--target', 'es2023', '--lib', 'es2023,dom']
  const files = examples.map((_, at) => `example-${at}.mts`)
  const tsc = join(ROOT, 'node_modules/.bin/tsc')
  const { stdout } = await run(tsc, [...options, ...target, '--types', 'node', ...files], {
    cwd: folder,
  }).catch((error: { stdout: string }) => error)
  expect(stdout).toBe('')
})

// ---------------------------------------------------------------------------------------------

/** Examples go on where others ended, and use what a page has. */
const withRest = (code: string): string => {
  const names = ['createClient', 'tokenLogin', 'RpcError', 'Disconnected']
  const has = (name: string): boolean =>
    new RegExp(`(const|import \\{.*) ?\\b${name}\\b`).test(code)
  const imported = names
    .filter((name) => !has(name))
    .map((name) => `import { ${name} } from '@keyharbor/client'`)
  const client = has('client') ? '' : `declare const client: import('@keyharbor/client').Client`
  return `${imported.join('\n')}
export const browsers: import('@keyharbor/client').SocketConstructor = globalThis.WebSocket
declare const rows: Map<number, import('@keyharbor/client').ApiKey>
declare const tenant: string, username: string, password: string
declare const readAgain: () => void
declare const show: (...what: unknown[]) => void
declare const mark: (attribute: string | null, message: string) => void
declare const askForCode: () => Promise<string>
${client}
${code}`
}
