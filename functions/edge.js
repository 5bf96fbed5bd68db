/**
 * Runs in CloudFront for each request (CloudFront Functions, JavaScript runtime 2.0), as it stands here.
 * A socket's path becomes what API Gateway can take, a stage and a parameter; a folder's path of the site
 * becomes a file's; and headers tell the origins who the viewer is, since they see CloudFront only. What a
 * viewer says about that doesn't get through.
 *
 * The runtime knows no modules and little of newer JavaScript: keep to what runtime 2.0 documents.
 */

/** Stage of the WebSocket API. What comes behind it in the path would be a 403. */
const STAGE = '/api'
/** Folders of the site, by the paths that people write: `/ui`, `/api/docs/v26.0.0/methods`. */
const FOLDER = /^\/(ui|api\/docs(\/(current|v[0-9.]+)(\/(methods|events))?)?)$/
/** Files of the site that pages of any origin may read (`shared/http/paths.ts`). */
const PUBLIC = /^\/(api\/docs\/.*\/)?openrpc\.json$/
/** Folders of the site, by their right paths. */
const INDEX = /^\/(ui|api\/docs)\/(.*\/)?$/

/** Whose documentation a patch version of the API has (`namesOf` of shared/domain/versions.ts). */
const RELEASES = {
  'v25.04.1': 'v25.04.0',
  'v25.04.2': 'v25.04.0',
  'v25.10.1': 'v25.10.0',
  'v25.10.2': 'v25.10.0',
  'v25.10.3': 'v25.10.0',
  'v25.10.4': 'v25.10.0',
  'v25.10.5': 'v25.10.0',
}

// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls it by its name
function handler(event) {
  const request = event.request
  const headers = request.headers
  for (const name in headers) if (name.indexOf('x-keyharbor-') === 0) delete headers[name]
  headers['x-keyharbor-viewer'] = { value: event.viewer.ip }
  headers['x-keyharbor-host'] = { value: headers.host ? headers.host.value : '' }

  // S3 would refuse the preflight (Fetch Standard, CORS-preflight).
  if (request.method === 'OPTIONS' && PUBLIC.test(request.uri)) return preflight()

  // The portal keeps its place behind a `#`, which browsers carry along.
  if (request.uri === '/') return redirect('/ui/')
  const docs = /^\/api\/docs\/(v[0-9.]+)(\/.*)?$/.exec(request.uri)
  if (docs !== null && RELEASES[docs[1]])
    return redirect(`/api/docs/${RELEASES[docs[1]]}${docs[2] || '/'}`)
  if (FOLDER.test(request.uri)) return redirect(`${request.uri}/`)
  if (INDEX.test(request.uri)) {
    request.uri += 'index.html'
    return request
  }

  const version = /^\/api\/(current|v[^/]*)$/.exec(request.uri)
  if (version === null || version[1] === 'versions') return request
  if (!/^(current|v[0-9]+\.[0-9]+\.[0-9]+)$/.test(version[1]))
    return answer(404, 'Not Found', 'There is no such API version: see /api/versions.')
  // The edge hides the header Upgrade from functions, but shows this one, which always comes with it.
  if (!headers['sec-websocket-key'])
    return answer(426, 'Upgrade Required', 'This is a WebSocket: connect with wss.')
  request.uri = STAGE
  request.querystring.version = { value: version[1] }
  return request
}

function redirect(path) {
  const headers = { location: { value: path }, 'cache-control': { value: 'no-store' } }
  // A page of another origin follows it only if it may read this answer, too.
  if (PUBLIC.test(path)) headers['access-control-allow-origin'] = { value: '*' }
  return { statusCode: 302, statusDescription: 'Found', headers: headers }
}

function preflight() {
  return {
    statusCode: 204,
    statusDescription: 'No Content',
    headers: {
      'access-control-allow-origin': { value: '*' },
      'access-control-allow-methods': { value: 'GET, HEAD' },
      'access-control-allow-headers': { value: '*' },
      'access-control-max-age': { value: '86400' },
      'cache-control': { value: 'no-store' },
    },
  }
}

function answer(statusCode, statusDescription, message) {
  return {
    statusCode: statusCode,
    statusDescription: statusDescription,
    headers: {
      'content-type': { value: 'application/json' },
      'cache-control': { value: 'no-store' },
    },
    body: JSON.stringify({ message: message }),
  }
}
