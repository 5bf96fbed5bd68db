/** Other programs: run to their end, or kept running until they are stopped. Nothing of them stays behind. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, closeSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { http } from '../../local/client.ts'
import { listen } from '../../local/listen.ts'
import { UserError } from '../../local/user-error.ts'
import type { Closers } from './tell.ts'
import { endWatched, NOT_FOUND, spawnWatched } from './watched.ts'

type How = {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  /** File that output goes to; by default it goes to the terminal. */
  readonly log?: string
}

/** Runs a program to its end. @returns its exit code. @throws UserError when there is no such program. */
export const run = async (
  closers: Closers,
  command: string,
  args: readonly string[],
  how: How = {},
): Promise<number> => {
  const child = start(closers, command, args, how)
  const [code] = await once(child, 'exit')
  if (code === NOT_FOUND) throw absent(command)
  return code ?? 1
}

/** Like {@link run}. @throws UserError with the end of the output when the program fails. */
export const must = async (
  closers: Closers,
  command: string,
  args: readonly string[],
  how: How & { readonly log: string },
): Promise<void> => {
  const code = await run(closers, command, args, how)
  if (code !== 0 && !closers.closing())
    throw new UserError(`${command} ${args.join(' ')} ended with ${code}:\n${tail(how.log)}`)
}

/** Starts a server, and returns once `url` answers anything. @throws UserError if it ends before that. */
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
  const child = start(closers, command, args, how)
  for (const deadline = Date.now() + READY_MS; Date.now() < deadline; ) {
    const asked = http(url, ca === undefined ? {} : { ca })
    const answered = asked.then(
      () => true,
      () => pause(200, false),
    )
    if (await Promise.race([answered, pause(2000, false)])) return
    if (child.exitCode === NOT_FOUND) throw absent(command)
    if (child.exitCode !== null || child.signalCode !== null)
      throw new UserError(
        `${command} ended with ${child.exitCode ?? child.signalCode}:\n${tail(log)}`,
      )
  }
  throw new UserError(
    `${command} didn't answer at ${url} within ${READY_MS / 1000} s:\n${tail(log)}`,
  )
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

const start = (
  closers: Closers,
  command: string,
  args: readonly string[],
  { cwd, env, log }: How,
): ChildProcess => {
  // A script that was interrupted while a program ran goes on as if that had ended.
  if (closers.closing()) throw new UserError('interrupted')
  if (log !== undefined) appendFileSync(log, `\n$ ${command} ${args.join(' ')}\n`)
  const output = log === undefined ? 'inherit' : openSync(log, 'a')
  const child = spawnWatched(command, args, {
    ...(cwd !== undefined && { cwd }),
    env: { ...process.env, ...env },
    stdio: ['ignore', output, output],
  })
  if (typeof output === 'number') closeSync(output)
  closers.add(() => endWatched(child))
  return child
}

const absent = (command: string): UserError =>
  new UserError(`There is no program ${command} here: install it, or put it on the PATH`)

const READY_MS = 300_000
