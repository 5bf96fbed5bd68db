/** When a client connects, waits, gives up and comes back. */
import { describe, expect, it } from 'vitest'
import { Disconnected, SignedOut } from '../../client/errors.ts'
import type { Call } from '../../client/types.ts'
import { type Answers, calm, failure, refused, SILENCE, start } from './kit.ts'

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

  it('comes back no sooner than the service asked for, and not all at that moment', async () => {
    const busy = refused('EAGAIN', 'The service is busy. Try again in a moment.', 11)
    const data = { ...busy.refused.data, retry_after: 2 }
    const login = (call: Call) => call('auth.me').then(() => {})
    const answers: Answers = ({ method }) =>
      method === 'auth.me' ? { refused: { ...busy.refused, data } } : null
    const run = start({ login }, { answers })
    await calm()
    expect(run.states.at(-1)?.[1].retryAt).toBe(run.clock.now() + 2500)
    run.sockets.length = 0
    run.world.opens = false
    await run.clock.advance(2500)
    run.sockets.at(-1)?.drop()
    // It asked for that once.
    expect(run.states.at(-1)?.[1].retryAt).toBe(run.clock.now() + 1000)
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

describe('who is signed out', () => {
  const nobody = async (): Promise<void> => {
    throw new SignedOut('Nobody is signed in')
  }

  it('can call, and is online when they say that they have signed in', async () => {
    const { client, states } = start({ login: nobody })
    expect(await client.call('core.ping')).toBeNull()
    expect(states).toEqual([['signedOut', { reason: 'Nobody is signed in' }]])
    client.signedIn()
    await calm()
    expect(client.state).toBe('online')
  })

  it('is not connected again, until they call', async () => {
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

  it('is logged in by their login if the socket has gone since', async () => {
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
