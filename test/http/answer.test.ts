import { Hono } from 'hono'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerAs, SIGNED_TYPE } from '../../shared/http/answer.ts'
import type { Http } from '../../shared/http/context.ts'
import { sweep } from '../../shared/jobs/sweep.ts'
import type { Service } from '../../shared/service.ts'
import { addKey, addUser, newTenant, type Rig, startRig } from '../kit/service.ts'
import { asClient, bearer, send } from './kit.ts'

let rig: Rig
let service: Service
beforeAll(async () => {
  rig = await startRig()
  service = rig.service
  await newTenant(service)
  await sweep(service)
})
afterAll(() => rig.close())

const ANSWER = { active: true, client_id: '1000000007', scope: 'FULL_ADMIN' }
const ask = async (accept?: string, answer: Record<string, unknown> = ANSWER) => {
  const app = new Hono<Http>()
  app.use((c, next) => {
    c.set('elapsed', () => 0)
    return next()
  })
  app.post('/', (c) => answerAs(c, service, answer, '1000000003'))
  const headers = accept === undefined ? {} : { accept }
  const request = new Request('https://keys.example/', { method: 'POST', headers })
  const env = { address: '192.0.2.1', secure: true, host: 'keys.example' }
  const reply = await app.fetch(request, env)
  return { type: reply.headers.get('content-type')?.split(';')[0], text: await reply.text() }
}

describe('a signed answer (RFC 9701)', () => {
  it.each([[ANSWER], [{ active: false }]])(
    'says to whom and when it was said that %j',
    async (answer) => {
      const { type, text } = await ask(SIGNED_TYPE, answer)
      expect(type).toBe(SIGNED_TYPE)
      const set = createLocalJWKSet(await service.signing.jwks())
      const { payload, protectedHeader } = await jwtVerify(text, set, {
        issuer: 'https://keys.example',
        audience: '1000000003',
        currentDate: new Date(rig.clock.now),
      })
      expect(protectedHeader).toEqual({
        alg: 'ES256',
        typ: 'token-introspection+jwt',
        kid: expect.any(String),
      })
      // No `sub`, no `exp`: it is no access token.
      expect(payload).toEqual({
        iss: 'https://keys.example',
        aud: '1000000003',
        iat: Math.floor(rig.clock.now / 1000),
        token_introspection: answer,
      })
      expect(await service.accessTokens.verify(text, 'https://keys.example')).toEqual({
        state: 'unknown',
      })
    },
  )

  it('is for the caller, by its key’s id, however it proved itself', async () => {
    const { tenant } = await newTenant(service)
    const user = await addUser(service, tenant, 'device', ['KEY_VALIDATE'])
    const [one, other] = [await addKey(service, user), await addKey(service, user)]
    const foreign = await addKey(service, await newTenant(service))
    const set = createLocalJWKSet(await service.signing.jwks())
    const told = async (headers: Record<string, string>, token: string) => {
      const sent = { form: { token }, headers: { ...headers, accept: SIGNED_TYPE } }
      const { text } = await send(service, '/oauth2/introspect', sent)
      const currentDate = new Date(rig.clock.now)
      return (await jwtVerify(text, set, { issuer: 'https://keys.example', currentDate })).payload
    }
    const grant = await send(service, '/oauth2/token', {
      form: { grant_type: 'client_credentials' },
      headers: asClient(one.raw.reveal()),
    })
    const accessToken: string = grant.body.access_token
    const about = other.raw.reveal()
    for (const headers of [bearer, asClient].map((by) => by(one.raw.reveal())))
      expect(await told(headers, about)).toMatchObject({
        aud: String(one.key.id),
        token_introspection: { active: true, client_id: String(other.key.id) },
      })
    expect(await told(bearer(accessToken), about)).toMatchObject({ aud: String(one.key.id) })
    expect(await told(bearer(about), accessToken)).toMatchObject({
      aud: String(other.key.id),
      token_introspection: { active: true, client_id: String(one.key.id), sub: String(user.uid) },
    })
    // Of another tenant's keys it says no more than the plain answer.
    expect((await told(bearer(about), foreign.raw.reveal())).token_introspection).toEqual({
      active: false,
    })
  })

  it.each([
    [SIGNED_TYPE, true],
    [`${SIGNED_TYPE};q=0.5`, true],
    [`${SIGNED_TYPE}, */*`, true],
    [`application/json;q=0.5, ${SIGNED_TYPE}`, true],
    [`${SIGNED_TYPE}, application/json`, true],
    [SIGNED_TYPE.toUpperCase(), true],
    [undefined, false],
    ['', false],
    ['*/*', false],
    ['application/*', false],
    ['application/json', false],
    [`application/json, ${SIGNED_TYPE}`, false],
    [`application/json, ${SIGNED_TYPE};q=0.9`, false],
    [`${SIGNED_TYPE};q=0`, false],
    [`${SIGNED_TYPE};q=0, */*`, false],
    ['application/jwt', false],
    ['text/html', false],
    [',;,q=', false],
  ])('is what Accept: %s asks for: %s', async (accept, signed) => {
    const { type, text } = await ask(accept)
    expect(type).toBe(signed ? SIGNED_TYPE : 'application/json')
    if (!signed) expect(JSON.parse(text)).toEqual(ANSWER)
  })
})
