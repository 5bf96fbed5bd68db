/** When a call goes out, what it gets, and when it fails. */
import { describe, expect, it } from 'vitest'
import { RpcError } from '../../client/errors.ts'
import { calm, failure, refused, SILENCE, settle, start } from './kit.ts'

describe('a call', () => {
  it('waits for the connection, 30 seconds at most', async () => {
    const { client, clock, socket } = start({}, { opens: false })
    const call = failure(client.call('core.ping'))
    socket.drop()
    await clock.advance(29_999)
    const outcome = await Promise.race([call, settle()])
    expect(outcome).toBeUndefined()
    await clock.advance(1)
    expect(await call).toMatchObject({ name: 'Disconnected', sent: false })
  })

  it('that waits goes out when the connection is there', async () => {
    const run = start({}, { opens: false })
    const call = run.client.call('core.ping')
    run.socket.drop()
    run.world.opens = true
    await run.clock.advance(500)
    expect(await call).toBeNull()
  })

  it('in flight when the socket goes fails, and says that it was sent', async () => {
    const run = start()
    await calm()
    run.world.answers = () => SILENCE
    const call = failure(run.client.call('core.ping'))
    await calm()
    run.socket.drop('Going away')
    expect(await call).toMatchObject({
      name: 'Disconnected',
      sent: true,
      message: 'The connection ended before the answer: Going away',
    })
  })

  it('without an answer fails after 35 seconds, and the connection is looked at', async () => {
    const run = start()
    await calm()
    run.world.answers = () => SILENCE
    const call = failure(run.client.call('auth.me'))
    await calm()
    await run.clock.advance(35_000)
    expect(await call).toMatchObject({ name: 'Disconnected', sent: true })
    expect(run.client.state).toBe('online')
    await run.clock.advance(10_000)
    expect(run.client.state).toBe('offline')
  })

  it('beyond 20 in flight waits for the answer of another', async () => {
    const run = start()
    await calm()
    run.world.answers = () => SILENCE
    const { socket } = run
    for (let calls = 0; calls < 25; calls++) void run.client.call('auth.me').catch(() => {})
    await calm()
    expect(socket.frames).toHaveLength(1 + 20)
    socket.receive({ id: socket.frames[1]?.id, result: null })
    socket.receive({ id: socket.frames[5]?.id, result: null })
    expect(socket.frames).toHaveLength(1 + 22)
    expect(new Set(socket.frames.map(({ id }) => id)).size).toBe(23)
  })

  it('that is too long for a frame is refused by name and size, and not sent', async () => {
    const { client, socket } = start()
    const call = client.call('api_key.revoke', 1, { reason: 'é'.repeat(16_384) })
    const error = await failure(call)
    expect(error).toBeInstanceOf(RangeError)
    expect(error.message).toMatch(/^The call of api_key\.revoke has 32\d\d\d bytes, and .* 32768$/)
    expect(socket.frames).toHaveLength(1)
  })

  it('gets an error as it stands on the wire, and in words', async () => {
    const { client } = start({}, { answers: () => refused('EACCES', 'Not authorized') })
    // The greeting is refused too: that is a connection that failed.
    expect(client.state).toBe('connecting')
    const other = start({}, { answers: ({ id }) => (id === 1 ? null : refused('EACCES', 'No')) })
    const error = await failure(other.client.call('auth.me'))
    expect(error).toBeInstanceOf(RpcError)
    expect(error).toMatchObject({ code: -32001, errno: 13, errname: 'EACCES', text: 'No' })
    expect(error.message).toBe('[EACCES] No')
  })

  it('is not disturbed by frames that are no answers', async () => {
    const { client, socket } = start()
    await client.call('core.ping')
    socket.receive({ message: 'Internal server error', connectionId: 'x', requestId: 'y' })
    socket.receive([])
    socket.receive({ id: 999, result: 1 })
    expect(await client.call('core.ping')).toBeNull()
  })
})
