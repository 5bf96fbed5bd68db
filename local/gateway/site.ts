/** The site, as S3 behind CloudFront would serve it: files by their paths, the same headers, one page for
 * what isn't there. Waits for a site that is still being built. */
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import sirv from 'sirv'
import { PAGE_HEADERS, PUBLIC_FILE_HEADERS } from '../../shared/http/page-headers.ts'
import { CACHE_CONTROL, HASHED, isPublicFile } from '../../shared/http/paths.ts'

/** @param path of a file, as the edge says. */
export type SiteHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
) => Promise<void>

/** @param folder of the site, once it is there; null where there is none. */
export const createSite = (folder: Promise<string> | null): SiteHandler => {
  const serving = folder?.then((at) => ({ at, serve: sirv(at, { etag: true, extensions: [] }) }))
  // A failed build is reported to the first who asks for a page.
  serving?.catch(() => {})
  return async (request, response, path) => {
    if (serving === undefined) return page(response, 404, 'There is no site here.')
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD')
      return page(response, 405, 'This can only be read.')
    }
    const site = await serving.catch(() => null)
    if (site === null)
      return page(response, 503, 'The pages couldn’t be built: the terminal says why.')
    // Without HSTS: a certificate of this machine's own would lock its other local services out of http.
    const headers = isPublicFile(path) ? PUBLIC_FILE_HEADERS : PAGE_HEADERS
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    const { hashed, other } = CACHE_CONTROL
    response.setHeader('Cache-Control', path.startsWith(HASHED) ? hashed : other)
    request.url = path
    await new Promise<void>((done) => {
      response.once('close', done)
      site.serve(request, response, () => {
        readFile(join(site.at, '404.html'), 'utf8').then(
          (html) => page(response, 404, html),
          () => page(response, 404, 'There is no such page.'),
        )
      })
    })
  }
}

// ---------------------------------------------------------------------------------------------

const page = (response: ServerResponse, status: number, html: string): void => {
  for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value)
  response.setHeader('Cache-Control', 'no-store')
  response.writeHead(status, { 'Content-Type': 'text/html;charset=utf-8' })
  response.end(html)
}
