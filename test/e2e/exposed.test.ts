/** A key that was received in clear, as a device reports it or as the service sees it, is done for. */
import { expect, it } from 'vitest'
import { http, type Reply } from '../../local/client.ts'
import { bootstrap, ca, introspect, isActive, need, newTenant, note, openSocket } from './kit.ts'

const REASON = 'Attempt to use over an insecure transport'

const endByHolder = (key: string): Promise<Reply> =>
  http(`${bootstrap.https}/oauth2/revoke`, {
    ca,
    method: 'POST',
    bearer: key,
    form: { token: key },
  })

it.each(['http', 'ws'])('a key that a device received over %s is revoked', async (transport) => {
  const { rpc, create, device } = await newTenant()
  const { id, key } = await create()
  expect((await introspect(device, key, { transport })).json()).toEqual({ active: false })
  expect(await isActive(device, key)).toBe(false)
  expect(await rpc.call('api_key.query', [['id', '=', id]], { get: true })).toMatchObject({
    revoked: true,
    revoked_reason: REASON,
  })
  // The device's own came over TLS.
  expect(await isActive(device, device)).toBe(true)
  rpc.close()
})

it('a key that its holder ends, or that a device saw in clear, ends its sessions too', async () => {
  const { rpc, create, device } = await newTenant()
  const ends: ((key: string) => Promise<Reply>)[] = [
    (key) => introspect(device, key, { transport: 'http' }),
    endByHolder,
  ]
  for (const end of ends) {
    const { key } = await create()
    const socket = await openSocket()
    expect(await socket.call('auth.login_with_api_key', key)).toBe(true)
    expect((await end(key)).status).toBe(200)
    await expect(socket.call('auth.me')).rejects.toThrow(/expired|closed/)
    socket.close()
  }
  rpc.close()
})

it('a former secret that its holder ends in its grace period ends alone', async () => {
  const { rpc, create, device } = await newTenant()
  const { id, key: former } = await create()
  const { key } = await rpc.call<{ key: string }>('api_key.update', id, {
    reset: true,
    grace_seconds: 3600,
  })
  note(key)
  expect(await isActive(device, former)).toBe(true)
  expect((await endByHolder(former)).status).toBe(200)
  expect(await isActive(device, former)).toBe(false)
  expect(await isActive(device, key)).toBe(true)
  rpc.close()
})

it('a check over plain http costs both keys their life, the one with an expiry too', async (context) => {
  need(context, 'plain text')
  const { rpc, create, device } = await newTenant()
  const { key } = await create({ expires_at: { $date: Date.now() + 3_600_000 } })
  const reply = await http(`${bootstrap.http}/oauth2/introspect`, {
    method: 'POST',
    bearer: device,
    form: { token: key },
  })
  expect(reply.status).toBe(401)
  const entries = await rpc.call<{ name: string }[]>('api_key.query', [['revoked', '=', true]])
  expect(entries).toHaveLength(2)
  expect(entries).toEqual(entries.map(() => expect.objectContaining({ revoked_reason: REASON })))
  rpc.close()
})
