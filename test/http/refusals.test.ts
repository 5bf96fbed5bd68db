/** A caller without a good proof is told so in the terms of the scheme that it tried. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mintSecret } from '../../shared/crypto/random.ts'
import { rawKey } from '../../shared/domain/key.ts'
import { revokeKey } from '../../shared/keys/revoke.ts'
import type { Service } from '../../shared/service.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import type { User } from '../../shared/store/user-items.ts'
import { addKey, addUser, newTenant, type Rig, startRig } from '../kit/service.ts'
import { asClient, bearer, bentOf, send } from './kit.ts'

let rig: Rig
let service: Service
let user: User
let device: string
let revoked: string
beforeAll(async () => {
  rig = await startRig()
  service = rig.service
  const { tenant } = await newTenant(service)
  user = await addUser(service, tenant, 'device', ['KEY_VALIDATE'])
  device = await newKey()
  const { key, raw } = await addKey(service, user)
  await revokeKey(service, { ref: key, actor: SERVICE, cause: 'asked' })
  revoked = raw.reveal()
})
afterAll(() => rig.close())

const newKey = async (): Promise<string> => (await addKey(service, user)).raw.reveal()

const BASIC = 'Basic realm="keyharbor", charset="UTF-8"'
const BEARER = 'Bearer realm="keyharbor"'
const BASIC_REFUSED = { error: 'invalid_client', challenge: BASIC }
const BEARER_REFUSED = { error: 'invalid_token', challenge: `${BEARER}, error="invalid_token"` }
/** Nothing that we know was tried. */
const BOTH = { error: 'invalid_client', challenge: `${BEARER}, ${BASIC}` }

const ROUTES = {
  '/oauth2/introspect': { form: { token: 'x' } },
  '/v1/introspect': { json: { tokens: ['x', 'y'] } },
} as const

describe.each(Object.entries(ROUTES))('%s', (path, body) => {
  const ask = async (headers: Record<string, string>, proto = 'https') => {
    const reply = await send(service, path, { ...body, headers, proto })
    const challenge = reply.headers.get('www-authenticate')
    return { status: reply.status, error: reply.body.error, challenge, text: reply.text }
  }

  it.each<[string, () => Record<string, string>, object]>([
    ['a wrong checksum by Basic', () => asClient(bentOf(device)), BASIC_REFUSED],
    ['a secret that is none by Basic', () => asClient(`${device.split('-')[0]}-x`), BASIC_REFUSED],
    ['Basic that is none', () => ({ authorization: 'Basic %' }), BASIC_REFUSED],
    ['Basic and nothing', () => ({ authorization: 'basic' }), BASIC_REFUSED],
    ['a revoked key by Basic', () => asClient(revoked), BASIC_REFUSED],
    ['a wrong checksum as Bearer', () => bearer(bentOf(device)), BEARER_REFUSED],
    ['a token that is none', () => bearer('a.b.c'), BEARER_REFUSED],
    ['two words as Bearer', () => bearer('a b'), BEARER_REFUSED],
    ['Bearer and nothing', () => ({ authorization: 'bearer' }), BEARER_REFUSED],
    ['a revoked key as Bearer', () => bearer(revoked), BEARER_REFUSED],
    ['no proof', () => ({}), BOTH],
    ['a scheme that is not ours', () => ({ authorization: 'Digest username="x"' }), BOTH],
  ])('refuses %s', async (_, headers, refused) => {
    expect(await ask(headers())).toMatchObject({ status: 401, ...refused })
  })

  it('tells the holder of a revoked key what it is, and nobody else, by either scheme', async () => {
    for (const scheme of [asClient, bearer]) {
      expect((await ask(scheme(revoked))).text).toContain('The key is revoked.')
      expect((await ask(scheme(bentOf(revoked)))).text).not.toContain('revoked')
    }
  })

  it('says the same of a key that isn’t there and of one that can’t be', async () => {
    const id = user.tenant * 1e9 + 5000
    const unknown = rawKey(id, mintSecret(id)).reveal()
    for (const scheme of [asClient, bearer])
      expect(await ask(scheme(unknown))).toEqual(await ask(scheme(bentOf(unknown))))
  })

  it('refuses what came over plain http in the same terms', async () => {
    const [one, other] = [await newKey(), await newKey()]
    expect(await ask(asClient(one), 'http')).toMatchObject({ status: 401, ...BASIC_REFUSED })
    expect(await ask(bearer(other), 'http')).toMatchObject({ status: 401, ...BEARER_REFUSED })
    expect(await ask({}, 'http')).toMatchObject({ status: 401, ...BOTH })
    expect((await ask(asClient(one))).text).toContain('The key is revoked.')
  })
})

describe('/v1/forward-auth', () => {
  const visit = (visitor: Record<string, string>, gateway = bearer(device)) =>
    send(service, '/v1/forward-auth', {
      headers: { ...visitor, 'keyharbor-authorization': gateway.authorization },
    })

  it.each<[string, () => Record<string, string>, string]>([
    ['without a key', () => ({}), BEARER],
    ['by a scheme that is not ours', () => ({ authorization: 'NotBasic x' }), BEARER],
    ['with a key that isn’t good', () => bearer(revoked), `${BEARER}, error="invalid_token"`],
    ['with a password that isn’t good', () => asClient(revoked), BASIC],
  ])('has no browser ask for a password but who sent one: %s', async (_, by, challenge) => {
    const reply = await visit(by())
    expect(reply).toMatchObject({ status: 401, body: { error: 'invalid_token' } })
    expect(reply.headers.get('www-authenticate')).toBe(challenge)
  })

  it('challenges nobody for the gateway’s own Basic', async () => {
    const reply = await visit(bearer(device), asClient(bentOf(device)))
    expect(reply).toMatchObject({ status: 403, body: { error: 'gateway_unauthorized' } })
    expect(reply.headers.get('www-authenticate')).toBeNull()
  })
})
