/**
 * DynamoDB as a process of our own: the dynoxide binary, on disk, on a loopback port. It is started
 * again when it dies, and it never outlives us, not even when we are killed.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { accessSync, constants } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { isThere, writeDurably } from './durable.ts'
import { emptyDynamoFile } from './dynamo-file.ts'
import { Trouble } from './trouble.ts'

const VERSION = '1.2.1'
const READY_WITHIN_MS = 10_000
/** Starts, each at another port, after which a process that ends at once is a failure. */
const LAUNCHES = 3
/** Deaths in a row, without having answered in between, after which it isn't started again. */
const DEATHS = 5

type DynamoOptions = {
  /** File of the table; none: in memory. */
  readonly file?: string
  /** Told when it died and won't be started again. */
  readonly onLost?: (reason: string) => void
}

export const startDynamo = async ({ file, onLost }: DynamoOptions) => {
  const binary = findBinary()
  if (file !== undefined && !(await isThere(file))) await writeDurably(file, emptyDynamoFile())
  const first = await launch(binary, file)
  const { endpoint, args } = first
  let { child } = first
  let stopping = false
  let deaths = 0

  const guard = (current: ChildProcess): void => {
    current.once('exit', () => {
      if (stopping) return
      deaths++
      if (deaths > DEATHS) return onLost?.('the DynamoDB process keeps dying')
      process.stderr.write('The DynamoDB process died; starting it again\n')
      child = run(binary, args)
      guard(child)
      answers(endpoint, child).then(
        () => {
          deaths = 0
        },
        () => child.kill('SIGKILL'),
      )
    })
  }

  guard(child)

  return {
    endpoint,
    pid: (): number | undefined => child.pid,
    async close(): Promise<void> {
      stopping = true
      await end(child)
    },
  }
}

// ---------------------------------------------------------------------------------------------

/**
 * dynoxide lets any web page in that finds it (CORS `*`, no check of signatures). So it listens where
 * none can look: on one of the 16 million loopback addresses that Linux has.
 */
const hiddenPlace = async () => {
  const [a = 0, b = 0, c = 0] = randomBytes(3)
  const host = `127.${a}.${b}.${Math.max(2, Math.min(c, 254))}`
  try {
    return { host, port: await freePort(host) }
  } catch {
    // Elsewhere there is one only, and the port is all that is to be guessed.
    return { host: '127.0.0.1', port: await freePort('127.0.0.1') }
  }
}

/** Starts it at a place that is free. Another process may take the port in between: then anew. */
const launch = async (binary: string, file: string | undefined) => {
  for (let tries = 1; ; tries++) {
    const { host, port } = await hiddenPlace()
    const endpoint = `http://${host}:${port}`
    const args = ['serve', '--host', host, '--port', String(port)]
    if (file !== undefined) args.push('--db-path', file)
    const child = run(binary, args)
    try {
      await answers(endpoint, child)
      return { child, endpoint, args }
    } catch (error) {
      const ended = child.exitCode !== null || child.signalCode !== null
      await end(child)
      if (!ended || tries === LAUNCHES) throw error
    }
  }
}

/** A port that was free a moment ago: dynoxide can't be given port 0. */
const freePort = (host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, host, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })

const findBinary = (): string => {
  const name = `@dynoxide/${process.platform}-${process.arch}`
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`)
    return executable(join(dirname(manifest), 'dynoxide'))
  } catch {
    for (const folder of (process.env.PATH ?? '').split(delimiter)) {
      try {
        return executable(join(folder, 'dynoxide'))
      } catch {}
    }
  }
  throw new Trouble(
    `There is no DynamoDB to run here: install its program with "npm install --no-save ${name}@${VERSION}" or put "dynoxide" on the PATH, or set AWS_ENDPOINT_URL_DYNAMODB to a DynamoDB that runs already`,
  )
}

const executable = (path: string): string => {
  accessSync(path, constants.X_OK)
  return path
}

/**
 * The shell leaves a watcher that waits for the end of a pipe from us, then becomes dynoxide. However
 * we end, the pipe does too. Detached: Ctrl-C at the terminal is for us alone to hand on.
 */
const WATCHED = '(cat <&3 >/dev/null 2>&1; kill $$ 2>/dev/null) >/dev/null 2>&1 & exec "$@" 3<&-'

const run = (binary: string, args: readonly string[]): ChildProcess => {
  const child = spawn('/bin/sh', ['-c', WATCHED, 'sh', binary, ...args], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    detached: true,
  })
  child.on('error', () => {})
  // Lets the watcher go at once, before another process may get the number that it would kill.
  child.once('exit', () => child.stdio[3]?.destroy())
  return child
}

const answers = async (endpoint: string, child: ChildProcess): Promise<void> => {
  const deadline = Date.now() + READY_WITHIN_MS
  while (child.exitCode === null && child.signalCode === null && Date.now() < deadline) {
    const answer = await fetch(endpoint, { signal: AbortSignal.timeout(1000) }).catch(() => null)
    await answer?.text()
    if (answer?.ok) return
    await pause(15)
  }
  throw new Trouble(
    'The DynamoDB process did not start: if the data folder is damaged or full, mend that or set KEYHARBOR_DATA to another one',
  )
}

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const hurry = setTimeout(() => child.kill('SIGKILL'), 1500)
  await gone
  clearTimeout(hurry)
}
