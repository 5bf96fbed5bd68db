/**
 * DynamoDB as a process of our own: the dynoxide binary, on disk, where only we can reach it, behind a
 * door on a loopback port (`dynamo-door.mjs`) that lets in what is signed by whom we trust. It is started
 * again when it dies, and it never outlives us, not even when we are killed.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer, type Server } from 'node:net'
import { delimiter, dirname, join } from 'node:path'
import type { Trust } from './credentials.ts'
import { isThere, writeDurably } from './durable.ts'
import type { News, Task } from './dynamo-door.mjs'
import { log } from './log.ts'
import { findNamespace } from './namespace.ts'
import { UserError } from './user-error.ts'

const VERSION = '1.2.1'
const DOOR = join(import.meta.dirname, 'dynamo-door.mjs')
/** What a file begins with (`dynamo-empty.sql`). */
const EMPTY = join(import.meta.dirname, 'dynamo-empty.db')
/** Starts, each at another port, after which a process that ends at once is a failure. */
const LAUNCHES = 3
/** What the door has for its end and dynoxide's, before it is killed. */
const CLOSE_MS = 3000

type DynamoOptions = {
  /** Who may ask. */
  readonly trust: Trust
  /** File of the table; none: in memory. */
  readonly file?: string
  /** Told when it died and won't be started again. */
  readonly onLost?: (reason: string) => void
  /** What puts a program into a network of its own; null: nothing does. Default: what is found. */
  readonly namespace?: readonly string[] | null
}

export const startDynamo = async (options: DynamoOptions) => {
  const { trust, file, onLost, namespace = await findNamespace() } = options
  const program = findBinary()
  if (file !== undefined && !(await isThere(file))) await writeDurably(file, await readFile(EMPTY))
  const task = { program, file: file ?? null, trust }
  const { door, port, pid } = await launch(namespace, task)
  let current = pid
  let stopping = false
  let held = (): void => {}

  door.on('message', (news: News) => {
    if ('pid' in news) current = news.pid
    if (news.kind === 'restarted') log.error('the DynamoDB process died, and is started again')
    if (news.kind === 'held') held()
    if (news.kind === 'lost') onLost?.('the DynamoDB process keeps dying')
  })
  door.once('exit', () => {
    if (stopping) return
    // Nobody else is to get what is still sent there.
    createServer((socket) => socket.destroy())
      .on('error', () => {})
      .listen(port, '127.0.0.1')
      .unref()
    onLost?.('the door of DynamoDB died')
  })

  return {
    endpoint: `http://127.0.0.1:${port}${trust.path}`,
    /** Of dynoxide. */
    pid: (): number => current,
    /** Keeps writes back, not reads. @returns once none is under way. */
    hold: (): Promise<void> =>
      new Promise((done) => {
        const others = held
        held = () => {
          others()
          done()
        }
        if (door.connected) door.send('hold')
      }),
    /** Lets them go on. */
    release(): void {
      held = () => {}
      if (door.connected) door.send('release')
    },
    async close(): Promise<void> {
      stopping = true
      await end(door)
    },
  }
}

// ---------------------------------------------------------------------------------------------

type Address = Pick<Task, 'host' | 'port'>

/** Where nobody else is. */
const INSIDE: Address = { host: '127.0.0.1', port: 8000 }

/**
 * dynoxide lets any web page in that finds it (CORS `*`). In a network that it shares it listens at least
 * on one of the 16 million loopback addresses that Linux has.
 */
const hiddenAddress = async (): Promise<Address> => {
  const [a = 0, b = 0, c = 0] = randomBytes(3)
  const host = `127.${a}.${b}.${Math.max(2, Math.min(c, 254))}`
  try {
    return { host, port: await freePort(host) }
  } catch {
    // Elsewhere there is one only, and the port is all that is to be guessed.
    return { host: '127.0.0.1', port: await freePort('127.0.0.1') }
  }
}

type Launched = { readonly door: ChildProcess; readonly port: number; readonly pid: number }

/** Another process may take the port of a shared network before dynoxide does: then anew. */
const launch = async (
  namespace: readonly string[] | null,
  task: Omit<Task, keyof Address>,
): Promise<Launched> => {
  for (let tries = 1; ; tries++) {
    const address = namespace === null ? await hiddenAddress() : INSIDE
    const listener = await listening('127.0.0.1')
    const port = portOf(listener)
    const door = openDoor(namespace ?? [])
    // It has the listener then. From here to there it is nobody's to have.
    door.send({ ...task, ...address } satisfies Task, listener, () => listener.close())
    const news = await firstNews(door)
    if (news.kind === 'ready') return { door, port, pid: news.pid }
    await end(door)
    if (news.kind !== 'failed' || !news.ended || tries === LAUNCHES)
      throw new UserError(
        'The DynamoDB process did not start: if the data folder is damaged or full, mend that or set KEYHARBOR_DATA to another one',
      )
  }
}

/** Detached: Ctrl-C at the terminal is for us alone to hand on. Its environment is empty but for what
 * programs and temporary files are found by. */
const openDoor = (namespace: readonly string[]): ChildProcess => {
  const [execPath = '', ...execArgv] = [...namespace, process.execPath]
  const { PATH, TMPDIR } = process.env
  const door = fork(DOOR, [], {
    execPath,
    execArgv,
    env: { PATH, TMPDIR },
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  door.on('error', () => {})
  return door
}

const firstNews = async (door: ChildProcess): Promise<News> => {
  const gone = new AbortController()
  const ended = once(door, 'exit', { signal: gone.signal }).then(
    (): News => ({ kind: 'failed', ended: true }),
  )
  ended.catch(() => {})
  const news = once(door, 'message', { signal: gone.signal }).then(([said]) => said as News)
  news.catch(() => {})
  try {
    return await Promise.race([news, ended])
  } finally {
    gone.abort()
  }
}

const listening = async (host: string): Promise<Server> => {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  return server
}

const portOf = (server: Server): number => {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

/** A port that was free a moment ago: dynoxide can't be given port 0. */
const freePort = async (host: string): Promise<number> => {
  const server = await listening(host)
  const port = portOf(server)
  server.close()
  await once(server, 'close')
  return port
}

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
  throw new UserError(
    `There is no DynamoDB to run here: install its program with "npm install --no-save ${name}@${VERSION}" or put "dynoxide" on the PATH, or set AWS_ENDPOINT_URL_DYNAMODB to a DynamoDB that runs already`,
  )
}

const executable = (path: string): string => {
  accessSync(path, constants.X_OK)
  return path
}

const end = async (door: ChildProcess): Promise<void> => {
  if (door.exitCode !== null || door.signalCode !== null) return
  const gone = new Promise((resolve) => door.once('exit', resolve))
  if (door.connected) door.disconnect()
  const hurry = setTimeout(() => door.kill('SIGKILL'), CLOSE_MS)
  await gone
  clearTimeout(hurry)
}
