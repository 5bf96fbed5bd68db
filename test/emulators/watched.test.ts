/** However a script ends, nothing of what it started stays behind. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { UserError } from '../../local/user-error.ts'
import { must, run } from '../../tools/programs/program.ts'
import { createClosers } from '../../tools/programs/tell.ts'
import { until } from '../local/kit.ts'

const isAlive = async (pid: number): Promise<boolean> => {
  // A zombie, which a container without an init keeps, is dead enough.
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => 'State: Z')
  return !/^State:\s+Z/m.test(status)
}

const folder = async (): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'keyharbor-test-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

/** A script that keeps an emulator, and the processes of that. @param by runs it, as npm does. */
const keep = async (by: readonly string[] = []) => {
  const script = join(import.meta.dirname, 'keeper.ts')
  const [command = '', ...args] = [...by, process.execPath, '--import', 'tsx', script]
  const keeper = spawn(command, args, {
    env: { ...process.env, TMPDIR: await folder(), npm_lifecycle_event: 'test:deploy' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void keeper.kill('SIGKILL'))
  let said = ''
  for await (const part of keeper.stdout) {
    said += part
    if (/up at .*\n/.test(said)) break
  }
  const url = /up at (.*)\n/.exec(said)?.[1] ?? ''
  const pids = (await (await fetch(url)).json()) as number[]
  onTestFinished(() => {
    for (const pid of pids)
      try {
        process.kill(pid, 'SIGKILL')
      } catch {}
  })
  return { keeper, pids }
}

describe.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const)('after %s', (signal) => {
  it('neither the emulator nor what it started is left', async () => {
    const { keeper, pids } = await keep()
    expect(await Promise.all(pids.map(isAlive))).toEqual([true, true])
    const ended = once(keeper, 'exit')
    keeper.kill(signal)
    await ended
    await until(async () => !(await Promise.all(pids.map(isAlive))).includes(true))
  })
})

it('neither is left after SIGKILL of npm', async () => {
  const { keeper, pids } = await keep(['/bin/sh', '-c', '"$@"; true', 'sh'])
  keeper.kill('SIGKILL')
  await until(async () => !(await Promise.all(pids.map(isAlive))).includes(true))
})

it.each(['test:aws', 'test:deploy', 'mutants'])(
  'npm run %s has no shell in between',
  async (name) => {
    const { scripts } = JSON.parse(await readFile('package.json', 'utf8'))
    expect(scripts[name]).toMatch(/^exec node /)
  },
)

it('a script that was interrupted starts nothing more', async () => {
  const closers = createClosers()
  const log = join(await folder(), 'log')
  const first = must(closers, 'sleep', ['600'], { log })
  await closers.close()
  await first
  await expect(run(closers, 'sleep', ['600'], { log })).rejects.toThrow(UserError)
})

it('what a program started ends with it, too', async () => {
  const closers = createClosers()
  const log = join(await folder(), 'log')
  const code = await run(closers, 'sh', ['-c', 'sleep 600 & echo "pid $!"; exit 3'], { log })
  expect(code).toBe(3)
  const pid = Number(/^pid (\d+)$/m.exec(await readFile(log, 'utf8'))?.[1])
  await until(async () => !(await isAlive(pid)))
  await closers.close()
})

it('a program that is not there is named', async () => {
  const closers = createClosers()
  const log = join(await folder(), 'log')
  const started = run(closers, 'no-such-program', [], { log })
  await expect(started).rejects.toThrow('There is no program no-such-program here')
})
