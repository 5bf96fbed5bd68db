/** The events that API Gateway gives a function for a WebSocket: `$connect`, `$default` and
 * `$disconnect`. None of them carries the path; only `$connect` carries the viewer's headers. */
import { clfTime, gatewayId, type Viewer } from './viewer.ts'

export const API_ID = 'keyharbor'
export const STAGE = 'local'

export type Peer = Pick<Viewer, 'domainName' | 'sourceIp' | 'userAgent'> & {
  readonly connectionId: string
  readonly connectedAt: number
}

/** @param query the parameters of the handshake's URL, as the edge hands them on. @param requestId the handshake's, where it has one already. */
export const connectEvent = (
  peer: Peer,
  headers: Viewer['headers'],
  query: Iterable<readonly [string, string]>,
  requestId = gatewayId(),
) => ({
  ...grouped('headers', 'multiValueHeaders', headers),
  ...grouped('queryStringParameters', 'multiValueQueryStringParameters', query),
  requestContext: context(peer, '$connect', 'CONNECT', requestId),
  isBase64Encoded: false,
})

export const messageEvent = (peer: Peer, data: Buffer, isBinary: boolean) => ({
  requestContext: { ...context(peer, '$default', 'MESSAGE'), messageId: gatewayId() },
  body: data.toString(isBinary ? 'base64' : 'utf8'),
  isBase64Encoded: isBinary,
})

export const disconnectEvent = (peer: Peer, code: number, reason: string) => ({
  ...grouped('headers', 'multiValueHeaders', [
    ['Host', peer.domainName],
    ['x-api-key', ''],
    ['X-Forwarded-For', peer.sourceIp],
    ['x-restapi', ''],
  ]),
  requestContext: {
    ...context(peer, '$disconnect', 'DISCONNECT'),
    disconnectStatusCode: code,
    disconnectReason: reason === '' ? (REASONS[code] ?? '') : reason,
  },
  isBase64Encoded: false,
})

// ---------------------------------------------------------------------------------------------

/** What API Gateway writes when the close frame gave no reason. */
const REASONS: Readonly<Record<number, string>> = {
  1000: 'Connection Closed Normally',
  1001: 'Going away',
  1005: 'Client-side close frame status not set',
  1006: 'Connection closed abnormally',
  1009: 'Message too big',
}

const context = (
  { domainName, sourceIp, userAgent, connectionId, connectedAt }: Peer,
  routeKey: '$connect' | '$default' | '$disconnect',
  eventType: 'CONNECT' | 'MESSAGE' | 'DISCONNECT',
  requestId = gatewayId(),
) => {
  const requestTimeEpoch = Date.now()
  return {
    routeKey,
    eventType,
    extendedRequestId: requestId,
    requestTime: clfTime(requestTimeEpoch),
    messageDirection: 'IN',
    stage: STAGE,
    connectedAt,
    requestTimeEpoch,
    identity: { sourceIp, userAgent },
    requestId,
    domainName,
    connectionId,
    apiId: API_ID,
  }
}

/** Both forms of a list of pairs: one value a name (the last), and all of them. */
const grouped = <One extends string, All extends string>(
  one: One,
  all: All,
  list: Iterable<readonly [string, string]>,
) => {
  const single: Record<string, string> = {}
  const multiple: Record<string, string[]> = {}
  const spelling = new Map<string, string>()
  for (const [name, value] of list) {
    // Header names differ in case only by accident; the first spelling stands.
    const key = one === 'headers' ? name.toLowerCase() : name
    const known = spelling.get(key) ?? name
    spelling.set(key, known)
    single[known] = value
    multiple[known] = [...(multiple[known] ?? []), value]
  }
  return { [one]: single, [all]: multiple } as Record<One, typeof single> &
    Record<All, typeof multiple>
}
