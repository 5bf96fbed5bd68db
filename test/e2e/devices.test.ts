/** A device's way from a token to its end, on the running system. */
import { describe, expect, it } from 'vitest'
import {
  introspect,
  isActive,
  need,
  newTenant,
  note,
  openInsecureSocket,
  openSocket,
} from './kit.ts'

type Enrolled = { id: number; key: string; username: string }

const invite = async ({ rpc }: Awaited<ReturnType<typeof newTenant>>): Promise<string> =>
  note((await rpc.call<{ token: string }>('device.invite')).token)

describe('a device', () => {
  it('enrols without a login, checks keys, is seen and heard of, and ends', async () => {
    const tenant = await newTenant()
    const listener = await openSocket()
    await listener.call('auth.login_with_api_key', (await tenant.create()).key)
    await listener.call('core.subscribe', 'device.query')
    const told = (msg: string) =>
      listener.heard(({ method, params }) => method === 'collection_update' && params.msg === msg)
    const token = await invite(tenant)
    const socket = await openSocket()
    const { id, key } = await socket.call<Enrolled>('device.enroll', { token, name: 'nas' })
    note(key)
    const added = await told('added')
    expect(added.params).toMatchObject({
      collection: 'device.query',
      id,
      fields: { id, name: 'nas', invited_by: 'admin' },
    })
    const visitor = await tenant.create()
    expect(await isActive(key, visitor.key)).toBe(true)
    const device = await tenant.rpc.call<{ last_seen_at: unknown }>('device.get_instance', id)
    expect(device.last_seen_at).not.toBeNull()
    await socket.call('auth.login_with_api_key', key)
    await tenant.rpc.call('device.delete', id)
    expect((await introspect(key, visitor.key)).status).toBe(401)
    await told('removed')
    await socket.closed
    listener.close()
  })

  it('is one, of all that bring the same token at once', async () => {
    const tenant = await newTenant()
    const token = await invite(tenant)
    const sockets = await Promise.all([1, 2, 3].map(() => openSocket()))
    const outcomes = await Promise.allSettled(
      sockets.map((socket, at) =>
        socket.call<Enrolled>('device.enroll', { token, name: `nas ${at}` }),
      ),
    )
    for (const outcome of outcomes) if (outcome.status === 'fulfilled') note(outcome.value.key)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await tenant.rpc.call('device.query', [], { count: true })).toBe(1)
    for (const socket of sockets) socket.close()
  })

  it('that sends its token in clear gets nothing, and nobody does by that token', async (context) => {
    need(context, 'plain text')
    const tenant = await newTenant()
    const token = await invite(tenant)
    const plain = await openInsecureSocket()
    await expect(plain.call('device.enroll', { token, name: 'nas' })).rejects.toThrow('encrypted')
    plain.close()
    const socket = await openSocket()
    await expect(socket.call('device.enroll', { token, name: 'nas' })).rejects.toThrow('not valid')
    socket.close()
  })
})
