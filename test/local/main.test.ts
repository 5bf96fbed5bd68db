/** `npm start` as a person meets it: a process, its words and its exit code. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { listen } from '../../local/listen.ts'
import { folder, until } from './kit.ts'

const MAIN = join(import.meta.dirname, '../../local/main.ts')

/** Starts it on free ports, with what it said so far. */
const run = (data: string, env: Record<string, string> = {}) => {
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', MAIN], {
    env: { ...process.env, PORT: '0', HTTP_PORT: '0', KEYHARBOR_DATA: data, ...env },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const said = { out: '', err: '' }
  child.stdout?.on('data', (text) => {
    said.out += text
  })
  child.stderr?.on('data', (text) => {
    said.err += text
  })
  const code = new Promise<number | null>((done) => child.once('close', done))
  return {
    child,
    said,
    code,
    up: () => until(() => said.out.includes('Ctrl-C stops it'), 15_000),
  }
}

describe('a start', () => {
  it('says where everything is, and no secret', async () => {
    const data = await folder()
    const { child, said, code, up } = run(data)
    await up()
    const known = JSON.parse(await readFile(join(data, 'bootstrap.json'), 'utf8'))
    for (const url of [known.https, known.wss, known.http, known.ws])
      expect(said.out).toContain(url)
    expect(said.out).toContain(join(data, 'bootstrap.json'))
    for (const secret of [known.password, known.apiKey, known.device.apiKey, known.operatorToken])
      expect(said.out).not.toContain(secret)
    expect(said.err).toBe('')
    const curl = said.out.slice(said.out.indexOf('  curl ')).split('\n\n')[0] ?? ''
    expect(JSON.parse(await shell(curl))).toMatchObject({ active: true, username: 'admin' })
    child.kill('SIGINT')
    expect(await code).toBe(0)
    expect((await readdir(data)).filter((name) => /^lock|-wal$/.test(name))).toEqual([])
  })

  it('goes on from a kill -9, with the same keys', async () => {
    const data = await folder()
    const first = run(data)
    await first.up()
    const before = JSON.parse(await readFile(join(data, 'bootstrap.json'), 'utf8'))
    first.child.kill('SIGKILL')
    await first.code
    const second = run(data)
    await second.up()
    const after = JSON.parse(await readFile(join(data, 'bootstrap.json'), 'utf8'))
    expect(after.apiKey).toBe(before.apiKey)
    second.child.kill('SIGTERM')
    expect(await second.code).toBe(0)
  })
})

describe('a start that cannot be', () => {
  const refused = async (data: string, env: Record<string, string> = {}): Promise<string> => {
    const { said, code } = run(data, env)
    expect(await code).toBe(1)
    expect(said.out).toBe('')
    expect(said.err).toMatch(/^[^\n]+\n$/)
    return said.err
  }

  it('says in one line that a port is in use', async () => {
    const taken = createServer()
    const port = await listen(taken, 0, '127.0.0.1')
    onTestFinished(() => void taken.close())
    expect(await refused(await folder(), { PORT: String(port) })).toMatch(
      `Port ${port} of 127.0.0.1 is in use`,
    )
  })

  it('says in one line that an option is wrong', async () => {
    expect(await refused(await folder(), { PORT: 'https' })).toBe(
      'PORT must be a port number; it is "https"\n',
    )
  })

  it('says in one line that the folder is in use, and leaves the other alone', async () => {
    const data = await folder()
    const first = run(data)
    await first.up()
    expect(await refused(data)).toContain(`(process ${first.child.pid})`)
    const { http } = JSON.parse(await readFile(join(data, 'bootstrap.json'), 'utf8'))
    expect((await fetch(http)).status).toBeLessThan(500)
  })

  it('says in one line that the folder cannot be written', async () => {
    const file = join(await folder(), 'file')
    await writeFile(file, '')
    expect(await refused(join(file, 'data'))).toContain("can't be written")
  })

  it('says in one line that the table is damaged', async () => {
    const data = await folder()
    await mkdir(data, { recursive: true })
    await writeFile(join(data, 'kms.key'), Buffer.alloc(32, 7))
    await writeFile(join(data, 'dynamo.db'), 'no database at all, whatever its name says')
    expect(await refused(data)).toContain('DynamoDB process did not start')
  })
})

// ---------------------------------------------------------------------------------------------

const shell = (line: string): Promise<string> =>
  new Promise((done) => {
    const child = spawn('/bin/sh', ['-c', line])
    let out = ''
    child.stdout.on('data', (text) => {
      out += text
    })
    child.once('close', () => done(out))
  })
