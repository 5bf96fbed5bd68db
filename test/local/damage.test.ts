/** Each file of the data folder removed, emptied, damaged: what the person is told, and that nothing is lost. */
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Bootstrap } from '../../local/bootstrap.ts'
import { http } from '../../local/client.ts'
import { startProcess } from '../../tools/programs/service.ts'
import { folder, until } from './kit.ts'
import { run } from './process-kit.ts'

/** How far each reader of the table's stream is. */
const STREAMS = ['stream-close.json', 'stream-tell.json']
/** The one file in its folder. */
const JOURNAL = 'journal'

let whole: string
let known: Bootstrap
beforeAll(async () => {
  whole = await mkdtemp(join(tmpdir(), 'keyharbor-whole-'))
  const service = await startProcess(whole, { variables: { KEYHARBOR_TABLE: 'keyharbor' } })
  known = service.bootstrap
  for (const name of STREAMS) await until(() => existsSync(join(whole, name)))
  await until(async () => existsSync(await pathOf(whole, JOURNAL)))
  expect(await service.stop()).toBe(0)
})
afterAll(() => rm(whole, { recursive: true, force: true }))

const pathOf = async (data: string, name: string): Promise<string> => {
  if (name !== JOURNAL) return join(data, name)
  const [id = ''] = await readdir(join(data, name)).catch(() => [])
  return join(data, name, id, 'journal.jsonl')
}

const HARMS = {
  removed: (path: string) => rm(path),
  emptied: (path: string) => truncate(path),
  damaged: async (path: string) => {
    const bytes = await readFile(path)
    const at = bytes.length >> 1
    for (let i = at; i < Math.min(at + 16, bytes.length); i++) bytes[i] = ~(bytes[i] ?? 0)
    await writeFile(path, bytes)
  },
} as const
type Harm = keyof typeof HARMS

/** What is said of a harm: a start that is refused by `no`, or one that goes on, with a line or without one. */
type Said = { readonly no: RegExp } | { readonly yes: RegExp | null }

const LOST = { yes: /^\S+bootstrap\.json was written again\. It lacks the password and the keys/ }
const CERTIFICATE = { yes: /^tls-cert\.pem is a new certificate/ }
const ANEW = { yes: /a new journal begins: take a backup/ }
const JWK = { no: /operator\.jwk isn't a private key: remove it/ }
const MARK = { no: /installation\.json is emptied or damaged: remove it/ }

const TABLE: Readonly<Record<string, Readonly<Record<Harm, Said>>>> = {
  'installation.json': {
    removed: { yes: /^installation\.json was missing, and is written again/ },
    emptied: MARK,
    damaged: MARK,
  },
  'dynamo.db': {
    removed: { no: /dynamo\.db is missing, and this folder's users and keys are in it/ },
    emptied: { no: /dynamo\.db is emptied or damaged: put a good one back/ },
    damaged: { no: /dynamo\.db isn't as the last stop left it/ },
  },
  'kms.key': {
    removed: { no: /kms\.key is missing/ },
    emptied: { no: /kms\.key isn't a key of 32 bytes/ },
    damaged: { no: /kms\.key is not the key that the table's secrets open with/ },
  },
  'bootstrap.json': { removed: LOST, emptied: LOST, damaged: LOST },
  'operator.jwk': {
    removed: { yes: /^operator\.jwk was missing, and is a new key/ },
    emptied: JWK,
    damaged: JWK,
  },
  [JOURNAL]: { removed: ANEW, emptied: ANEW, damaged: ANEW },
  // Then the stream is read from its beginning, which changes nothing.
  ...Object.fromEntries(
    STREAMS.map((name) => [
      name,
      { removed: { yes: null }, emptied: { yes: null }, damaged: { yes: null } },
    ]),
  ),
  'tls-cert.pem': { removed: CERTIFICATE, emptied: CERTIFICATE, damaged: CERTIFICATE },
  'tls-key.pem': { removed: CERTIFICATE, emptied: CERTIFICATE, damaged: CERTIFICATE },
}

const contents = async (data: string) =>
  Promise.all(
    (await readdir(data))
      .sort()
      .map(async (name) => [name, await readFile(await pathOf(data, name))]),
  )

it('the table below has each file', async () => {
  expect((await readdir(whole)).sort()).toEqual(Object.keys(TABLE).sort())
})

describe.each(Object.entries(TABLE))('%s', (name, harms) => {
  it.each(Object.entries(harms) as [Harm, Said][])('%s', async (harm, said) => {
    const data = join(await folder(), 'data')
    await cp(whole, data, { recursive: true })
    await HARMS[harm](await pathOf(data, name))
    const before = 'no' in said ? await contents(data) : null
    const service = run(data)
    if ('no' in said) {
      expect(await service.code).toBe(1)
      expect(service.said.out).toBe('')
      expect(service.said.err).toMatch(/^[^\n]+\n$/)
      expect(service.said.err).toMatch(said.no)
      expect(await contents(data)).toEqual(before)
      return
    }
    const ended = service.code.then((code) =>
      expect.fail(`ended with ${code}: ${service.said.err}`),
    )
    ended.catch(() => {})
    await Promise.race([service.up(), ended])
    if (said.yes === null) expect(service.said.err).toBe('')
    else await until(() => service.said.err !== '')
    if (said.yes !== null) expect(service.said.err).toMatch(said.yes)
    expect(service.said.err).toMatch(/^([^\n]+\n)?$/)
    // By the keys that the first start made.
    const now: Bootstrap = JSON.parse(await readFile(join(data, 'bootstrap.json'), 'utf8'))
    const { text } = await http(`${now.https}/oauth2/introspect`, {
      ca: await readFile(now.ca, 'utf8'),
      method: 'POST',
      bearer: known.device.apiKey,
      form: { token: known.apiKey },
    })
    expect(JSON.parse(text)).toMatchObject({ active: true, username: 'admin' })
    service.child.kill('SIGINT')
    expect(await service.code).toBe(0)
  })
})
