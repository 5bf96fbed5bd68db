/** Who sent a request, and what of it the functions get to see: headers that say where a request came
 * from are ours to write, as an edge's are, and never the viewer's. */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Protocol = 'https' | 'http'

/** Never handed on from a viewer: forged origins, and what concerns one hop only (RFC 9110 §7.6.1). */
const STRIPPED =
  /^(x-forwarded-.*|forwarded|x-real-ip|x-amzn-trace-id|cloudfront-.*|connection|upgrade|keep-alive|proxy-connection|te|trailer|transfer-encoding|http2-settings)$/i

export const viewerOf = (request: IncomingMessage, protocol: Protocol) => {
  const sourceIp = addressOf(request)
  const { port } = request.socket.address() as Partial<AddressInfo>
  const sent = pairs(request.rawHeaders).filter(([name]) => !STRIPPED.test(name))
  const host = request.headers.host ?? 'localhost'
  const headers: (readonly [string, string])[] = [
    ...sent,
    ['X-Amzn-Trace-Id', traceId()],
    ['X-Forwarded-For', sourceIp],
    ['X-Forwarded-Port', String(port ?? '')],
    ['X-Forwarded-Proto', protocol],
  ]
  return {
    sourceIp,
    userAgent: request.headers['user-agent'] ?? '',
    /** The host as the viewer wrote it, without the port. */
    domainName: host.replace(/:\d*$/, ''),
    /** In the order and spelling in which they were sent. */
    headers,
  }
}

/** The address that the connection is from; what a header says of it counts for nothing. */
export const addressOf = ({ socket }: IncomingMessage): string =>
  (socket.remoteAddress ?? '').replace(/^::ffff:/, '')

export type Viewer = ReturnType<typeof viewerOf>

/** Splits a request target. Its path stays percent-encoded. */
export const targetOf = (request: IncomingMessage) => {
  const target = request.url ?? '/'
  const at = target.indexOf('?')
  return at === -1
    ? { path: target, query: '' }
    : { path: target.slice(0, at), query: target.slice(at + 1) }
}

/** API Gateway's `requestTime`: 23/Nov/2026:05:57:12 +0000. */
export const clfTime = (epoch: number): string => {
  const [, day, month, year, time] = new Date(epoch).toUTCString().split(' ')
  return `${day}/${month}/${year}:${time} +0000`
}

/** An id as API Gateway makes them: 15 characters and a '='. 88 bits, so nobody guesses one. */
export const gatewayId = (): string => `${randomBytes(11).toString('base64url')}=`

// ---------------------------------------------------------------------------------------------

const pairs = (raw: readonly string[]): [string, string][] => {
  const list: [string, string][] = []
  for (let at = 0; at + 1 < raw.length; at += 2) list.push([raw[at] ?? '', raw[at + 1] ?? ''])
  return list
}

const traceId = (): string => {
  const seconds = Math.floor(Date.now() / 1000).toString(16)
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')}`
}
