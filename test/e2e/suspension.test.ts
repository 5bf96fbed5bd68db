/** The operator stops a tenant, and lets it go on. */
import { expect, it } from 'vitest'
import { http } from '../../local/client.ts'
import { bootstrap, ca, introspect, isActive, newTenant } from './kit.ts'

const operate = async (method: 'GET' | 'POST', path: string, body?: object) =>
  http(`${bootstrap.https}/v1/tenants${path}`, {
    ca,
    method,
    bearer: bootstrap.operatorToken,
    ...(body && { body }),
  })

it('a suspended tenant is shut, sockets that are open too, and as it was when it goes on', async () => {
  const { slug, rpc, create, device } = await newTenant()
  const { key } = await create()
  const { tenants } = (await operate('GET', '')).json() as {
    tenants: { id: number; slug: string }[]
  }
  const id = tenants.find((one) => one.slug === slug)?.id
  expect(await isActive(device, key)).toBe(true)
  expect((await operate('POST', '/suspend', { id })).json()).toMatchObject({ id, suspended: true })
  expect((await introspect(device, key)).status).toBe(401)
  await expect(rpc.call('user.query')).rejects.toThrow('Session is expired')
  expect((await operate('POST', '/resume', { id })).json()).toMatchObject({ suspended: false })
  expect(await isActive(device, key)).toBe(true)
  rpc.close()
})
