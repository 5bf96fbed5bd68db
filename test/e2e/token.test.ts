/** A key becomes an access token, and a relying party checks that by what is published. */
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { expect, it } from 'vitest'
import { http, type Reply } from '../../local/client.ts'
import { bootstrap, ca, isActive, need, newTenant, note, until } from './kit.ts'

type Token = { access_token: string; expires_in: number; scope: string }

const form = (key: string) => ({
  grant_type: 'client_credentials',
  client_id: key.split('-')[0] ?? '',
  client_secret: key,
})
const ask = (key: string, at = bootstrap.https): Promise<Reply> =>
  http(`${at}/oauth2/token`, { ca, method: 'POST', form: form(key) })
const get = async <T>(url: string): Promise<T> => (await http(url, { ca })).json() as T

it('a device gets a token; issuer and keys are found from the metadata', async () => {
  const { device, rpc } = await newTenant()
  // A service that has just begun has no signing key before its first sweep.
  let reply = await ask(device)
  await until(async () => {
    if (reply.status !== 503) return true
    reply = await ask(device)
    return false
  })
  const { access_token, expires_in, scope } = reply.json() as Token
  expect({ expires_in, scope }).toEqual({ expires_in: 300, scope: 'KEY_VALIDATE' })

  const well = `${bootstrap.https}/.well-known/oauth-authorization-server`
  const { issuer, jwks_uri } = await get<{ issuer: string; jwks_uri: string }>(well)
  const keys = createLocalJWKSet(await get<JSONWebKeySet>(jwks_uri))
  const { payload } = await jwtVerify(note(access_token), keys, {
    issuer,
    audience: issuer,
    typ: 'at+jwt',
    algorithms: ['ES256'],
  })
  expect(payload).toMatchObject({ client_id: device.split('-')[0], scope: 'KEY_VALIDATE' })
  rpc.close()
})

it('a key that asks for a token over plain http has been seen, and is revoked', async (context) => {
  need(context, 'plain text')
  const { create, device, rpc } = await newTenant()
  const { key } = await create()
  expect(await isActive(device, key)).toBe(true)
  expect((await ask(key, bootstrap.http)).status).toBe(401)
  expect(await isActive(device, key)).toBe(false)
  rpc.close()
})
