/** What test runs leave in the temporary folder: nothing. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { folder, until } from './kit.ts'

const KIT = join(import.meta.dirname, '../kit/temporary.ts')

/** A run: it makes a file in a folder of its own, and one beside, and waits. */
const startRun = async (within: string) => {
  const script = `
    import { mkdtempSync, writeFileSync } from 'node:fs'
    import { tmpdir } from 'node:os'
    import { join } from 'node:path'
    import { useTemporaryFolder } from ${JSON.stringify(KIT)}
    if (useTemporaryFolder() !== useTemporaryFolder()) throw new Error('two')
    const at = mkdtempSync(join(tmpdir(), 'keyharbor-'))
    writeFileSync(at + '.outside', 'x')
    process.on('SIGINT', () => process.exit(130))
    process.stdout.write('ready')
    setInterval(() => {}, 1000)`
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script]
  const child: ChildProcess = spawn(process.execPath, args, {
    env: { ...process.env, TMPDIR: within, TSX_DISABLE_CACHE: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await new Promise((done) => child.stdout?.once('data', done))
  const end = (signal: NodeJS.Signals): Promise<unknown> => {
    const gone = new Promise((done) => child.once('exit', done))
    child.kill(signal)
    return gone
  }
  return { end, name: `keyharbor-run-${child.pid}-` }
}

describe('a run', () => {
  it('takes its files with it when it is interrupted', async () => {
    const within = await folder()
    const { end, name } = await startRun(within)
    expect(await readdir(within)).toEqual([expect.stringMatching(`^${name}`)])
    await end('SIGINT')
    expect(await readdir(within)).toEqual([])
  })

  it('takes with it what one left that was killed, and nothing of one that lives', async () => {
    const within = await folder()
    await mkdir(join(within, 'keyharbor-of-somebody'))
    const killed = await startRun(within)
    await killed.end('SIGKILL')
    const living = await startRun(within)
    const names = await readdir(within)
    expect(names.some((name) => name.startsWith(killed.name))).toBe(false)
    await startRun(within)
    expect((await readdir(within)).some((name) => name.startsWith(living.name))).toBe(true)
    expect(existsSync(join(within, 'keyharbor-of-somebody'))).toBe(true)
  })

  it('is this one too', async () => {
    expect(basename(tmpdir())).toMatch(/^keyharbor-run-\d+-/)
    await until(() => existsSync(tmpdir()))
  })
})
