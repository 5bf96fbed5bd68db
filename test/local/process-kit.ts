/** `npm start` as a process of its own, for tests of what a person sees of it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { onFreePorts } from '../../tools/programs/service.ts'
import { until } from './kit.ts'

const MAIN = join(import.meta.dirname, '../../local/main.ts')

/** Starts it on free ports, with what it said so far. @param as another user, of that number. */
export const run = (
  data: string,
  env: Record<string, string> = {},
  flags: string[] = [],
  as?: number,
) => {
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', MAIN, ...flags], {
    ...(as !== undefined && { uid: as, gid: as }),
    env: {
      ...process.env,
      ...onFreePorts(data),
      ...env,
    },
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
    up: () => until(() => said.out.includes('Ctrl-C stops it')),
  }
}
