/** A service's end of sockets, and a clock, both moved by hand: for what a client does when. */
import { onTestFinished } from 'vitest'
import { createClient } from '../../client/client.ts'
import { decode, encode } from '../../client/ejson.ts'
import type { ClientOptions, State, StateDetail } from '../../client/types.ts'

export type Frame = { readonly id: number; readonly method: string; readonly params: unknown[] }
export type Answers = (frame: Frame, socket: FakeSocket) => unknown

/** What leaves the client's hands unanswered, or is refused. */
export const SILENCE = Symbol('silence')
export const refused = (errname: string, text: string, error = 13) => ({
  refused: {
    code: -32001,
    message: 'Method call error',
    data: { error, errname, reason: `[${errname}] ${text}`, trace: null, extra: null },
  },
})

/** Lets happen what is due at once. */
export const settle = (): Promise<void> => new Promise((done) => setImmediate(done))

/** Lets happen all that is due: some answers lead to the next call. */
export const calm = async (): Promise<void> => {
  for (let turn = 0; turn < 8; turn++) await settle()
}

/**
 * A client on sockets that open by themselves and answer as asked; by default `null` to everything.
 * @param answers may be changed by `answer` at any time.
 */
export const start = (
  options: Partial<ClientOptions> = {},
  { opens = true, answers }: { opens?: boolean; answers?: Answers } = {},
) => {
  const sockets: FakeSocket[] = []
  const clock = fakeClock()
  const world = { opens, answers: answers ?? (() => null) }
  const WebSocket = function (this: unknown, url: string): FakeSocket {
    const socket = fakeSocket(url, (frame) => world.answers(frame, socket))
    sockets.push(socket)
    if (world.opens) setImmediate(socket.open)
    return socket
  } as unknown as new (
    url: string,
  ) => FakeSocket
  const client = createClient({
    url: 'wss://nas.example/api/v26.0.0',
    WebSocket,
    clock,
    ...options,
  })
  const states: [State, StateDetail][] = []
  client.onState((state, detail) => states.push([state, detail]))
  onTestFinished(() => client.close())
  return {
    client,
    clock,
    sockets,
    states,
    world,
    get socket(): FakeSocket {
      const last = sockets.at(-1)
      if (last === undefined) throw new Error('there is no socket')
      return last
    },
    /** Names of the methods that were called on the last socket. */
    get called(): string[] {
      return this.socket.frames.map(({ method }) => method)
    },
  }
}

export type FakeSocket = ReturnType<typeof fakeSocket>

/** What a promise was refused with; fails if it wasn't. */
export const failure = async (promise: Promise<unknown>): Promise<Error> => {
  try {
    await promise
  } catch (error) {
    return error as Error
  }
  throw new Error('it was not refused')
}

// ---------------------------------------------------------------------------------------------

type Listener = (event: { data: unknown; code: number; reason: string }) => void

const fakeSocket = (url: string, answers: (frame: Frame) => unknown) => {
  const listeners = new Map<string, Listener>()
  const frames: Frame[] = []
  let isClosed = false
  const tell = (type: string, event: object = {}): void => listeners.get(type)?.(event as never)
  const receive = (message: object): void => tell('message', { data: encode(message) })
  return {
    url,
    frames,
    get isClosed() {
      return isClosed
    },
    addEventListener: (type: string, listener: Listener) => void listeners.set(type, listener),
    send(text: string): void {
      const frame = decode(text) as Frame
      frames.push(frame)
      const answer = answers(frame)
      if (answer === SILENCE) return
      const error = (answer as ReturnType<typeof refused> | null)?.refused
      const reply = error ? { error } : { result: answer }
      setImmediate(() => receive({ jsonrpc: '2.0', id: frame.id, ...reply }))
    },
    close(): void {
      isClosed = true
    },
    open: () => tell('open'),
    receive,
    /** The service closes it, or the network does. */
    drop: (reason = '', code = 1001) => tell('close', { code, reason }),
  }
}

const fakeClock = () => {
  let now = Date.UTC(2026, 10, 23)
  const timers = new Set<{ at: number; run: () => void }>()
  return {
    now: () => now,
    random: () => 1,
    setTimeout(run: () => void, ms: number): unknown {
      const timer = { at: now + ms, run }
      timers.add(timer)
      return timer
    },
    clearTimeout: (timer: unknown) => void timers.delete(timer as never),
    get timers() {
      return timers.size
    },
    /** Moves on, and lets happen what is due on the way, in order. */
    async advance(ms: number): Promise<void> {
      const until = now + ms
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)
        if (next === undefined) break
        now = next.at
        timers.delete(next)
        next.run()
        await calm()
      }
      now = until
    },
  }
}
