/** The edge on one machine: runs the very function that CloudFront would (`functions/edge.js`), and
 * finds out what it made of a request. */
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { z } from 'zod'
import { isSitePath } from '../../shared/http/paths.ts'
import { targetOf } from './viewer.ts'

const FILE = join(import.meta.dirname, '../../functions/edge.js')

/** What the edge does with a request: it answers itself, or hands it on to an origin. */
export type Edged =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly headers: Readonly<Record<string, string>>
      readonly body: string
    }
  /** To the site, by the path of a file that may be there. */
  | { readonly kind: 'file'; readonly path: string }
  /** To the WebSocket API, with the query that `$connect` gets to see. */
  | { readonly kind: 'socket'; readonly query: URLSearchParams }
  | { readonly kind: 'http' }

/** @param ip of the viewer. */
export const passEdge = (request: IncomingMessage, ip: string): Edged => {
  const { path, query } = targetOf(request)
  const given = new URLSearchParams(query)
  const result = Result.parse(
    handler({
      version: '1.0',
      context: { eventType: 'viewer-request' },
      viewer: { ip },
      request: {
        method: request.method,
        uri: path,
        // CloudFront shows a name once, and all its values below it; ours are handed on as they came.
        querystring: Object.fromEntries([...given].map(([name, value]) => [name, { value }])),
        headers: Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, { value: String(value) }]),
        ),
      },
    }),
  )
  if ('statusCode' in result)
    return {
      kind: 'answered',
      status: result.statusCode,
      headers: Object.fromEntries(
        Object.entries(result.headers).map(([name, { value }]) => [name, value]),
      ),
      body: result.body,
    }
  if (isSitePath(path)) return { kind: 'file', path: result.uri }
  if (result.uri === path) return { kind: 'http' }
  const version = result.querystring.version?.value ?? ''
  given.delete('version')
  given.append('version', version)
  return { kind: 'socket', query: given }
}

// ---------------------------------------------------------------------------------------------

const Values = z.record(z.string(), z.object({ value: z.string() }))

const Result = z.union([
  z.object({ statusCode: z.number(), headers: Values, body: z.string().default('') }),
  z.object({ uri: z.string(), querystring: Values }),
])

/** As CloudFront runs it: the file is a script, and `handler` is what it defines. */
const handler = new Function(`${readFileSync(FILE, 'utf8')}; return handler`)() as (
  event: object,
) => unknown
