/** The recorded frames of the unmodified clients (docs/protocol/clients.md §11.4), sent as they were. */
import { createHash, X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { scramLogin } from '../kit/scram.ts'
import { bootstrap, ca, newTenant, openSocket } from './kit.ts'

/** A socket on which frames go as text. */
const open = async (path = 'current') => {
  const rpc = await openSocket(path)
  const answer = (frame: string): Promise<Record<string, never>> =>
    new Promise((done) => {
      rpc.socket.once('message', (data) => done(JSON.parse(String(data))))
      rpc.socket.send(frame)
    })
  return { rpc, answer }
}
const SET_OPTIONS =
  '{"jsonrpc":"2.0","method": "core.set_options", "id": "id1", "params": [{"legacy_jobs": false, "private_methods": false, "py_exceptions": false}]}'
const SUBSCRIBE =
  '{"jsonrpc":"2.0","method": "core.subscribe", "id": "id2", "params": ["core.get_jobs"]}'

describe('the frames of clients of 26 and master', () => {
  it('plain: set_options, hidden subscribe, mechanisms, login, call, close', async () => {
    const tenant = await newTenant()
    const { key, id } = await tenant.create({ name: 'ci' })
    const { rpc, answer } = await open()
    expect(await answer(SET_OPTIONS)).toEqual({
      jsonrpc: '2.0',
      result: { legacy_jobs: false, private_methods: false, py_exceptions: false },
      id: 'id1',
    })
    expect(await answer(SUBSCRIBE)).toEqual({
      jsonrpc: '2.0',
      error: {
        code: -32001,
        message: 'Method call error',
        data: {
          error: 207,
          errname: 'ENOTAUTHENTICATED',
          reason: '[ENOTAUTHENTICATED] Not authenticated',
          trace: null,
          extra: null,
        },
      },
      id: 'id2',
    })
    const mechanisms = await answer(
      '{"jsonrpc":"2.0","method": "auth.mechanism_choices", "id": "id3", "params": []}',
    )
    expect(mechanisms.result).toEqual(['API_KEY_PLAIN', 'TOKEN_PLAIN', 'PASSWORD_PLAIN', 'SCRAM'])
    const login = await answer(
      `{"jsonrpc":"2.0","method": "auth.login_ex", "id": "id3", "params": [{"mechanism": "API_KEY_PLAIN", "username": "admin", "api_key": "${key}"}]}`,
    )
    expect(login.result).toMatchObject({
      response_type: 'SUCCESS',
      authenticator: 'LEVEL_1',
      reconnect_token: null,
    })
    expect((await answer(SUBSCRIBE)).result).toMatch(/^[0-9a-f-]{36}$/)
    const query = await answer(
      '{"jsonrpc":"2.0","method": "api_key.query", "id": "id10", "params": [[["name", "=", "ci"]], {"select":["id","name"]}]}',
    )
    expect(query).toEqual({ jsonrpc: '2.0', result: [{ id, name: 'ci' }], id: 'id10' })
    rpc.close()
    expect(await rpc.closed).toEqual({ code: 1005, reason: '' })
  })

  it('SCRAM over wss, with and without binding to the certificate that clients see', async () => {
    const tenant = await newTenant()
    const { key } = await tenant.create()
    const certificate = createHash('sha256').update(new X509Certificate(ca).raw).digest()
    for (const more of [{}, { certificate }]) {
      const rpc = await openSocket()
      const call = <T>(method: string, ...params: unknown[]) => rpc.call<T>(method, ...params)
      const login = await scramLogin(call, { username: 'admin', raw: key, ...more })
      expect(login).toMatchObject({ serverProven: true })
      expect(await rpc.call('core.ping')).toBe('pong')
      rpc.close()
    }
    const rpc = await openSocket()
    const call = <T>(method: string, ...params: unknown[]) => rpc.call<T>(method, ...params)
    const other = createHash('sha256').update('somebody in between').digest()
    const login = await scramLogin(call, { username: 'admin', raw: key, certificate: other })
    expect(login.last).toEqual({ response_type: 'AUTH_ERR' })
    rpc.close()
  })

  it('password', async () => {
    const tenant = await newTenant()
    const { rpc, answer } = await open()
    const login = await answer(
      `{"jsonrpc":"2.0","method": "auth.login_ex", "id": "id2", "params": [{"mechanism": "PASSWORD_PLAIN", "username": "admin@${tenant.slug}", "password": "${tenant.password}"}]}`,
    )
    expect(login.result).toMatchObject({ response_type: 'SUCCESS' })
    rpc.close()
  })

  it('the administrator of the first start needs no tenant in their name', async () => {
    const { rpc, answer } = await open()
    const { username, password } = bootstrap
    const login = await answer(
      `{"jsonrpc":"2.0","method": "auth.login_ex", "id": "id2", "params": [{"mechanism": "PASSWORD_PLAIN", "username": "${username}", "password": "${password}"}]}`,
    )
    expect(login.result).toMatchObject({ response_type: 'SUCCESS' })
    rpc.close()
  })
})

describe('the frames of clients of 25.x', () => {
  it.each(['current', 'v25.10.0', 'v25.04.0'])('on /api/%s', async (path) => {
    const tenant = await newTenant()
    const { key } = await tenant.create({ name: 'ci' })
    const { rpc, answer } = await open(path)
    const options = await answer(
      '{"jsonrpc":"2.0","method": "core.set_options", "id": "id1", "params": [{"py_exceptions": false}]}',
    )
    expect(options.id).toBe('id1')
    if (path === 'v25.04.0') expect(options.result).toBeNull()
    const login = await answer(
      `{"jsonrpc":"2.0","method": "auth.login_with_api_key", "id": "id2", "params": ["${key}"]}`,
    )
    expect(login).toEqual({ jsonrpc: '2.0', result: true, id: 'id2' })
    const query = await answer(
      '{"jsonrpc":"2.0","method": "api_key.query", "id": "id3", "params": []}',
    )
    expect(query.result).toHaveLength(2)
    rpc.close()
  })

  it('password', async () => {
    const tenant = await newTenant()
    const { rpc, answer } = await open('v25.10.0')
    const login = await answer(
      `{"jsonrpc":"2.0","method": "auth.login", "id": "id2", "params": ["admin@${tenant.slug}", "${tenant.password}"]}`,
    )
    expect(login.result).toBe(true)
    rpc.close()
  })
})

describe('a message of more than 8 kB before the login', () => {
  it('ends the socket', async () => {
    const socket = new WebSocket(bootstrap.wss, { ca, perMessageDeflate: false })
    await new Promise((done, fail) => socket.once('open', done).once('error', fail))
    const closed = new Promise((done) => socket.once('close', done))
    socket.send('x'.repeat(9000))
    await closed
  })
})

describe('the handshake', () => {
  it('needs no subprotocol, extension, origin or authorization, and takes any origin', async () => {
    for (const headers of [{}, { Origin: 'https://elsewhere.example' }]) {
      const socket = new WebSocket(bootstrap.wss, { ca, headers, perMessageDeflate: false })
      await new Promise((done, fail) => socket.once('open', done).once('error', fail))
      expect(socket.extensions).toBe('')
      socket.close()
    }
  })

  it.each(['v24.10.0', 'v25.04.99', 'v99.0.0', 'v1', ''])('knows no version %j', async (path) => {
    await expect(openSocket(path)).rejects.toThrow('404')
  })
})
