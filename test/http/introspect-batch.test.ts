import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mintSecret } from '../../shared/crypto/random.ts'
import { rawKey } from '../../shared/domain/key.ts'
import { checkKey } from '../../shared/keys/check.ts'
import { revokeKey } from '../../shared/keys/revoke.ts'
import type { Service } from '../../shared/service.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import type { User } from '../../shared/store/user-items.ts'
import { addKey, addUser, newTenant, type Rig, startRig } from '../kit/service.ts'
import { bearer, bentOf, countReads, send } from './kit.ts'

let rig: Rig
let service: Service
let admin: User
let device: string
beforeAll(async () => {
  rig = await startRig()
  service = rig.service
  admin = await newTenant(service)
  const user = await addUser(service, admin.tenant, 'device', ['KEY_VALIDATE'])
  device = (await addKey(service, user)).raw.reveal()
})
afterAll(() => rig.close())

const batch = (json: unknown, from = service) =>
  send(from, '/v1/introspect', { json, headers: bearer(device) })

describe('introspection of many', () => {
  it('answers as one by one, in the order of the tokens, each as often as it is there', async () => {
    const good = await addKey(service, admin)
    const revoked = await addKey(service, admin)
    const expired = await addKey(service, admin, { expires: service.now() + 1 })
    rig.clock.now += 1
    await revokeKey(service, { ref: revoked.key, actor: SERVICE, cause: 'asked' })
    const foreign = await addKey(service, await newTenant(service))
    const raw = good.raw.reveal()
    const others = [revoked, expired, foreign].map((key) => key.raw.reveal())
    const tokens = [raw, ...others, bentOf(raw), 'x', '', device, raw]
    const one = async (token: string) =>
      (await send(service, '/oauth2/introspect', { form: { token }, headers: bearer(device) })).body
    const { status, body } = await batch({ tokens })
    expect(status).toBe(200)
    for (const [at, token] of tokens.entries())
      expect(body.results[at]).toEqual(token === '' ? { active: false } : await one(token))
    expect(body.results.map(({ active }: { active: boolean }) => active)).toEqual(
      tokens.map((token) => token === raw || token === device),
    )
  })

  it('takes a hundred in one read, and refuses one more', async () => {
    const tokens = Array.from({ length: 99 }, (_, i) => {
      const id = admin.tenant * 1e9 + 5000 + i
      return rawKey(id, mintSecret(id)).reveal()
    })
    const { raw } = await addKey(service, admin)
    const counting = countReads(service)
    const { body } = await batch({ tokens: [...tokens, raw.reveal()] }, counting.service as Service)
    expect(body.results).toHaveLength(100)
    expect(body.results[99]).toMatchObject({ active: true })
    // The caller's key first: nobody unproven makes anyone read a hundred.
    expect(counting.counted).toEqual({ reads: 2, keys: 101 })
    expect(await batch({ tokens: Array(101).fill('x') })).toMatchObject({
      status: 400,
      body: { error_description: 'tokens: takes 100 tokens at the most' },
    })
  })

  it('revokes those that came in clear, and no other tenant’s', async () => {
    const [own, foreign] = [
      await addKey(service, admin),
      await addKey(service, await newTenant(service)),
    ]
    const tokens = [own.raw.reveal(), foreign.raw.reveal()]
    const { body } = await batch({ tokens, transport: 'http' })
    expect(body).toEqual({ results: [{ active: false }, { active: false }] })
    const [mine] = await service.keys.byNumbers(admin.tenant, [own.key.n])
    const [theirs] = await service.keys.byNumbers(foreign.key.tenant, [foreign.key.n])
    expect([mine?.revoked?.cause, theirs?.revoked]).toEqual(['insecure', null])
  })

  it('over http reads no hundred keys for a caller that is nobody', async () => {
    const { key, raw } = await addKey(service, admin)
    const ask = (tokens: readonly string[]) => {
      const headers = bearer(bentOf(device))
      return send(service, '/v1/introspect', { proto: 'http', headers, json: { tokens } })
    }
    const cause = async () =>
      (await service.keys.byNumbers(key.tenant, [key.n]))[0]?.revoked?.cause ?? null
    const error_description = 'The key is not valid, or the access token has expired.'
    const refused = { status: 401, body: { error: 'invalid_token', error_description } }
    expect(await ask([raw.reveal(), 'x'])).toMatchObject(refused)
    expect(await cause()).toBeNull()
    // A single one is read with the caller: so that it came in clear is known.
    expect(await ask([raw.reveal()])).toMatchObject(refused)
    expect(await cause()).toBe('insecure')
  })

  it('over http revokes all keys in it, and the caller’s', async () => {
    const newKey = async () => (await addKey(service, admin)).raw.reveal()
    const [caller, tokens] = [await newKey(), [await newKey(), await newKey()]]
    const headers = bearer(caller)
    await send(service, '/v1/introspect', { proto: 'http', headers, json: { tokens } })
    for (const raw of [caller, ...tokens])
      expect((await checkKey(service, raw)).state).toBe('revoked')
  })

  it.each([
    ['no JSON', undefined, 'Send a JSON object.'],
    ['no tokens', {}, 'tokens: takes a list of 1 to 100 texts'],
    ['an empty list', { tokens: [] }, 'tokens: takes at least one token'],
    ['a number', { tokens: [7] }, 'tokens.0: takes texts'],
    [
      'a strange transport',
      { tokens: ['x'], transport: 'mail' },
      'transport: takes https, wss, http or ws',
    ],
  ])('says what is wrong with %s', async (_, json, error_description) => {
    const reply = await send(service, '/v1/introspect', {
      ...(json === undefined ? { body: 'tokens' } : { json }),
      headers: bearer(device),
    })
    expect(reply).toMatchObject({
      status: 400,
      body: { error: 'invalid_request', error_description },
    })
  })

  it('refuses who may not ask', async () => {
    const json = { tokens: [device] }
    expect(await send(service, '/v1/introspect', { json })).toMatchObject({ status: 401 })
    const nobody = await send(service, '/v1/introspect', { json, headers: bearer(bentOf(device)) })
    const error_description = 'The key is not valid, or the access token has expired.'
    expect(nobody).toMatchObject({ status: 401, body: { error_description } })
    const user = await addUser(service, admin.tenant, 'nosy', ['API_KEY_WRITE'])
    const { raw } = await addKey(service, user)
    const reply = await send(service, '/v1/introspect', { json, headers: bearer(raw.reveal()) })
    expect(reply).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } })
  })
})
