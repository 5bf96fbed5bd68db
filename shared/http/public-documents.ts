/**
 * The documents that everybody may read, also scripts in pages of any origin
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
