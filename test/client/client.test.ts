/** When a client connects, calls, waits, gives up and comes back. */
import { describe, expect, it } from 'vitest'
import { Disconnected, RpcError, SignedOut } from '../../client/errors.ts'
import { calm, failure, refused, SILENCE, settle, start } from './kit.ts'

describe('a connection', () => {
  it('begins with core.set_options, then the login, and then calls go out', async () => {
    const { client, socket } = start({ login: async (call) => void (await call('auth.me')) })
    await client.call('core.ping')
    expect(socket.frames.map(({ method }) => method)).toEqual([
      'core.set_options',
      'auth.me',
      'core.ping',
    ])
    expect(client.state).toBe('online')
  })

  it('that cannot be is tried again after 0.5, 1, 2 … 30 seconds at most', async () => {
    const { clock, states, socket, sockets, world } = start({}, { opens: false })
    socket.drop('No route')
    const waits: number[] = []
    for (let tries = 0; tries < 9; tries++) {
      const [state, { retryAt = 0 } = {}] = states.at(-1) ?? []
      expect(state).toBe('offline')
      waits.push(retryAt - clock.now())
      await clock.advance(retryAt - clock.now())
      sockets.at(-1)?.drop('No route')
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
    expect(world.opens).toBe(false)
  })

  it('waits for a random part of that', async () => {
    const { clock, states, socket } = start({}, { opens: false })
    clock.random = () => 0.25
    socket.drop()
    expect(states.at(-1)).toEqual([
      'offline',
      { reason: 'The connection was closed (code 1001)', retryAt: clock.now() + 125 },
    ])
  })

  it('comes back at once when told', async () => {
    const { client, socket, sockets } = start({}, { opens: false })
    socket.drop()
    client.reconnect()
    expect(client.state).toBe('connecting')
    expect(sockets).toHaveLength(2)
  })

  it('that does not come about within 20 seconds is given up and tried again', async () => {
    const { clock, states, socket } = start({}, { opens: false })
    await clock.advance(20_000)
    expect(socket.isClosed).toBe(true)
    expect(states.map(([state]) => state)).toContain('offline')
  })

  it('that was cut after two hours begins at the shortest wait again', async () => {
    const run = start()
    await calm()
    run.socket.drop()
    await run.clock.advance(500)
    await run.clock.advance(31_000)
    run.socket.drop()
    expect(run.states.at(-1)?.[1].retryAt).toBe(run.clock.now() + 500)
  })

  it('that ends as soon as it is there does not', async () => {
    const run = start()
    await calm()
    run.socket.drop()
    await run.clock.advance(500)
    expect(run.client.state).toBe('online')
    run.socket.drop()
    expect(run.states.at(-1)?.[1].retryAt).toBe(run.clock.now() + 1000)
  })

  it('is pinged every four minutes, and ended without an answer in 10 seconds', async () => {
    const run = start()
    await calm()
    await run.clock.advance(240_000)
    expect(run.called).toEqual(['core.set_options', 'core.ping'])
    run.world.answers = () => SILENCE
    await run.clock.advance(240_000)
    expect(run.client.state).toBe('online')
    await run.clock.advance(10_000)
    expect(run.states.slice(-1)).toMatchObject([
      ['offline', { reason: 'No sign of life within 10 s' }],
    ])
  })

  it('is looked at when told to reconnect, even if it seems to be there', async () => {
    const run = start()
    await calm()
    run.client.reconnect()
    expect(run.called.at(-1)).toBe('core.ping')
    await calm()
    await run.clock.advance(10_000)
    expect(run.client.state).toBe('online')
    run.world.answers = () => SILENCE
    run.client.reconnect()
    await run.clock.advance(10_000)
    expect(run.client.state).toBe('offline')
  })

  it('is over when closed: nothing is tried, no timer is left', async () => {
    const { client, clock, socket, sockets, states } = start()
    await calm()
    client.close()
    client.close()
    expect(socket.isClosed).toBe(true)
    expect(states.at(-1)).toEqual(['closed', {}])
    client.reconnect()
    expect(sockets).toHaveLength(1)
    expect(clock.timers).toBe(0)
    expect(await failure(client.call('core.ping'))).toBeInstanceOf(Disconnected)
  })
})

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

  it('without an answer fails after 35 seconds', async () => {
    const run = start()
    await calm()
    run.world.answers = () => SILENCE
    const call = failure(run.client.call('auth.me'))
    await calm()
    await run.clock.advance(35_000)
    expect(await call).toMatchObject({ name: 'Disconnected', sent: true })
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

describe('who is signed out', () => {
  const nobody = async (): Promise<void> => {
    throw new SignedOut('Nobody is signed in')
  }

  it('can call, and is online when he says that he has signed in', async () => {
    const { client, states } = start({ login: nobody })
    expect(await client.call('core.ping')).toBeNull()
    expect(states).toEqual([['signedOut', { reason: 'Nobody is signed in' }]])
    client.signedIn()
    await calm()
    expect(client.state).toBe('online')
  })

  it('is not connected again, until he calls', async () => {
    const { client, clock, socket, sockets, states } = start({ login: nobody })
    await calm()
    socket.drop()
    await clock.advance(600_000)
    expect(sockets).toHaveLength(1)
    expect(await client.call('core.ping')).toBeNull()
    expect(sockets).toHaveLength(2)
    expect(client.state).toBe('signedOut')
    expect(states).toHaveLength(1)
  })

  it('is logged in by his login if the socket has gone since', async () => {
    let isKnown = false
    const login = async (): Promise<void> => {
      if (!isKnown) throw new SignedOut('Nobody is signed in')
    }
    const { client, socket, sockets } = start({ login })
    await calm()
    isKnown = true
    socket.drop()
    client.signedIn()
    expect(client.state).toBe('connecting')
    await calm()
    expect(client.state).toBe('online')
    expect(sockets).toHaveLength(2)
  })

  it('is signed out by auth.logout', async () => {
    const { client, states } = start()
    await client.call('auth.logout')
    expect(states.at(-1)).toEqual(['signedOut', { reason: 'Signed out' }])
  })
})

describe('a login', () => {
  it('that fails, but is not refused, is tried again', async () => {
    let tries = 0
    const login = async (): Promise<void> => {
      if (++tries === 1) throw new Error('The service is busy')
    }
    const { client, clock, states } = start({ login })
    await calm()
    expect(states.at(-1)).toMatchObject(['offline', { reason: 'The service is busy' }])
    await clock.advance(500)
    expect(client.state).toBe('online')
  })

  it('is done again when a call hears that the session is gone', async () => {
    const run = start({ login: async () => {} })
    await calm()
    run.world.answers = ({ method }) =>
      method === 'auth.me' ? refused('EACCES', 'Session is expired') : null
    await failure(run.client.call('auth.me'))
    expect(run.states.at(-1)).toMatchObject(['offline', { reason: 'Session is expired' }])
    await run.clock.advance(500)
    expect(run.client.state).toBe('online')
    expect(run.sockets).toHaveLength(2)
  })

  it('may keep itself alive, instead of the ping', async () => {
    let kept = 0
    const keepAlive = async (): Promise<void> => void kept++
    const run = start({ login: Object.assign(async () => {}, { keepAlive }) })
    await calm()
    await run.clock.advance(480_000)
    expect(kept).toBe(2)
    expect(run.called).toEqual(['core.set_options'])
  })
})
