/** HTTP API, payload format 2.0: the event that a request becomes, and the answer that a function's
 * result becomes. */
import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import { API_ID } from './socket-events.ts'
import { clfTime, targetOf, type Viewer } from './viewer.ts'

/** Bodies that reach a function as text; all others, forms too, are base64. */
const TEXT = /^(text\/|application\/(json|javascript|xml)\s*(;|$))/i

type Route = {
  readonly requestId: string
  readonly routeKey: string
  readonly pathParameters: Readonly<Record<string, string>>
}

export const httpEvent = (
  request: IncomingMessage,
  viewer: Viewer,
  body: Buffer,
  { requestId, routeKey, pathParameters }: Route,
) => {
  const { sourceIp, userAgent, domainName } = viewer
  const { path, query } = targetOf(request)
  const timeEpoch = Date.now()
  const headers = joined(viewer.headers)
  const { cookie, ...others } = headers
  const parameters = joined(new URLSearchParams(query))
  const isText = TEXT.test(headers['content-type'] ?? '') && !('content-encoding' in headers)
  const rawPath = decoded(path)
  return {
    version: '2.0',
    routeKey,
    rawPath,
    rawQueryString: query,
    ...(cookie !== undefined && { cookies: cookie.split(/;\s*/).filter((one) => one !== '') }),
    headers: others,
    ...(query !== '' && { queryStringParameters: parameters }),
    requestContext: {
      accountId: '000000000000',
      apiId: API_ID,
      domainName,
      domainPrefix: domainName.split('.')[0] ?? '',
      http: {
        method: request.method ?? 'GET',
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp,
        userAgent,
      },
      requestId,
      routeKey,
      stage: '$default',
      time: clfTime(timeEpoch),
      timeEpoch,
    },
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  }
}

/** @returns null for a result that is no response. */
export const httpAnswer = (value: unknown) => {
  const plain = typeof value === 'object' && value !== null && 'statusCode' in value
  if (!plain) {
    // A function may return bare data: it is the body of a 200.
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    const headers = { 'content-type': 'application/json' }
    return { status: 200, headers, cookies: [], body: Buffer.from(text ?? '') }
  }
  const { data } = Result.safeParse(value)
  if (data === undefined) return null
  return {
    status: data.statusCode,
    headers: data.headers,
    cookies: data.cookies,
    body: Buffer.from(data.body, data.isBase64Encoded ? 'base64' : 'utf8'),
  }
}

// ---------------------------------------------------------------------------------------------

const Result = z.object({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
    .default({}),
  cookies: z.array(z.string()).default([]),
  body: z.string().default(''),
  isBase64Encoded: z.boolean().default(false),
})

/** Names in lower case for headers; what comes more than once is joined by commas (cookies: `; `). */
const joined = (list: Iterable<readonly [string, string]>): Record<string, string> => {
  const map = new Map<string, string>()
  const isHeader = Array.isArray(list)
  for (const [name, value] of list) {
    const key = isHeader ? name.toLowerCase() : name
    const before = map.get(key)
    map.set(key, before === undefined ? value : `${before}${key === 'cookie' ? '; ' : ','}${value}`)
  }
  return Object.fromEntries(map)
}

/** HTTP APIs, unlike REST APIs and function URLs, hand the path on decoded. */
const decoded = (path: string): string => {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
