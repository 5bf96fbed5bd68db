/** Paths of the host that are files of the site, and how long browsers keep them. `functions/edge.js` says which file a
 * path stands for. */

import { PUBLIC_FILES } from './public-documents.ts'

/** As CloudFront writes patterns: `*` is anything, and the first that fits counts. */
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
