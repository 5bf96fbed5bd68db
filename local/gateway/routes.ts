/**
 * Which function an HTTP API gives a request to. Route keys as API Gateway writes them: `POST /x`,
 * `ANY /x/{id}`, `GET /x/{rest+}`, and `$default` for what no other fits.
 */
import type { Lambda } from '../lambda.ts'

/** Functions by route key. */
export type HttpRoutes = Readonly<Record<string, Lambda>>

export type Match = {
  readonly routeKey: string
  readonly invoke: Lambda
  /** Values of `{…}`, as they stand in the path. */
  readonly pathParameters: Readonly<Record<string, string>>
}

/** @returns what finds the route of a request; null where there is none (API Gateway: 404).
 * @throws Error for a key that is no route key. */
export const createRouter = (routes: HttpRoutes) => {
  const table = Object.entries(routes).map(([routeKey, invoke]) => ({
    invoke,
    ...parsed(routeKey),
  }))
  table.sort((a, b) => a.rank - b.rank)
  return (method: string, path: string): Match | null => {
    for (const { routeKey, invoke, verb, pattern } of table) {
      if (verb !== 'ANY' && verb !== method) continue
      const found = pattern.exec(path)
      if (found !== null) return { routeKey, invoke, pathParameters: { ...found.groups } }
    }
    return null
  }
}

// ---------------------------------------------------------------------------------------------

/** The most specific first: whole paths, then `{id}`, then `{rest+}`; a method before ANY. */
const parsed = (routeKey: string) => {
  if (routeKey === '$default')
    return { routeKey, verb: 'ANY', pattern: /^/, rank: Number.POSITIVE_INFINITY }
  const [, verb, path] = /^([A-Z]+) (\/\S*)$/.exec(routeKey) ?? []
  if (verb === undefined || path === undefined) throw new Error(`"${routeKey}" is no route key`)
  const source = path
    .replace(/[.*?^$()|[\]\\]/g, '\\$&')
    .replace(/\{(\w+)\+\}/g, '(?<$1>.+)')
    .replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')
  const vague = path.includes('+}') ? 2 : path.includes('{') ? 1 : 0
  const rank = 2 * vague + (verb === 'ANY' ? 1 : 0)
  return { routeKey, verb, pattern: new RegExp(`^${source}$`), rank }
}
