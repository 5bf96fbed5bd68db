/** The service as `npm start` runs it, and those who ask: a device, a user who may check keys, one who may list them. */
import { readFile } from 'node:fs/promises'
import { Agent } from 'node:https'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import type { Bootstrap } from '../../local/bootstrap.ts'
import { startChild } from '../run/child.ts'
import { createPost } from '../run/post.ts'
import { openLine } from '../run/socket.ts'
import type { Key } from './inputs.ts'

const SERVICE = join(import.meta.dirname, '../servers/from-source/service.ts')

/** Keys of the tenant: as many as there were where a query held the loop for 676 ms. */
const KEYS = 734

export type Rig = Awaited<ReturnType<typeof startRig>>

export const startRig = async (data: string) => {
  const child = startChild(SERVICE, {
    environment: {
      KEYHARBOR_ANONYMOUS_CALLS_PER_MINUTE: '1000000000',
      KEYHARBOR_DEVICE_CHECKS_PER_MINUTE: '1000000000',
      KEYHARBOR_TENANT_CHECKS_PER_MINUTE: '1000000000',
      KEYHARBOR_TENANT_CALLS_PER_MINUTE: '1000000000',
    },
  })
  const known = await child.ask<Bootstrap>('start', { data })
  const ca = await readFile(known.ca, 'utf8')
  const root = await openLine(known.wss, ca)
  await root.call('auth.login_with_api_key', known.apiKey)
  const tokens: string[] = []
  const keyOf = async (username: string, name: string): Promise<string> =>
    (await root.call<{ key: string }>('api_key.create', { name, username })).key
  for (let n = 0; n < KEYS; n++) {
    const key = await keyOf(
      'admin',
      `nas-${String(n).padStart(4, '0')} ${'backup '.repeat(5)}`.trim(),
    )
    if (tokens.length < 100) tokens.push(key)
  }
  const userKey = async (username: string, role: string): Promise<string> => {
    await root.call('user.create', { username, full_name: username, roles: [role] })
    return keyOf(username, username)
  }
  const { token } = await root.call<{ token: string }>('device.invite')
  const { key: device } = await root.call<{ key: string }>('device.enroll', { token, name: 'nas' })
  const keys: Readonly<Record<Key, string>> = {
    device,
    weak: await userKey('weak', 'KEY_VALIDATE'),
    reader: await userKey('reader', 'API_KEY_READ'),
  }
  root.close()
  const agent = new Agent({ ca, keepAlive: true, maxSockets: 32 })
  const post = createPost(known.https, agent)
  return {
    child,
    keys,
    tokens,
    line: async (key: Key) => {
      const line = await openLine(known.wss, ca)
      await line.call('auth.login_with_api_key', keys[key])
      return line
    },
    /** A socket for frames that are sent at once; each gets some answer. */
    flood: async (key: Key) => {
      const socket = new WebSocket(known.wss, { perMessageDeflate: false, ca })
      await new Promise((open, fail) => socket.once('open', open).once('error', fail))
      const answers = (frames: readonly string[]): Promise<string[]> =>
        new Promise((done, fail) => {
          const said: string[] = []
          const hear = (answer: unknown): void => {
            if (said.push(String(answer)) < frames.length) return
            socket.off('message', hear)
            done(said)
          }
          socket.on('message', hear)
          socket.once('close', (code, reason) => fail(new Error(`closed ${code} ${reason}`)))
          for (const frame of frames) send(socket, frame)
        })
      await answers([
        JSON.stringify({
          jsonrpc: '2.0',
          id: 0,
          method: 'auth.login_with_api_key',
          params: [keys[key]],
        }),
      ])
      return { answers, close: () => socket.terminate() }
    },
    post: (path: string, key: Key, body: string, type: string) => post(path, keys[key], body, type),
    async close(): Promise<void> {
      agent.destroy()
      await child.ask('close')
      await child.stop()
    },
  }
}

// ---------------------------------------------------------------------------------------------

/** API Gateway's frames have 32 kB at the most. */
const FRAME = 32_000

const send = (socket: WebSocket, text: string): void => {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += FRAME)
    socket.send(bytes.subarray(at, at + FRAME), { binary: false, fin: at + FRAME >= bytes.length })
}
