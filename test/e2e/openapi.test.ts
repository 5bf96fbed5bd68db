/** The OpenAPI document, from outside: it needs no proof, and says where the service is. */
import { expect, it } from 'vitest'
import { http } from '../../local/client.ts'
import { bootstrap, ca } from './kit.ts'

it('GET /openapi.json is answered to anybody, by the service itself', async () => {
  const reply = await http(`${bootstrap.https}/openapi.json`, { ca })
  expect(reply.status).toBe(200)
  const { issuer } = (
    await http(`${bootstrap.https}/.well-known/oauth-authorization-server`, { ca })
  ).json() as { issuer: string }
  expect(reply.json()).toMatchObject({ openapi: '3.1.1', servers: [{ url: issuer }] })
})
