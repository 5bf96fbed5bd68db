/** Scripts of other origins may read the public documents, and nothing else (Fetch Standard, CORS protocol). */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { BODY_BYTES } from '../../shared/http/app.ts'
import { PUBLIC_DOCUMENTS } from '../../shared/http/paths.ts'
import { type Rig, startRig } from '../kit/service.ts'
import { type Route, routesOf } from './kit.ts'

let rig: Rig
beforeAll(async () => {
  rig = await startRig({
    KEYHARBOR_OPERATOR_JWKS_URL: 'http://127.0.0.1:9/',
    KEYHARBOR_OPERATOR_ISSUER: 'https://issuer.example',
  })
})
afterAll(() => rig.close())

const ORIGIN = { origin: 'https://elsewhere.example' }
const ask = (app: Route['app'], method: string, path: string, headers = {}) =>
  app.fetch(
    new Request(`https://keys.example${path}`, { method, headers: { ...ORIGIN, ...headers } }),
    { address: '192.0.2.1', secure: true },
  )
const allowances = (reply: Response): string[] =>
  [...reply.headers]
    .filter(([name]) => /^access-control-|^cross-origin-/.test(name))
    .map(([name, value]) => `${name}: ${value}`)

const isPublic = (path: string) => (PUBLIC_DOCUMENTS as readonly string[]).includes(path)

it('is so for every route, whatever it answers', async () => {
  const routes = routesOf(rig.service)
  const paths = new Set(routes.map(({ path }) => path))
  const gone = PUBLIC_DOCUMENTS.filter((path) => !paths.has(path))
  expect(gone, 'no route has these of shared/http/paths.ts').toEqual([])
  for (const { app, path } of routes)
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PROPFIND'])
      for (const asked of [
        () => ask(app, method, path),
        () => ask(app, method, `${path}?x=1`),
        () => ask(app, method, `${path}/nothing`),
        () => ask(app, method, path, { 'content-length': String(BODY_BYTES + 1) }),
      ]) {
        const reply = await asked()
        const open = isPublic(path) && !reply.url.endsWith('/nothing') && reply.status !== 404
        expect([method, path, reply.status, allowances(reply)]).toEqual([
          method,
          path,
          reply.status,
          open ? ['access-control-allow-origin: *'] : [],
        ])
      }
})

it('and for who asks first: only of documents is anything allowed, and no credentials', async () => {
  const first = {
    'access-control-request-method': 'GET',
    'access-control-request-headers': 'x-mine',
  }
  for (const { app, path } of routesOf(rig.service)) {
    const reply = await ask(app, 'OPTIONS', path, first)
    expect([path, allowances(reply)]).toEqual([
      path,
      isPublic(path)
        ? [
            'access-control-allow-headers: *',
            'access-control-allow-methods: GET, HEAD',
            'access-control-allow-origin: *',
            'access-control-max-age: 86400',
          ]
        : [],
    ])
    if (isPublic(path)) expect(reply.status).toBe(204)
  }
})
