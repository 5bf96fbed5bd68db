/** Another user of the machine, who looks for what a service of ours left open: as uid 65534, which owns
 * nothing. Needs root, to become that user, and Linux, to see what there is. */
import { execFile } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { SignatureV4 } from '@smithy/signature-v4'

const NOBODY = 65_534

export const canIntrude = process.platform === 'linux' && process.getuid?.() === 0
if (!canIntrude)
  process.stderr.write('Not root: whether other users get in is not tested (uid 65534 is needed)\n')

type Credentials = { readonly accessKeyId: string; readonly secretAccessKey: string }
type Listener = { readonly host: string; readonly port: number; readonly pid: number }
type Found = { readonly what: string; readonly answer: string }

/** A process and all that it started. */
export const familyOf = (pid: number): number[] => {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), parentOf(Number(name))] as const)
  const family = parents.some(([one]) => one === pid) ? [pid] : []
  for (const one of family)
    family.push(...parents.filter(([, parent]) => parent === one).map(([child]) => child))
  return family
}

/** Listeners of processes: those in our network, and those in one of their own. */
export const listenersOf = (pids: readonly number[]) => {
  const ours = networkOf(process.pid)
  return {
    // Also of a process that is in a network of its own, but was handed a listener of ours.
    shared: pids.flatMap((pid) => tcpOf(pid, process.pid)),
    apart: pids.filter((pid) => networkOf(pid) !== ours).flatMap((pid) => tcpOf(pid, pid)),
    /** Names in the file system, and abstract ones (`@`), of Unix sockets. */
    unix: [...new Set(pids.flatMap(unixOf))],
  }
}

/** Asks each listener, as the other user, for all that AWS or Lambda would do. @returns what got a 2xx. */
export const intrude = async (
  listeners: readonly Listener[],
  guesses: readonly Credentials[] = GUESSES,
): Promise<Found[]> => {
  const asked = listeners.map(async ({ host, port }) => {
    const authority = `${host}:${port}`
    const requests = await Promise.all([
      ...UNSIGNED,
      ...guesses.flatMap((as) => WISHES.map((wish) => signed(wish, authority, as))),
    ])
    return requests.map((request) => ({ host, port, ...request }))
  })
  const answers: Found[] = JSON.parse(await asNobody(ASK, (await Promise.all(asked)).flat()))
  return answers.filter(({ answer }) => /^2\d\d /.test(answer))
}

/** @returns what of these files, and of all that is in these folders, the other user can read. */
export const readable = async (paths: readonly string[]): Promise<string[]> =>
  JSON.parse(await asNobody(READ, paths))

/** @returns to which of these Unix sockets the other user can connect. */
export const reachable = async (sockets: readonly string[]): Promise<string[]> =>
  JSON.parse(await asNobody(CONNECT, sockets))

/** @returns whether the other user gets into the network of a process. */
export const entersNetworkOf = async (pid: number): Promise<boolean> =>
  JSON.parse(await asNobody(ENTER, pid))

// ---------------------------------------------------------------------------------------------

const GUESSES = [
  { accessKeyId: 'test', secretAccessKey: 'test' },
  {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  },
]

type Wish = {
  readonly service: string
  readonly target?: string
  readonly path?: string
  readonly body: object
}
const KEY = { pk: { S: 'T#1' }, sk: { S: 'META' } }
const dynamo = (operation: string, body: object): Wish => ({
  service: 'dynamodb',
  target: `DynamoDB_20120810.${operation}`,
  body,
})
const WISHES: readonly Wish[] = [
  dynamo('ListTables', {}),
  dynamo('Scan', { TableName: 'keyharbor' }),
  dynamo('GetItem', { TableName: 'keyharbor', Key: KEY }),
  dynamo('PutItem', { TableName: 'keyharbor', Item: { ...KEY, roles: { SS: ['FULL_ADMIN'] } } }),
  {
    service: 'kms',
    target: 'TrentService.GenerateDataKey',
    body: { KeyId: 'alias/keyharbor', KeySpec: 'AES_256' },
  },
  { service: 'kms', target: 'TrentService.DescribeKey', body: { KeyId: 'alias/keyharbor' } },
  { service: 'execute-api', path: '/prod/%40connections/AAAAAAAAAAAAAAA%3D', body: {} },
]

type Request = {
  readonly what: string
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}
const UNSIGNED: readonly Request[] = [
  ...WISHES.map(({ target = '', path = '/', body }) => ({
    what: `${target || path}, unsigned`,
    method: 'POST',
    path,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target },
    body: JSON.stringify(body),
  })),
  // Lambda's Runtime API: an event, and an answer in its place.
  {
    what: 'an event',
    method: 'GET',
    path: '/2018-06-01/runtime/invocation/next',
    headers: {},
    body: '',
  },
  {
    what: 'an outcome',
    method: 'POST',
    path: '/2018-06-01/runtime/invocation/1/response',
    headers: {},
    body: '{}',
  },
]

/** As the SDK hashes. */
class Sha256 {
  readonly #hash
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret))
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytes(data))
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }
  reset(): void {}
}
const bytes = (data: string | ArrayBuffer | ArrayBufferView): Buffer =>
  typeof data === 'string'
    ? Buffer.from(data)
    : ArrayBuffer.isView(data)
      ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
      : Buffer.from(data)

const signed = async (wish: Wish, authority: string, as: Credentials): Promise<Request> => {
  const { service, target, path = '/', body } = wish
  const signer = new SignatureV4({ service, region: 'us-east-1', credentials: as, sha256: Sha256 })
  const text = JSON.stringify(body)
  const [hostname = '', port] = authority.split(':')
  const { headers } = await signer.sign({
    method: 'POST',
    protocol: 'http:',
    hostname,
    port: Number(port),
    path,
    headers: {
      host: authority,
      'content-type': 'application/x-amz-json-1.0',
      ...(target !== undefined && { 'x-amz-target': target }),
    },
    body: text,
  })
  return {
    what: `${target ?? path}, as ${as.accessKeyId}`,
    method: 'POST',
    path,
    headers,
    body: text,
  }
}

/** Runs a script as the other user. It gets the task, and prints JSON. */
const asNobody = (script: string, task: unknown): Promise<string> =>
  new Promise((resolve, reject) => {
    const args = ['--input-type=module', '--eval', script]
    const as = { uid: NOBODY, gid: NOBODY, cwd: '/', env: { PATH: process.env.PATH } }
    const child = execFile(process.execPath, args, { ...as, maxBuffer: 1e8 }, (error, stdout) => {
      if (error === null) resolve(stdout)
      else reject(error)
    })
    child.stdin?.end(JSON.stringify(task))
  })

const TASK = `
  import { readFileSync } from 'node:fs'
  if (process.getuid() !== ${NOBODY} || process.getgroups().some((id) => id === 0)) throw new Error('not nobody')
  const task = JSON.parse(readFileSync(0, 'utf8'))
`
const ASK = `${TASK}
  import http from 'node:http'
  import https from 'node:https'
  const ask = (module, { host, port, what, method, path, headers, body }) => new Promise((done) => {
    const end = (answer) => done({ what: what + ' at ' + host + ':' + port, answer })
    const options = { host, port, method, path, headers, timeout: 60000, agent: false, rejectUnauthorized: false }
    const asked = module.request(options, (reply) => {
      let text = ''
      reply.setEncoding('utf8').on('data', (part) => { text += part })
      reply.on('end', () => end(reply.statusCode + ' ' + text.slice(0, 300)))
      reply.on('error', (error) => end(error.code))
    })
    asked.on('timeout', () => asked.destroy(new Error('waited')))
    asked.on('error', (error) => end(String(error.code ?? error.message)))
    asked.end(body)
  })
  const answers = []
  for (const one of task) answers.push(await ask(http, one), await ask(https, one))
  process.stdout.write(JSON.stringify(answers))
`
const READ = `${TASK}
  import { readdirSync, statSync } from 'node:fs'
  const can = []
  const walk = (path) => {
    try {
      if (statSync(path).isDirectory()) for (const name of readdirSync(path)) walk(path + '/' + name)
      else if (readFileSync(path).length > 0) can.push(path)
    } catch {}
  }
  for (const path of task) walk(path)
  process.stdout.write(JSON.stringify(can))
`
const CONNECT = `${TASK}
  import { connect } from 'node:net'
  const opens = (path) => new Promise((done) => {
    const socket = connect(path)
    socket.on('connect', () => { socket.destroy(); done(true) })
    socket.on('error', () => done(false))
  })
  const can = []
  for (const path of task) if (await opens(path)) can.push(path)
  process.stdout.write(JSON.stringify(can))
`
const ENTER = `${TASK}
  import { spawnSync } from 'node:child_process'
  const { status } = spawnSync('nsenter', ['-t', String(task), '-n', 'true'])
  process.stdout.write(String(status === 0))
`

const parentOf = (pid: number): number => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return 0
  }
}

const networkOf = (pid: number): string => readlinkSync(`/proc/${pid}/ns/net`)

/** Numbers of the sockets that a process holds. */
const inodesOf = (pid: number): Set<string> => {
  const folder = `/proc/${pid}/fd`
  const links = readdirSync(folder).flatMap((name) => {
    try {
      return [readlinkSync(join(folder, name))]
    } catch {
      return []
    }
  })
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []))
}

const rowsOf = (pid: number, table: string): string[][] =>
  readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))

/** proc(5): the address in hexadecimal, each word in the order of this machine; 0A is LISTEN. */
const tcpOf = (pid: number, within: number): Listener[] => {
  const inodes = inodesOf(pid)
  return ['tcp', 'tcp6'].flatMap((table) =>
    rowsOf(within, table)
      .filter((row) => row[3] === '0A' && inodes.has(row[9] ?? ''))
      .map(([, local = '']) => {
        const [address = '', port = ''] = local.split(':')
        const v4 = Buffer.from(address, 'hex').reverse().join('.')
        const host = table === 'tcp' ? v4.replace('0.0.0.0', '127.0.0.1') : '::1'
        return { host, port: Number.parseInt(port, 16), pid }
      }),
  )
}

const unixOf = (pid: number): string[] => {
  const inodes = inodesOf(pid)
  return rowsOf(pid, 'unix').flatMap((row) => (inodes.has(row[6] ?? '') && row[7] ? [row[7]] : []))
}
