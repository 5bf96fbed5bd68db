/** The pages, as a browser gets them from the gateway of this machine. */
import { mkdir, writeFile } from 'node:fs/promises'
import { type IncomingHttpHeaders, request as overHttp } from 'node:http'
import { request as overHttps } from 'node:https'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startSite } from '../../local/site.ts'
import { PAGE_HEADERS, PUBLIC_FILE_HEADERS } from '../../shared/http/page-headers.ts'
import { folder, gateway } from './kit.ts'

const site = async (): Promise<string> => {
  const above = await folder()
  const at = join(above, 'site')
  await mkdir(join(at, 'ui/assets'), { recursive: true })
  await mkdir(join(at, 'api/docs/v26.0.0'), { recursive: true })
  await Promise.all([
    writeFile(join(at, 'ui/index.html'), 'the portal'),
    writeFile(join(at, 'ui/assets/index-abc.js'), 'let portal'),
    writeFile(join(at, 'ui/.secret'), 'hidden'),
    writeFile(join(at, 'api/docs/index.html'), 'the docs'),
    writeFile(join(at, 'api/docs/v26.0.0/index.html'), 'the docs of 26'),
    writeFile(join(at, 'openrpc.json'), '{}'),
    writeFile(join(at, '404.html'), 'no such page'),
    writeFile(join(above, 'outside'), 'outside'),
  ])
  return at
}

type Answer = { status: number; headers: IncomingHttpHeaders; text: string }

/** The path goes out as it stands: a client that tidies it up would hide what the gateway does. */
const ask = (base: string, path: string, method = 'GET', headers = {}): Promise<Answer> =>
  new Promise((done, fail) => {
    const { hostname, port, protocol } = new URL(base)
    const options = { hostname, port, path, method, headers, rejectUnauthorized: false }
    const send = protocol === 'https:' ? overHttps : overHttp
    send(options, (response) => {
      let text = ''
      response.on('data', (part) => {
        text += part
      })
      response.on('end', () =>
        done({ status: response.statusCode ?? 0, headers: response.headers, text }),
      )
    })
      .on('error', fail)
      .end()
  })

describe('the site', () => {
  it.each([
    ['/ui/', 'the portal', 'text/html;charset=utf-8', 'no-cache'],
    ['/ui/?from=mail', 'the portal', 'text/html;charset=utf-8', 'no-cache'],
    [
      '/ui/assets/index-abc.js',
      'let portal',
      'text/javascript',
      'public, max-age=31536000, immutable',
    ],
    ['/api/docs/', 'the docs', 'text/html;charset=utf-8', 'no-cache'],
    ['/api/docs/v26.0.0/', 'the docs of 26', 'text/html;charset=utf-8', 'no-cache'],
    ['/openrpc.json', '{}', 'application/json', 'no-cache'],
  ])('has %s', async (path, text, type, cache) => {
    const { urls } = await gateway({ site: Promise.resolve(await site()) })
    const answer = await ask(urls.https, path)
    expect(answer).toMatchObject({ status: 200, text })
    expect(answer.headers).toMatchObject({ 'content-type': type, 'cache-control': cache })
    const isPublic = path === '/openrpc.json'
    for (const [name, value] of Object.entries(isPublic ? PUBLIC_FILE_HEADERS : PAGE_HEADERS))
      expect(answer.headers[name.toLowerCase()]).toBe(value)
    expect('access-control-allow-origin' in answer.headers).toBe(isPublic)
    expect(answer.headers).not.toHaveProperty('strict-transport-security')
  })

  it.each(['/', '/ui', '/api/docs'])('is where %s leads', async (path) => {
    const { urls } = await gateway({ site: Promise.resolve(await site()) })
    const answer = await ask(urls.https, path)
    expect(answer.status).toBe(302)
    expect(answer.headers.location).toBe(path === '/' ? '/ui/' : `${path}/`)
  })

  it.each([
    '/ui/nothing',
    '/ui/.secret',
    '/ui/../../etc/passwd',
    '/ui/..%2f..%2foutside',
    '/ui/..%2f..%2f..%2foutside',
    '/ui/%2e%2e/%2e%2e/etc/passwd',
    '/ui/%00',
    '/ui/%',
    '/api/docs/v1/',
  ])('has one page for what isn’t there: %s', async (path) => {
    const { urls } = await gateway({ site: Promise.resolve(await site()) })
    const answer = await ask(urls.https, path)
    expect(answer).toMatchObject({ status: 404, text: 'no such page' })
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'")
  })

  it('is told again only when it changed', async () => {
    const { urls } = await gateway({ site: Promise.resolve(await site()) })
    const { headers } = await ask(urls.https, '/ui/')
    const again = await ask(urls.https, '/ui/', 'GET', { 'if-none-match': headers.etag })
    expect(again).toMatchObject({ status: 304, text: '' })
  })

  it('can only be read', async () => {
    const { urls } = await gateway({ site: Promise.resolve(await site()) })
    expect(await ask(urls.https, '/ui/', 'HEAD')).toMatchObject({ status: 200, text: '' })
    const answer = await ask(urls.https, '/ui/', 'POST')
    expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD'])
  })

  it.each(['/', '/ui/', '/ui/?a=b', '/api/docs/v26.0.0/', '/openrpc.json'])(
    'isn’t to be had in clear: %s',
    async (path) => {
      const { urls } = await gateway({ site: Promise.resolve(await site()) })
      const answer = await ask(urls.http, path)
      expect(answer.status).toBe(307)
      expect(answer.headers.location).toBe(`${urls.https}${path}`)
    },
  )

  it('leaves all other paths to the functions', async () => {
    const { urls } = await gateway({
      site: Promise.resolve(await site()),
      http: () => ({ statusCode: 200, body: 'api' }),
    })
    for (const path of ['/healthz', '/uix', '/v1/tenants', '/api/versions', '/api/docsx'])
      expect(await ask(urls.https, path)).toMatchObject({ status: 200, text: 'api' })
  })
})

describe('a site that is still being built', () => {
  it('is waited for, and nothing else is', async () => {
    let built: (at: string) => void = () => {}
    const coming = new Promise<string>((done) => {
      built = done
    })
    const { urls } = await gateway({ site: coming })
    const waiting = ask(urls.https, '/ui/')
    expect((await ask(urls.https, '/healthz')).status).toBe(200)
    built(await site())
    expect(await waiting).toMatchObject({ status: 200, text: 'the portal' })
  })

  it('says so when that failed', async () => {
    const { urls } = await gateway({ site: Promise.reject(new Error('no')) })
    const answer = await ask(urls.https, '/ui/')
    expect(answer.status).toBe(503)
    expect(answer.text).toContain('the terminal says why')
    expect((await ask(urls.https, '/healthz')).status).toBe(200)
  })
})

describe('the site of this checkout', () => {
  it('is what the settings name, or none', async () => {
    expect(startSite('off')).toBe(null)
    expect(await startSite('/somewhere')?.folder).toBe('/somewhere')
  })
})
