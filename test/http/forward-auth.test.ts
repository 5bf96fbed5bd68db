import { METHODS } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { revokeKey } from '../../shared/keys/revoke.ts'
import type { Service } from '../../shared/service.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import type { User } from '../../shared/store/user-items.ts'
import { addKey, addUser, newTenant, type Rig, startRig } from '../kit/service.ts'
import { basic, bearer, bentOf, send } from './kit.ts'

let rig: Rig
let service: Service
let admin: User
let gateway: string
beforeAll(async () => {
  rig = await startRig()
  service = rig.service
  admin = await newTenant(service)
  const user = await addUser(service, admin.tenant, 'gateway', ['KEY_VALIDATE'])
  gateway = (await addKey(service, user)).raw.reveal()
})
afterAll(() => rig.close())

const visit = (
  visitor: Record<string, string>,
  query = '',
  by: string | null = gateway,
  method = 'GET',
) =>
  send(service, `/v1/forward-auth${query}`, {
    method,
    headers: { ...visitor, ...(by !== null && { 'keyharbor-authorization': `Bearer ${by}` }) },
  })

describe('a gateway’s question', () => {
  it('lets a good key through, and says whose it is', async () => {
    const { key, raw } = await addKey(service, admin)
    const reply = await visit(bearer(raw.reveal()))
    expect(reply).toMatchObject({ status: 200, text: '' })
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      'keyharbor-client': String(key.id),
      'keyharbor-subject': String(admin.uid),
      'keyharbor-username': 'admin',
      'keyharbor-scope': 'FULL_ADMIN',
      'cache-control': 'no-store',
    })
  })

  it('takes the key as a password too, as browsers send it', async () => {
    const { key, raw } = await addKey(service, admin)
    const [, secret] = raw.reveal().split('-')
    expect((await visit(basic(`anyone:${raw.reveal()}`))).status).toBe(200)
    expect((await visit(basic(`${key.id}:${secret}`))).status).toBe(200)
    expect((await visit(basic(`${key.id}:${bentOf(secret ?? '')}`))).status).toBe(401)
  })

  // WebDAV's and its kin's too: a NAS serves them, and Envoy asks by the visitor's method. `Request` takes all but three.
  it.each([...METHODS.filter((method) => !/^(CONNECT|TRACE)$/.test(method)), 'BASELINE-CONTROL'])(
    'may come as %s',
    async (method) => {
      const { raw } = await addKey(service, admin)
      const good = await visit(bearer(raw.reveal()), '?scope=FULL_ADMIN', gateway, method)
      expect(good).toMatchObject({ status: 200, text: '' })
      expect(good.headers.get('keyharbor-username')).toBe('admin')
      expect((await visit(bearer(bentOf(raw.reveal())), '', gateway, method)).status).toBe(401)
      expect((await visit(bearer(raw.reveal()), '?scopes=X', gateway, method)).status).toBe(400)
    },
  )

  it('shuts out a revoked key at the next request', async () => {
    const { key, raw } = await addKey(service, admin)
    expect((await visit(bearer(raw.reveal()))).status).toBe(200)
    await revokeKey(service, { ref: key, actor: SERVICE, cause: 'asked' })
    const reply = await visit(bearer(raw.reveal()))
    expect(reply.status).toBe(401)
    expect(reply.headers.get('www-authenticate')).toMatch(/^Bearer realm="keyharbor", error=/)
  })

  it('asks for a key where there is none', async () => {
    const reply = await visit({})
    expect(reply.status).toBe(401)
    expect(reply.headers.get('www-authenticate')).toBe('Bearer realm="keyharbor"')
  })

  it('wants the role that the gateway names, or one that includes it', async () => {
    const user = await addUser(service, admin.tenant, 'clerk', ['SHARING_ADMIN'])
    const visitor = bearer((await addKey(service, user)).raw.reveal())
    expect((await visit(visitor, '?scope=SHARING_ADMIN')).status).toBe(200)
    expect((await visit(visitor, '?scope=API_KEY_READ')).status).toBe(200)
    expect(await visit(visitor, '?scope=API_KEY_WRITE')).toMatchObject({
      status: 403,
      body: { error: 'insufficient_scope' },
    })
  })

  it('revokes a key with which the visitor came in clear', async () => {
    const { key, raw } = await addKey(service, admin)
    expect((await visit(bearer(raw.reveal()), '?transport=http')).status).toBe(401)
    const [kept] = await service.keys.byNumbers(admin.tenant, [key.n])
    expect(kept?.revoked?.cause).toBe('insecure')
  })

  it.each([
    ['none', () => null],
    ['garbage', () => 'x'],
    ['one of a user without KEY_VALIDATE', () => clerk()],
  ])('never blames the visitor for the gateway’s key: %s', async (_, by) => {
    const { raw } = await addKey(service, admin)
    const reply = await visit(bearer(raw.reveal()), '', await by())
    expect(reply).toMatchObject({ status: 403, body: { error: 'gateway_unauthorized' } })
    expect(reply.headers.get('keyharbor-error')).toBe('gateway_unauthorized')
    expect(reply.headers.get('www-authenticate')).toBeNull()
  })

  it('says what is wrong with its parameters', async () => {
    expect(await visit(bearer(gateway), '?scope=all%20of%20it')).toMatchObject({
      status: 400,
      body: { error_description: 'The parameter scope takes the name of a role.' },
    })
  })
})

const clerk = async (): Promise<string> => {
  const user = await addUser(service, admin.tenant, `other ${service.now()}`, ['API_KEY_READ'])
  return (await addKey(service, user)).raw.reveal()
}
