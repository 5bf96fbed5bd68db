// @ts-check
/**
 * The door of the embedded DynamoDB, which checks no signature itself: a process in a network of its own
 * with it, that is given a listener from outside. It lets in what is signed by whom we trust, starts
 * dynoxide anew when that dies, and ends with who started it. Plain JavaScript, to be there at once.
 */
import { spawn } from 'node:child_process'
import { Agent, createServer, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { createVerifier } from './signature.mjs'

/** DynamoDB's largest request is 16 MB. */
const BODY_BYTES = 17 * 1024 * 1024
const READY_WITHIN_MS = 10_000
/** Deaths in a row, without having answered in between, after which it isn't started again. */
const DEATHS = 5

/**
 * @typedef {object} Task
 * @property {string} program path of dynoxide.
 * @property {string | null} file of the table; null: in memory.
 * @property {string} host
 * @property {number} port where dynoxide is to listen.
 * @property {import('./signature.mjs').Trust} trust
 */

/** What we say. `failed`: it never answered, and `ended` or not; `restarted`: it had died; `lost`: it
 * keeps dying; `held`: nobody writes, until we are told `release`.
 * @typedef {{ kind: 'ready' | 'restarted', pid: number } | { kind: 'lost' | 'held' }
 *   | { kind: 'failed', ended: boolean }} News */

/** @type {(news: News) => void} */
const tell = (news) => {
  // Who is gone needs no news.
  if (process.connected) process.send?.(news, undefined, undefined, () => {})
}

/**
 * The shell leaves a watcher that waits for the end of a pipe from us, then becomes dynoxide. However
 * we end, the pipe does too.
 */
const WATCHED = '(read -r _ <&3; kill $$) >/dev/null 2>&1 & exec "$@" 3<&-'

/** @typedef {import('node:child_process').ChildProcess} Child */

/** @type {(task: Task) => Child} */
const run = ({ program, host, port, file }) => {
  const address = ['--host', host, '--port', String(port)]
  const args = ['serve', ...address, ...(file === null ? [] : ['--db-path', file])]
  const child = spawn('/bin/sh', ['-c', WATCHED, 'sh', program, ...args], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  child.on('error', () => {})
  // Lets the watcher go at once, before another process may get the number that it would kill.
  child.once('exit', () => child.stdio[3]?.destroy())
  return child
}

/** @type {(child: Child) => boolean} */
const hasEnded = (child) => child.exitCode !== null || child.signalCode !== null

/** @type {(task: Task, child: Child) => Promise<boolean>} whether it answers, in good time. */
const answers = async ({ host, port }, child) => {
  const deadline = Date.now() + READY_WITHIN_MS
  while (!hasEnded(child) && Date.now() < deadline) {
    const signal = AbortSignal.timeout(1000)
    const answer = await fetch(`http://${host}:${port}`, { signal }).catch(() => null)
    await answer?.text()
    if (answer?.ok) return true
    await pause(15)
  }
  return false
}

/** @type {(child: Child) => Promise<void>} */
const end = async (child) => {
  if (hasEnded(child)) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const hurry = setTimeout(() => child.kill('SIGKILL'), 1500)
  await gone
  clearTimeout(hurry)
}

/** What changes nothing. */
const READ = /\.(Get|BatchGet|TransactGet|Query|Scan|Describe|List)\w*$/

/** Lets writes through, or keeps them while a copy is made of the file. */
const createGate = () => {
  let writing = 0
  /** @type {(() => void)[] | null} */
  let kept = null
  let onQuiet = () => {}
  return {
    /** @type {(write: (done: () => void) => void) => void} */
    pass(write) {
      if (kept !== null) return void kept.push(() => this.pass(write))
      writing++
      write(() => {
        writing--
        if (writing === 0) onQuiet()
      })
    },
    /** @type {(then: () => void) => void} once nobody writes. */
    hold(then) {
      kept ??= []
      onQuiet = then
      if (writing === 0) then()
    },
    release() {
      const waiting = kept ?? []
      kept = null
      onQuiet = () => {}
      for (const go of waiting) go()
    },
  }
}

/** Takes what is signed to dynoxide, which needs the rest of the request only.
 * @type {(task: Task, gate: ReturnType<typeof createGate>) => import('node:http').RequestListener} */
const door = ({ host, port, trust }, gate) => {
  const verify = createVerifier(trust)
  const agent = new Agent({ keepAlive: true })

  /** @type {(from: import('node:http').IncomingMessage, body: Buffer, to: import('node:http').ServerResponse, done?: () => void) => void} */
  const handOn = ({ headers }, body, to, done = () => {}) => {
    const kept = ['content-type', 'x-amz-target', 'x-amz-date', 'authorization']
    const others = Object.fromEntries(kept.map((name) => [name, String(headers[name])]))
    const options = { host, port, agent, method: 'POST' }
    const asked = request(
      { ...options, headers: { ...others, 'content-length': body.length } },
      (reply) => {
        /** @type {Buffer[]} */
        const parts = []
        reply.on('data', (part) => parts.push(part))
        reply.on('error', () => to.destroy())
        reply.on('end', () =>
          answer(to, reply.statusCode ?? 500, Buffer.concat(parts), amazons(reply.headers)),
        )
      },
    )
    // The SDK tries again.
    asked.on('error', () => to.destroy())
    asked.once('close', done)
    asked.end(body)
  }

  return (from, to) => {
    /** @type {Buffer[]} */
    const parts = []
    let length = 0
    from.on('error', () => to.destroy())
    from.on('data', (part) => {
      parts.push(part)
      length += part.length
      if (length > BODY_BYTES) to.destroy()
    })
    from.on('end', () => {
      const body = Buffer.concat(parts)
      if (from.method !== 'POST' || verify(from, body)?.path !== '/')
        answer(to, 403, Buffer.from('{"__type":"UnrecognizedClientException"}'))
      else if (READ.test(String(from.headers['x-amz-target']))) handOn(from, body, to)
      else
        gate.pass((done) => {
          // Who has given up meanwhile asks again.
          if (to.destroyed) done()
          else handOn(from, body, to, done)
        })
    })
  }
}

/** @typedef {import('node:http').IncomingHttpHeaders} Headers */

/** Not the others, which let any web page read the answer.
 * @type {(headers: Headers) => Headers} */
const amazons = (headers) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('x-amz')))

/** @type {(to: import('node:http').ServerResponse, status: number, body: Buffer, more?: Headers) => void} */
const answer = (to, status, body, more = {}) => {
  const type = { 'content-type': 'application/x-amz-json-1.0', 'content-length': body.length }
  to.writeHead(status, { ...more, ...type })
  to.end(body)
}

/** @type {(task: Task, listener: import('node:net').Server) => Promise<void>} */
const serve = async (task, listener) => {
  let child = run(task)
  let deaths = 0
  process.once('disconnect', async () => {
    await end(child)
    process.exit()
  })

  /** @type {(current: Child) => void} */
  const guard = (current) => {
    current.once('exit', () => {
      deaths++
      if (!process.connected) return
      if (deaths > DEATHS) return tell({ kind: 'lost' })
      const started = run(task)
      child = started
      tell({ kind: 'restarted', pid: started.pid ?? 0 })
      guard(started)
      answers(task, started).then((ready) => {
        if (ready) deaths = 0
        else started.kill('SIGKILL')
      })
    })
  }

  if (!(await answers(task, child))) {
    const ended = hasEnded(child)
    await end(child)
    tell({ kind: 'failed', ended })
    return process.disconnect?.()
  }
  guard(child)
  const gate = createGate()
  process.on('message', (asked) => {
    if (asked === 'hold') gate.hold(() => tell({ kind: 'held' }))
    else if (asked === 'release') gate.release()
  })
  const server = createServer(door(task, gate))
  // One that a client keeps open must be open when it is used again.
  server.keepAliveTimeout = 0
  server.listen(listener, () => tell({ kind: 'ready', pid: child.pid ?? 0 }))
}

process.once('message', (task, listener) =>
  serve(/** @type {Task} */ (task), /** @type {import('node:net').Server} */ (listener)),
)
