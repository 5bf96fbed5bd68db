/** Other programs: run to their end, or kept running until they are stopped. Both in a process group
 * of their own, so that nothing that they start stays behind. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, closeSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { http } from '../../local/client.ts'
import { listen } from '../../local/listen.ts'
import { codeOf, Trouble } from '../../local/trouble.ts'
import type { Closers } from './tell.ts'

type How = {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  /** File that output goes to; by default it goes to the terminal. */
  readonly log?: string
}

/** Runs a program to its end. @returns its exit code. @throws Trouble when there is no such program. */
export const run = async (
  closers: Closers,
  command: string,
  args: readonly string[],
  how: How = {},
): Promise<number> => {
  const child = start(command, args, how)
  closers.add(() => stop(child))
  const [code] = await Promise.race([once(child, 'exit'), failed(child, command)])
  return code ?? 1
}

/** Like {@link run}. @throws Trouble with the end of the output when the program fails. */
export const must = async (
  closers: Closers,
  command: string,
  args: readonly string[],
  how: How & { readonly log: string },
): Promise<void> => {
  const code = await run(closers, command, args, how)
  if (code !== 0 && !closers.closing())
    throw new Trouble(`${command} ${args.join(' ')} ended with ${code}:\n${tail(how.log)}`)
}

/** Starts a server, and returns once `url` answers anything. @throws Trouble if it ends before that. */
export const serve = async (
  closers: Closers,
  command: string,
  args: readonly string[],
  how: How & {
    readonly log: string
    readonly url: string
    /** PEM of the certificate to trust, where the address is https. */
    readonly ca?: string
  },
): Promise<void> => {
  const { url, ca, log } = how
  const child = start(command, args, how)
  closers.add(() => stop(child))
  const gone = failed(child, command)
  gone.catch(() => {})
  for (const deadline = Date.now() + READY_MS; Date.now() < deadline; ) {
    const asked = http(url, ca === undefined ? {} : { ca })
    const answered = asked.then(
      () => true,
      () => pause(200, false),
    )
    if (await Promise.race([answered, pause(2000, false), gone])) return
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Trouble(
        `${command} ended with ${child.exitCode ?? child.signalCode}:\n${tail(log)}`,
      )
  }
  throw new Trouble(`${command} didn't answer at ${url} within ${READY_MS / 1000} s:\n${tail(log)}`)
}

export const freePort = async (): Promise<number> => {
  const server = createServer()
  const port = await listen(server as never, 0, '127.0.0.1')
  server.close()
  await once(server, 'close')
  return port
}

/** The end of a log, as it is shown with an error. */
export const tail = (log: string, lines = 25): string =>
  readFileSync(log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n')

// ---------------------------------------------------------------------------------------------

const start = (command: string, args: readonly string[], { cwd, env, log }: How): ChildProcess => {
  if (log !== undefined) appendFileSync(log, `\n$ ${command} ${args.join(' ')}\n`)
  const output = log === undefined ? 'inherit' : openSync(log, 'a')
  const child = spawn(command, args, {
    ...(cwd !== undefined && { cwd }),
    env: { ...process.env, ...env },
    stdio: ['ignore', output, output],
    detached: true,
  })
  if (typeof output === 'number') closeSync(output)
  return child
}

const failed = async (child: ChildProcess, command: string): Promise<never> => {
  const [error] = await once(child, 'error')
  throw new Trouble(
    codeOf(error) === 'ENOENT'
      ? `There is no program ${command} here: install it, or put it on the PATH`
      : `${command} can't be started: ${error}`,
  )
}

const READY_MS = 60_000
const GRACE_MS = 8000

/** Asks the whole group to end, then ends it. */
const stop = async (child: ChildProcess): Promise<void> => {
  const { pid } = child
  if (pid === undefined) return
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const deadline = Date.now() + GRACE_MS
    if (!signalGroup(pid, signal)) return
    while (Date.now() < deadline && signalGroup(pid, 0)) await pause(50)
  }
}

/** @returns whether there is anybody in the group. */
const signalGroup = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    process.kill(-pid, signal)
    return true
  } catch {
    return false
  }
}
