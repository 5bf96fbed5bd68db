import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { updateKey } from '../../shared/keys/change.ts'
import type { Service } from '../../shared/service.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import type { User } from '../../shared/store/user-items.ts'
import { addKey, newTenant, type Rig, startRig } from '../kit/service.ts'
import { bentOf, send } from './kit.ts'

let rig: Rig
let service: Service
let admin: User
beforeAll(async () => {
  rig = await startRig()
  service = rig.service
  admin = await newTenant(service)
})
afterAll(() => rig.close())

const end = (token: string, more: { proto?: string } = {}) =>
  send(service, '/oauth2/revoke', { form: { token, token_type_hint: 'access_token' }, ...more })
const stateOf = async (n: number) => (await service.keys.byNumbers(admin.tenant, [n]))[0]?.revoked

describe('revocation by the holder (RFC 7009)', () => {
  it('ends the key, once', async () => {
    const { key, raw } = await addKey(service, admin)
    for (let time = 0; time < 2; time++)
      expect(await end(raw.reveal())).toMatchObject({ status: 200, text: '' })
    expect(await stateOf(key.n)).toMatchObject({ cause: 'asked', reason: 'Revoked by its holder' })
  })

  it('is answered the same for what is no key, and changes nothing by it', async () => {
    const { key, raw } = await addKey(service, admin)
    for (const token of ['x', bentOf(raw.reveal())])
      expect(await end(token)).toMatchObject({ status: 200, text: '' })
    expect(await stateOf(key.n)).toBeNull()
  })

  it('ends a former secret alone: an old copy can’t end what came after it', async () => {
    const { key, raw } = await addKey(service, admin)
    const { issued } = await updateKey(service, {
      ref: key,
      actor: SERVICE,
      update: { reset: true, graceSeconds: 3600 },
    })
    expect((await end(raw.reveal())).status).toBe(200)
    expect(await stateOf(key.n)).toBeNull()
    const [after] = await service.keys.forCheck([key])
    expect(after?.former).toBeNull()
    expect((await end(issued?.raw.reveal() ?? '')).status).toBe(200)
    expect(await stateOf(key.n)).toMatchObject({ cause: 'asked' })
  })

  it('says that the key was seen, when it came over plain http', async () => {
    const { key, raw } = await addKey(service, admin)
    expect((await end(raw.reveal(), { proto: 'http' })).status).toBe(200)
    expect(await stateOf(key.n)).toMatchObject({ cause: 'insecure' })
  })

  it('refuses access tokens, which end by themselves', async () => {
    expect(await end('a.b.c')).toMatchObject({
      status: 400,
      body: { error: 'unsupported_token_type' },
    })
  })

  it('is a bad request without a token', async () => {
    const reply = await send(service, '/oauth2/revoke', { form: { token: '' } })
    expect(reply).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
  })
})
