/** Gateways as child processes: found or not, on ports of their own, gone when the test is over. */
import { accessSync, constants } from 'node:fs'
import { createServer } from 'node:http'
import { delimiter, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { listen } from '../../local/listen.ts'
import { endWatched, spawnWatched } from '../../tools/programs/watched.ts'
import { until } from '../local/kit.ts'
import { canConnect } from './toy.ts'

/** @returns the path of a program; null where it isn't installed. */
export const find = (program: string, folders: readonly string[] = []): string | null => {
  const paths = [...folders, ...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
  return paths.map((folder) => join(folder, program)).find(isExecutable) ?? null
}

export type Ports = readonly [number, number]

type Run = {
  readonly folder: string
  readonly env?: Readonly<Record<string, string>>
  /** Writes the configuration for these ports. */
  readonly prepare: (ports: Ports) => Promise<void>
}

/** Starts a program on free ports, and returns when it takes connections. It ends with the test.
 * @throws Error with what it said, if it ended by itself. */
export const run = async (command: readonly string[], options: Run): Promise<Ports> => {
  // None of these programs chooses a port itself, and one that was free may be gone a moment later.
  for (let attempt = 1; ; attempt++) {
    const ports = await freePorts()
    await options.prepare(ports)
    const said = await start(command, ports, options)
    if (said === null) return ports
    if (attempt === 3 || !/in use/i.test(said)) throw new Error(`${command[0]} ended:\n${said}`)
  }
}

/** Two ports that nobody listens on. */
export const freePorts = async (): Promise<Ports> => {
  const servers = [createServer(), createServer()] as const
  const [one, two] = await Promise.all(servers.map((server) => listen(server, 0, '127.0.0.1')))
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
  return [one ?? 0, two ?? 0]
}

// ---------------------------------------------------------------------------------------------

/** @returns what it said, if it ended. */
const start = async (
  [program = '', ...args]: readonly string[],
  ports: Ports,
  { folder, env = {} }: Run,
): Promise<string | null> => {
  const child = spawnWatched(program, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  const read = (part: Buffer): void => {
    said += part
  }
  child.stdout?.on('data', read)
  child.stderr?.on('data', read)
  const ended = new Promise<string>((done) => child.once('close', () => done(said)))
  onTestFinished(async () => {
    await endWatched(child)
    await ended
  })
  await until(async () => {
    const taken = await Promise.all(ports.map(canConnect))
    return child.exitCode !== null || taken.every((one) => one)
  })
  return child.exitCode === null ? null : ended
}

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
