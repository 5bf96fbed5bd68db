/** Paths of the host: which function serves them, which are files of the site, and which everybody may read. */

/** Paths that the function for checks serves; all others are the main one's. */
export const CHECK_PATHS = [
  '/oauth2/introspect',
  '/oauth2/token',
  '/oauth2/revoke',
  // Here, since only a function that opens signing keys knows which are the service's.
  '/oauth2/jwks',
  '/v1/introspect',
  '/v1/forward-auth',
  // Here, since it asks for what checks need, of the function that may.
  '/readyz',
] as const

/**
 * Documents that everybody may read, also scripts in pages of any origin
 * (https://fetch.spec.whatwg.org/#http-cors-protocol). Nothing in them depends on the caller, so no credentials are
 * allowed.
 */
export const PUBLIC_DOCUMENTS = [
  '/oauth2/jwks',
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
  '/api/versions',
  '/openapi.json',
] as const

/** @param path without a query. */
export const isPublicDocument = (path: string): boolean =>
  (PUBLIC_DOCUMENTS as readonly string[]).includes(path)

/** Those that are files of the site, as CloudFront writes patterns. `functions/edge.js` has them once more. */
export const PUBLIC_FILES = ['/openrpc.json', '/api/docs/*/openrpc.json'] as const

/** @param path without a query. */
export const isPublicFile = (path: string): boolean =>
  /^\/(api\/docs\/.*\/)?openrpc\.json$/.test(path)

/** Headers of every answer there. */
export const ANY_ORIGIN = { 'Access-Control-Allow-Origin': '*' } as const

/** And of the answer to a preflight, which browsers send for headers of the page's own. */
export const PREFLIGHT = {
  ...ANY_ORIGIN,
  'Access-Control-Allow-Methods': 'GET, HEAD',
  'Access-Control-Allow-Headers': '*',
  'Access-Control-Max-Age': '86400',
} as const

/** Files of the site, as CloudFront writes patterns: `*` is anything, and the first that fits counts. `functions/edge.js` says
 * which file a path stands for. */
export const SITE_PATHS = [
  '/',
  '/ui',
  '/ui/*',
  ...PUBLIC_FILES,
  '/api/docs',
  '/api/docs/*',
  '/robots.txt',
] as const

/** @param path without a query. */
export const isSitePath = (path: string): boolean =>
  SITE_PATHS.some((pattern) =>
    pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern,
  )

/** Below this, names have a hash of the content in them. */
export const HASHED = '/ui/assets/'

export const CACHE_CONTROL = {
  /** Files whose names change with their content. */
  hashed: 'public, max-age=31536000, immutable',
  /** Cached, but validated before each use. */
  other: 'no-cache',
} as const
