/** `npm start` as a person meets it: a process, its words and its exit code. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Bootstrap } from '../../local/bootstrap.ts'
import { connect } from '../../local/client.ts'
import { listen } from '../../local/listen.ts'
import { folder } from './kit.ts'
import { run } from './process-kit.ts'

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

describe('a password', () => {
  const stop = async ({ child, code }: ReturnType<typeof run>): Promise<void> => {
    child.kill('SIGINT')
    expect(await code).toBe(0)
  }
  const loginBy = async ({ wss, ca, username, password }: Bootstrap): Promise<string> => {
    const rpc = await connect(wss, { ca: await readFile(ca, 'utf8') })
    const login = { mechanism: 'PASSWORD_PLAIN', username: `${username}@demo`, password }
    const answer = await rpc.call<{ response_type: string }>('auth.login_ex', login)
    rpc.close()
    return answer.response_type
  }

  it('that is lost with bootstrap.json is not made up, and --reset-admin gives another', async () => {
    const data = await folder()
    const file = join(data, 'bootstrap.json')
    const read = async (): Promise<Bootstrap & { note?: string }> =>
      JSON.parse(await readFile(file, 'utf8'))
    const first = run(data)
    await first.up()
    const before = await read()
    await stop(first)

    const cut = (await readFile(file, 'utf8')).slice(0, 400)
    await writeFile(file, cut)
    const second = run(data)
    await second.up()
    const without = await read()
    expect(Object.keys(without).sort()).toEqual(
      'ca http https note operatorToken tenant username ws wss'.split(' '),
    )
    expect(without.note).toContain('npm start -- --reset-admin gives a new password')
    expect(await readFile(`${file}.damaged`, 'utf8')).toBe(cut)
    expect(await loginBy({ ...without, password: before.password })).toBe('SUCCESS')
    await stop(second)

    const third = run(data, {}, ['--reset-admin'])
    await third.up()
    const after = await read()
    expect(third.said.out).toContain(
      `The password of admin is ${after.password} from now on, without a second factor.`,
    )
    expect(await loginBy(after)).toBe('SUCCESS')
    expect(await loginBy({ ...after, password: before.password })).toBe('AUTH_ERR')
    await stop(third)

    // And stays, as it is.
    const fourth = run(data)
    await fourth.up()
    expect((await read()).password).toBe(after.password)
    await stop(fourth)
  })
})

it('says what it can be told, and starts nothing', async () => {
  const data = join(await folder(), 'none')
  const { said, code } = run(data, {}, ['--help'])
  expect(await code).toBe(0)
  expect(said.out).toContain('--bundled')
  expect(existsSync(data)).toBe(false)
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

  it('says which flag it does not know, and which there are', async () => {
    const { said, code } = run(await folder(), {}, ['--bundle'])
    expect(await code).toBe(1)
    expect(said.out).toBe('')
    expect(said.err).toContain("Unknown option '--bundle'")
    expect(said.err).toContain('Usage: npm start -- [flags]')
  })

  it('says in one line that the folder is in use, and leaves the other alone', async () => {
    const data = await folder()
    const first = run(data)
    await first.up()
    expect(await refused(data)).toContain(`(process ${first.child.pid})`)
    const { http } = JSON.parse(await readFile(join(data, 'bootstrap.json'), 'utf8'))
    expect((await fetch(`${http}/healthz`)).status).toBeLessThan(500)
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
    expect(await refused(data)).toContain('dynamo.db is emptied or damaged')
    await writeFile(join(data, 'dynamo.db'), 'SQLite format 3\0, and nothing of the kind behind it')
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
