/** What the tests of `local/` share: waiting for something, a folder to throw away, and a gateway with
 * functions of the test's own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { openCertificate } from '../../local/certificate.ts'
import { issueCredentials, type Trust } from '../../local/credentials.ts'
import { startGateway } from '../../local/gateway/gateway.ts'
import { LIMITS, type Limits } from '../../local/gateway/peers.ts'
import { type Handler, lambda } from '../../local/lambda.ts'

/** Ends what never comes, and not what only has to wait for a busy machine. */
const WITHIN_MS = 300_000

/** Asks again and again, until the answer is truthy. Fails after five minutes. */
export const until = async <T>(
  probe: () => T | Promise<T>,
): Promise<Exclude<T, false | null | undefined>> => {
  for (const deadline = Date.now() + WITHIN_MS; ; await new Promise((go) => setTimeout(go, 10))) {
    const answer = await probe()
    if (answer) return answer as Exclude<T, false | null | undefined>
    if (Date.now() > deadline) throw new Error(`not within ${WITHIN_MS} ms: ${probe}`)
  }
}

/** A new folder, removed when the test is over. */
export const folder = async (): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'keyharbor-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

/** Options of an SDK's client that signs as somebody who is trusted. */
export const signing = (trust: Trust) => {
  const issued = issueCredentials(trust)
  return {
    region: 'us-east-1',
    credentials: {
      accessKeyId: issued.AWS_ACCESS_KEY_ID,
      secretAccessKey: issued.AWS_SECRET_ACCESS_KEY,
      sessionToken: issued.AWS_SESSION_TOKEN,
    },
  }
}

/** Standard error, line by line, instead of on the screen. */
export const hushed = (): string[] => {
  const lines: string[] = []
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    lines.push(String(text))
    return true
  })
  onTestFinished(() => spy.mockRestore())
  return lines
}

/** An event, as loosely as a test looks at one. */
// biome-ignore lint/suspicious/noExplicitAny: tests reach into events of three shapes
export type Event = any

type Functions = {
  /** Answers `$default`; what it returns is the whole result. */
  readonly message?: (event: Event) => unknown
  readonly connect?: (event: Event) => unknown
  readonly http?: (event: Event) => unknown
  /** Folder of the site, once it is there. */
  readonly site?: Promise<string>
  readonly limits?: Partial<Limits>
  /** Connections of one address. */
  readonly connectionsPerAddress?: number
  readonly accessLog?: boolean
  /** Time limit of the socket function. */
  readonly seconds?: number
}

/** A gateway on free ports. @returns it, with all events of the socket function so far. */
export const gateway = async (functions: Functions = {}) => {
  const { message, connect, http, site, limits = {}, seconds = 29 } = functions
  const { connectionsPerAddress, accessLog = false } = functions
  const events: Event[] = []
  const socket: Handler = async (event: Event) => {
    events.push(event)
    const { routeKey } = event.requestContext
    if (routeKey === '$connect') return connect?.(event) ?? { statusCode: 200 }
    if (routeKey === '$default' && message !== undefined) return message(event)
    return { statusCode: 200 }
  }
  const started = await startGateway({
    host: '127.0.0.1',
    port: 0,
    httpPort: 0,
    tls: await certificate(),
    socket: lambda('socket', socket, seconds),
    http: {
      $default: lambda('http', async (event: Event) => http?.(event) ?? { statusCode: 200 }, 30),
    },
    site,
    limits: { ...LIMITS, ...limits },
    accessLog,
    ...(connectionsPerAddress !== undefined && { connectionsPerAddress }),
  })
  onTestFinished(() => started.close())
  return {
    ...started,
    events,
    of: (routeKey: string): Event[] =>
      events.filter((event) => event.requestContext.routeKey === routeKey),
  }
}

/** An open client, with what it heard and how it ended. */
export const client = async (url: string, options: object = {}) => {
  const ws = new WebSocket(url, { perMessageDeflate: false, ...options })
  const heard: string[] = []
  ws.on('message', (data) => heard.push(String(data)))
  const closed = new Promise<{ code: number; reason: string }>((done) =>
    ws.once('close', (code, reason) => done({ code, reason: String(reason) })),
  )
  onTestFinished(() => ws.terminate())
  await new Promise<void>((open, fail) => ws.once('open', open).once('error', fail))
  ws.on('error', () => {})
  return { ws, heard, closed }
}

/** Why a handshake was refused: status and body. */
export const refusal = (url: string, options: object = {}) =>
  new Promise<{ status: number; body: string }>((done, fail) => {
    const ws = new WebSocket(url, options)
    ws.on('open', () => fail(new Error('was not refused')))
    ws.on('error', () => {})
    ws.on('unexpected-response', (_request, response) => {
      let body = ''
      response.on('data', (part) => {
        body += part
      })
      response.on('end', () => done({ status: response.statusCode ?? 0, body }))
    })
  })

// ---------------------------------------------------------------------------------------------

let made: Promise<{ cert: string; key: string }> | undefined

/** One for all tests of a file: making one takes a while. */
const certificate = () => {
  made ??= mkdtemp(join(tmpdir(), 'keyharbor-tls-')).then(async (path) => {
    const { cert, key } = await openCertificate(path, '127.0.0.1')
    await rm(path, { recursive: true })
    return { cert, key }
  })
  return made
}
