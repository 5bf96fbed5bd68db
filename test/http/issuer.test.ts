/** A token that the service signed for another of its addresses: its holder is told so, and nobody else. */
import { generateKeyPairSync } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sweep } from '../../shared/jobs/sweep.ts'
import type { Service } from '../../shared/service.ts'
import type { User } from '../../shared/store/user-items.ts'
import { addKey, addUser, newTenant, type Rig, startRig } from '../kit/service.ts'
import { asClient, basic, bearer, send } from './kit.ts'

/** Where requests of the kit go. */
const HERE = 'https://keys.example'
const THERE = 'https://127.0.0.1:8443'
const WHY = `The access token is from ${THERE}, and this is ${HERE}: use the address that issued it.`

let rig: Rig
let service: Service
let user: User
let device: string
let here: string
let there: string
beforeAll(async () => {
  rig = await startRig()
  service = rig.service
  const { tenant } = await newTenant(service)
  // Makes the key that signs.
  await sweep(service)
  user = await addUser(service, tenant, 'device', ['KEY_VALIDATE'])
  device = (await addKey(service, user)).raw.reveal()
  here = await tokenOf(HERE)
  there = await tokenOf(THERE)
})
afterAll(() => rig.close())

const tokenOf = async (issuer: string): Promise<string> => {
  const reply = await send(
    { ...service, env: { ...service.env, KEYHARBOR_ISSUER: issuer } },
    '/oauth2/token',
    {
      form: { grant_type: 'client_credentials' },
      headers: asClient(device),
    },
  )
  return reply.body.access_token
}

const CHALLENGE = `Bearer realm="keyharbor", error="invalid_token", error_description="${WHY}"`

describe.each([
  ['/oauth2/introspect', { form: { token: 'x' } }],
  ['/v1/introspect', { json: { tokens: ['x'] } }],
])('who proves themselves by it at %s', (path, body) => {
  const ask = (token: string) => send(service, path, { ...body, headers: bearer(token) })

  it('hears where it is good', async () => {
    const reply = await ask(there)
    expect(reply).toMatchObject({
      status: 401,
      body: { error: 'invalid_token', error_description: WHY },
    })
    expect(reply.headers.get('www-authenticate')).toBe(CHALLENGE)
    expect((await ask(here)).status).toBe(200)
  })

  it('hears nothing, unless the signature is ours', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const forged = await new SignJWT(decodeJwt(there))
      .setProtectedHeader({ ...decodeProtectedHeader(there), alg: 'ES256' })
      .sign(privateKey)
    const unlike = there.slice(0, -4) + (there.endsWith('AAAA') ? 'BBBB' : 'AAAA')
    const answer = await service.signing.sign({ iss: THERE, aud: '1' }, 'token-introspection+jwt')
    for (const token of [forged, unlike, answer]) {
      const reply = await ask(token)
      expect(reply).toMatchObject({ status: 401, body: { error: 'invalid_token' } })
      expect(`${reply.text} ${reply.headers.get('www-authenticate')}`).not.toContain('127.0.0.1')
    }
  })
})

describe('a visitor with it', () => {
  const visit = (visitor: Record<string, string>) =>
    send(service, '/v1/forward-auth', {
      headers: { ...visitor, 'keyharbor-authorization': `Bearer ${device}` },
    })

  it('hears it through the gateway, which hands the challenge on', async () => {
    const reply = await visit(bearer(there))
    expect(reply.status).toBe(401)
    expect(reply.headers.get('www-authenticate')).toBe(CHALLENGE)
    expect((await visit(bearer(here))).status).toBe(200)
  })

  it('hears of Basic where they sent that', async () => {
    const reply = await visit(basic(`x-:${there}`))
    expect(reply.status).toBe(401)
    expect(reply.headers.get('www-authenticate')).toMatch(/^Basic /)
  })
})

it('who asks about it hears what they hear of any token that isn’t good', async () => {
  const reply = await send(service, '/oauth2/introspect', {
    form: { token: there },
    headers: bearer(device),
  })
  expect(reply).toMatchObject({ status: 200, text: '{"active":false}' })
})

it('is good everywhere where the service has one name', async () => {
  const named = { ...service, env: { ...service.env, KEYHARBOR_ISSUER: THERE } }
  const reply = await send(named, '/oauth2/introspect', {
    form: { token: there },
    headers: bearer(there),
  })
  expect(reply.body).toMatchObject({ active: true })
})
