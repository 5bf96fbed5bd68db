/** What a device or a gateway does: it is shown a key and asks whether that is good. */
import { expect, inject, it } from 'vitest'
import { WebSocket } from 'ws'

const { https, wss, device, apiKey } = inject('keyharbor')

const isGood = async (key: string): Promise<boolean> => {
  const reply = await fetch(`${https}/oauth2/introspect`, {
    method: 'POST',
    headers: { authorization: `Bearer ${device.apiKey}` },
    body: new URLSearchParams({ token: key }),
  })
  return ((await reply.json()) as { active: boolean }).active
}

/** An administrator's socket: one call at a time. */
const administrator = async () => {
  const socket = new WebSocket(wss)
  await new Promise((open, fail) => socket.once('open', open).once('error', fail))
  const call = async <T>(method: string, ...params: unknown[]): Promise<T> => {
    const answer = new Promise<string>((done) =>
      socket.once('message', (data) => done(String(data))),
    )
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))
    const { result, error } = JSON.parse(await answer)
    if (error !== undefined) throw new Error(error.data?.reason ?? error.message)
    return result
  }
  await call('auth.login_with_api_key', apiKey)
  return { call, close: () => socket.close() }
}

it('a key is good until it is revoked', async () => {
  const admin = await administrator()
  const { id, key } = await admin.call<{ id: number; key: string }>('api_key.create', {
    name: 'backup',
    username: 'admin',
  })
  expect(await isGood(key)).toBe(true)
  await admin.call('api_key.revoke', id)
  expect(await isGood(key)).toBe(false)
  admin.close()
})
