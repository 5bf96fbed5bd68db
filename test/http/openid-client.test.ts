/** openid-client with its defaults: it finds the metadata at openid-configuration, and puts its secret into forms. */
import * as client from 'openid-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createCheckApp, createMainApp } from '../../shared/http/app.ts'
import { CHECK_PATHS } from '../../shared/http/paths.ts'
import { sweep } from '../../shared/jobs/sweep.ts'
import { addKey, addUser, newTenant, type Rig, startRig } from '../kit/service.ts'

let rig: Rig
let config: client.Configuration
beforeAll(async () => {
  rig = await startRig()
  const { tenant } = await newTenant(rig.service)
  // Makes the key that signs.
  await sweep(rig.service)
  const user = await addUser(rig.service, tenant, 'device', ['KEY_VALIDATE'])
  const [id = '', secret = ''] = (await addKey(rig.service, user)).raw.reveal().split('-')
  const checks = createCheckApp(rig.service)
  const main = createMainApp(rig.service)
  const customFetch: client.CustomFetch = async (url, options) => {
    const app = (CHECK_PATHS as readonly string[]).includes(new URL(url).pathname) ? checks : main
    const request = new Request(url, options as RequestInit)
    return app.fetch(request, { address: '192.0.2.1', secure: true })
  }
  const here = new URL('https://keys.example')
  config = await client.discovery(here, id, secret, undefined, {
    [client.customFetch]: customFetch,
  })
})
afterAll(() => rig.close())

it('gets a token, asks about it and about keys, and ends a key', async () => {
  const { scope, access_token } = await client.clientCredentialsGrant(config)
  expect(scope).toBe('KEY_VALIDATE')
  expect(await client.tokenIntrospection(config, access_token)).toMatchObject({ active: true })
  expect(await client.tokenIntrospection(config, 'nonsense')).toEqual({ active: false })
  // Whose holder is somebody else: all that it takes is to have it.
  const { key, raw } = await addKey(rig.service, await newTenant(rig.service))
  await client.tokenRevocation(config, raw.reveal())
  const [kept] = await rig.service.keys.forCheck([key])
  expect(kept?.revoked).toMatchObject({ cause: 'asked' })
})

it('hears that its secret is wrong', async () => {
  const wrong = new client.Configuration(
    config.serverMetadata(),
    config.clientMetadata().client_id,
    'x'.repeat(64),
  )
  wrong[client.customFetch] = config[client.customFetch] as client.CustomFetch
  await expect(client.tokenIntrospection(wrong, 'nonsense')).rejects.toMatchObject({ status: 401 })
})
