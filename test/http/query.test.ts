/** What stands in an address and isn't understood is refused: by every route of the router, and never half. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PUBLIC_DOCUMENTS } from '../../shared/http/paths.ts'
import type { Service } from '../../shared/service.ts'
import type { User } from '../../shared/store/user-items.ts'
import { addKey, addUser, newTenant, type Rig, startRig } from '../kit/service.ts'
import { bearer, routesOf, send } from './kit.ts'

let rig: Rig
let service: Service
let admin: User
let visitor: string
let gateway: string
beforeAll(async () => {
  rig = await startRig({
    KEYHARBOR_OPERATOR_JWKS_URL: 'http://127.0.0.1:9/',
    KEYHARBOR_OPERATOR_ISSUER: 'https://issuer.example',
    KEYHARBOR_DEVICE_CHECKS_PER_MINUTE: '1000000',
  })
  service = rig.service
  admin = await newTenant(service)
  const keyOf = async (user: User) => (await addKey(service, user)).raw.reveal()
  visitor = await keyOf(await addUser(service, admin.tenant, 'visitor', ['READONLY_ADMIN']))
  gateway = await keyOf(await addUser(service, admin.tenant, 'gateway', ['KEY_VALIDATE']))
})
afterAll(() => rig.close())

/** The same with any query: clients add one to get round a cache. */
const ANYTHING = new Set<string>(['/healthz', '/readyz', ...PUBLIC_DOCUMENTS])

describe('a route of the router', () => {
  it('takes no parameter that it doesn’t declare, whatever the method', async () => {
    const walked = routesOf(service)
    expect(walked.length).toBeGreaterThan(15)
    for (const { app, method, path } of walked)
      for (const query of ['unheard_of=1', 'scope%5B%5D=X', 'SCOPE=X', 'token=x', 'version'])
        for (const proto of ['https', 'http']) {
          const request = new Request(`https://keys.example${path}?${query}`, { method })
          const reply = await app.fetch(request, {
            address: '192.0.2.1',
            secure: proto === 'https',
          })
          const name = decodeURIComponent(query.split('=')[0] ?? '')
          const text = await reply.text()
          if (ANYTHING.has(path)) expect([path, reply.status]).toEqual([path, 200])
          else {
            expect([method, path, query, reply.status]).toEqual([method, path, query, 400])
            expect(JSON.parse(text)).toEqual({
              error: 'invalid_request',
              error_description: expect.stringContaining(`The parameter ${name} is not known here`),
            })
          }
        }
  })

  it('that isn’t there is no better for a query', async () => {
    expect((await send(service, '/nothing?x=1', {})).status).toBe(404)
  })

  it.each([
    ['a token', () => `token=${visitor}`],
    ['a client’s secret', () => `client_id=1&client_secret=${visitor.split('-')[1]}`],
    ['a key for a name', () => visitor],
    ['a secret for a name', () => visitor.split('-')[1] ?? ''],
    ['a key for a value', () => `x=${visitor}`],
  ])('takes no credential from an address, and doesn’t repeat it: %s', async (_, query) => {
    for (const path of [
      '/oauth2/introspect',
      '/oauth2/token',
      '/oauth2/revoke',
      '/v1/introspect',
      '/v1/forward-auth',
    ]) {
      const form = { token: visitor, grant_type: 'client_credentials' }
      const reply = await send(service, `${path}?${query()}`, { form, headers: bearer(gateway) })
      expect(reply).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
      expect(reply.text).not.toContain(visitor.split('-')[1])
    }
    expect((await visit('')).status).toBe(200)
  })
})

const visit = (query: string) =>
  send(service, `/v1/forward-auth${query}`, {
    headers: { ...bearer(visitor), 'keyharbor-authorization': `Bearer ${gateway}` },
  })

describe('a gateway’s question', () => {
  it.each([
    [
      '?scopes=FULL_ADMIN',
      'The parameter scopes is not known here: this address takes scope and transport.',
    ],
    ['?SCOPE=FULL_ADMIN', 'The parameter SCOPE is not known here'],
    ['?scope[]=FULL_ADMIN', 'The parameter scope[] is not known here'],
    ['?scope%00=FULL_ADMIN', 'The query is not understood'],
    ['?%E0%A4%A=FULL_ADMIN', 'The query is not understood'],
    ['? scope=FULL_ADMIN', 'The query is not understood'],
    ['?scope=READONLY_ADMIN&scope=FULL_ADMIN', 'The parameter scope is given more than once.'],
    ['?scope=FULL_ADMIN&scope=READONLY_ADMIN', 'The parameter scope is given more than once.'],
    ['?scope=READONLY_ADMIN&scope=READONLY_ADMIN', 'The parameter scope is given more than once.'],
    ['?transport=https&transport=http', 'The parameter transport is given more than once.'],
    ['?scope=', 'The parameter scope is empty'],
    ['?scope', 'The parameter scope is empty'],
    ['?transport=', 'The parameter transport is empty'],
    ['?scope=%FF', 'The parameter scope has a percent-encoding that is none.'],
    ['?scope=%', 'The parameter scope has a percent-encoding that is none.'],
    ['?scope=FULL_ADMIN;transport=https', 'The parameter scope takes the name of a role.'],
    ['?transport=https;scope=FULL_ADMIN', 'The parameter transport takes https, wss, http or ws.'],
    ['?transport=HTTP', 'The parameter transport takes https, wss, http or ws.'],
    ['?transport=https?scope=FULL_ADMIN', 'The parameter transport takes https, wss, http or ws.'],
    ['?constructor=1', 'The parameter constructor is not known here'],
    ['?__proto__=1', 'The parameter __proto__ is not known here'],
  ])('is refused, and says why: %s', async (query, why) => {
    const reply = await visit(query)
    expect(reply).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    expect(reply.body.error_description).toContain(why)
    expect(reply.headers.get('keyharbor-username')).toBeNull()
  })

  it.each(['', '?', '?&', '?transport=https', '?scope=READONLY_ADMIN&', '?%73cope=READONLY_ADMIN'])(
    'is heard: %j',
    async (query) => {
      expect((await visit(query)).status).toBe(200)
    },
  )

  it('lets through by no query that isn’t one of ours, to the letter', async () => {
    const name = fc.oneof(
      fc.constantFrom('scope', 'Scope', 'scopes', 'scope[]', 'transport', 'role'),
      fc.string(),
    )
    const value = fc.oneof(
      fc.constantFrom('FULL_ADMIN', 'READONLY_ADMIN', 'https', 'http2', ''),
      fc.string(),
    )
    const encode = fc.constantFrom(encodeURIComponent, (text: string) =>
      text.replace(/[?#&=%+\s]/g, ''),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, value, encode), { maxLength: 4 }), async (pairs) => {
        // What a lone surrogate becomes depends on who encodes it.
        fc.pre(pairs.flat().every((part) => typeof part !== 'string' || part.isWellFormed()))
        const query = pairs.map(([n, v, by]) => `${by(n)}=${by(v)}`).join('&')
        const reply = await visit(`?${query}`)
        const read = [...new URLSearchParams(query)]
        const understood =
          new Set(read.map(([n]) => n)).size === read.length &&
          read.every(
            ([n, v]) =>
              (n === 'scope' && v === 'READONLY_ADMIN') || (n === 'transport' && v === 'https'),
          )
        expect([query, reply.status === 200]).toEqual([query, understood])
      }),
      { numRuns: 300 },
    )
  })
})
