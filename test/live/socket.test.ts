/** A socket's whole life when the table is busy or a call takes too long, and its end before its time. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { hearingOfChanges, workOn } from '../../shared/domain/carried.ts'
import { Fault } from '../../shared/domain/fault.ts'
import { isOld, RENEWAL } from '../../shared/live/renewal.ts'
import { createSocket } from '../../shared/live/socket.ts'
import { METHODS } from '../../shared/methods/index.ts'
import { createDispatch } from '../../shared/rpc/dispatch.ts'
import { createTransact } from '../../shared/store/transact.ts'
import type { User } from '../../shared/store/user-items.ts'
import { type Faulty, startFaulty } from '../kit/faulty.ts'
import { entry, holdWrites } from '../kit/held.ts'
import { type Sockets, startSockets } from '../kit/peer.ts'
import { newTenant, type Rig, START, startRig } from '../kit/service.ts'
import { scan } from '../kit/table.ts'

let rig: Rig
let wire: Faulty
/** Every request of it goes over the wire. */
let here: Sockets
let admin: User
beforeAll(async () => {
  rig = await startRig()
  admin = await newTenant(rig.service)
  wire = await startFaulty()
  here = startSockets(rig.make())
})
afterAll(async () => {
  await wire?.close()
  await rig?.close()
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
  rig.clock.now = START
})

const failing = (times: number) => Array<'failed'>(times).fill('failed')

describe('a socket that the table has no time for', () => {
  it('is answered 503, and counted', async () => {
    rig.counted()
    wire.plan('PutItem', ...failing(3))
    await expect(here.open()).rejects.toThrow('the handshake was answered 503')
    expect(rig.counted()).toEqual({ CallFailed: 1 })
    await here.open()
  })

  it('leaves nothing when it ends, however often that fails', async () => {
    const peer = await here.openAs(admin)
    await peer.call('core.subscribe', 'api_key.query')
    await peer.call('api_key.create', { name: 'one', username: admin.username })
    const left = async () =>
      (await scan(rig.table)).filter(({ pk, sk }) => `${pk} ${sk}`.split(/[# ]/).includes(peer.id))
        .length
    expect(await left()).toBeGreaterThan(3)
    // The first try doesn't delete it, and the second not what lies beside its session.
    wire.plan('DeleteItem', ...failing(3), 'fine', ...failing(3))
    await peer.disconnect()
    expect(await left()).toBe(0)
  })
})

describe('a frame', () => {
  /** A socket whose table never answers. */
  const stuck = () => {
    const log = { info: () => {}, error: vi.fn() }
    const get = () => new Promise<never>(() => {})
    const service = { ...rig.service, log, connections: { ...rig.service.connections, get } }
    return createSocket(service, createDispatch(service, METHODS))
  }
  const ask = (socket: ReturnType<typeof createSocket>, id: string, began?: number) =>
    socket.message(id, '{"jsonrpc":"2.0","id":7,"method":"core.ping"}', began)

  it('is answered before API Gateway gives up, with its id', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const answer = ask(stuck(), 'c1')
    await vi.advanceTimersByTimeAsync(28_000)
    expect(JSON.parse((await answer) ?? '')).toMatchObject({
      id: 7,
      error: { data: { errname: 'EAGAIN' } },
    })
  })

  it('that meets a defect is answered with the id of its request, and so is the line in the log', async () => {
    const error = vi.fn()
    const broken = async (): Promise<never> => {
      throw new Error('a defect')
    }
    const connections = { ...rig.service.connections, get: broken, withHeld: broken }
    const service = { ...rig.service, connections, log: { info: () => {}, error } }
    const socket = createSocket(service, createDispatch(service, METHODS))
    const answer = await workOn('the-frames-own=', () => ask(socket, 'c1'))
    const reason = '[EFAULT] Internal error, reference the-frames-own='
    expect(JSON.parse(answer ?? '').error.data).toMatchObject({ reason })
    const said = { method: 'core.ping', code: 'INTERNAL', request: 'the-frames-own=' }
    expect(error).toHaveBeenCalledWith('call failed', expect.any(Error), said)
  })

  it('that waited for a function has that much less', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const answers = [
      ask(stuck(), 'c1', START - 20_000),
      // Clocks that differ are no reason to give up.
      ask(stuck(), 'c1', START - 60_000),
      ask(stuck(), 'c1', START + 60_000),
    ]
    const done: number[] = []
    for (const [at, answer] of answers.entries()) answer.then(() => done.push(at))
    await vi.advanceTimersByTimeAsync(8000)
    expect(done).toEqual([0])
    await vi.advanceTimersByTimeAsync(20_000)
    expect(done).toEqual([0, 1, 2])
  })

  it('whose change was sent hears that nobody knows what came of it', async () => {
    const { id } = await here.open()
    const service = { ...rig.service, log: { info: () => {}, error: vi.fn() } }
    const dispatch = createDispatch(service, METHODS)
    let began = (): void => {}
    const isStuck = new Promise<void>((resolve) => {
      began = resolve
    })
    const socket = createSocket(service, (frame, peer) => {
      if ('error' in peer) return dispatch(frame, peer)
      peer.progress.hasSent = true
      began()
      return new Promise<never>(() => {})
    })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const answer = ask(socket, id)
    await isStuck
    await vi.advanceTimersByTimeAsync(28_000)
    expect(JSON.parse((await answer) ?? '')).toMatchObject({
      id: 7,
      error: { data: { errname: 'EIO' } },
    })
  })
})

describe('a change without a session', () => {
  /** A call that enrols a device, and is held when its change would be sent. */
  const enrolling = async () => {
    const boss = await here.openAs(admin)
    const { token } = await boss.call<{ token: string }>('device.invite')
    const device = await here.open()
    const held = holdWrites(entry('device.enroll'))
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const answer = device.exchange('device.enroll', { token, name: token.slice(-12) })
    await held.until(1)
    return { answer, held }
  }

  it('is not told as not made once it was sent', async () => {
    const { answer, held } = await enrolling()
    await vi.advanceTimersByTimeAsync(28_000)
    expect(await answer).toMatchObject({ error: { data: { errname: 'EIO' } } })
    held.release()
  })
})

it('a change isn’t sent any more when its sender was told that there is none', async () => {
  const send = vi.fn()
  const given = hearingOfChanges(
    () => {
      throw new Fault('UNAVAILABLE')
    },
    () =>
      createTransact(
        { send, middlewareStack: { add: () => {} } } as never,
        't',
      )([{ put: { pk: 'p', sk: 's' }, mark: 1 }]),
  )
  await expect(given).rejects.toThrow()
  expect(send).not.toHaveBeenCalled()
})

const MINUTE = 60_000

describe('the moment of a socket', () => {
  it('lies from 80 to 115 minutes after its opening, and spreads evenly', () => {
    const ids = Array.from({ length: 2000 }, (_, n) => `socket ${n}`)
    const old = (minutes: number): number =>
      ids.filter((id) => isOld({ id, connectedAt: START }, START + minutes * MINUTE)).length
    expect(old(80 - 0.001)).toBe(0)
    expect(old(115)).toBe(ids.length)
    for (const part of [0.25, 0.5, 0.75])
      expect(Math.abs(old(80 + 35 * part) / ids.length - part)).toBeLessThan(0.05)
  })

  it('closes it behind the answer to its next frame, as going away', async () => {
    const peer = await here.openAs(admin)
    rig.clock.now = START + 79 * MINUTE
    expect(await peer.call('core.ping')).toBe('pong')
    rig.clock.now = START + 115 * MINUTE
    here.pushed.length = 0
    expect(await peer.raw('{"jsonrpc":"2.0","id":3,"method":"core.ping"}')).toBeNull()
    expect(here.pushed).toEqual([
      { connection: peer.id, frame: { jsonrpc: '2.0', result: 'pong', id: 3 } },
    ])
    expect(here.closed.get(peer.id)).toEqual(RENEWAL)
    expect(RENEWAL.code).toBe(1001)
  })

  it('waits for other frames that are worked on', async () => {
    const { id } = await here.openAs(admin)
    rig.clock.now = START + 115 * MINUTE
    const held: (() => void)[] = []
    const slow = startSockets(rig.service, async (call) => {
      await new Promise<void>((go) => held.push(go))
      return call()
    })
    const peer = slow.on(id)
    const answers = [1, 2].map((n) => peer.raw(`{"jsonrpc":"2.0","id":${n},"method":"core.ping"}`))
    await expect.poll(() => held.length).toBe(2)
    // Whichever was read first.
    held[0]?.()
    expect(await Promise.race(answers)).toContain('pong')
    expect(slow.closed.size).toBe(0)
    held[1]?.()
    expect(await Promise.all(answers)).toContain(null)
    expect(slow.pushed).toMatchObject([{ frame: { result: 'pong' } }])
    expect(slow.closed.get(id)).toEqual(RENEWAL)
  })

  it('is put off where its answer can’t be sent before', async () => {
    const { id } = await here.openAs(admin)
    rig.clock.now = START + 115 * MINUTE
    const close = vi.fn(async () => {})
    const log = { info: () => {}, error: () => {} }
    for (const send of [async () => 'full' as const, () => Promise.reject(new Error('busy'))]) {
      const service = { ...rig.service, log, push: { send, close } }
      const socket = createSocket(service, createDispatch(service, METHODS))
      const answer = await socket.message(id, '{"jsonrpc":"2.0","id":3,"method":"core.ping"}')
      expect(JSON.parse(answer ?? '')).toMatchObject({ id: 3, result: 'pong' })
    }
    expect(close).not.toHaveBeenCalled()
  })
})
