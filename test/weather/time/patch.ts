/**
 * Takes time and chance out of the hands of the machine, while a simulation runs: timers, dates, random bytes,
 * and hashing, which is done at once. Import it before anything that keeps one of these functions for itself.
 * Outside of a simulation all of them are as ever.
 */
import { AsyncResource } from 'node:async_hooks'
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import type { Alarm, Clock } from './clock.ts'
import type { Random } from './random.ts'

export type Reality = { readonly clock: Clock; readonly random: Random }

/** Runs with another clock and another chance. One at a time. */
export const within = async <T>(reality: Reality, run: () => Promise<T>): Promise<T> => {
  if (current !== null) throw new Error('a simulation runs already')
  current = reality
  try {
    return await run()
  } finally {
    current = null
  }
}

/** Resolves when nothing can go on any more until something is done from outside. */
export const quiet = async (): Promise<void> => {
  for (let calm = 0; calm < 2; ) {
    await new Promise<void>((resolve) => real.setImmediate(resolve))
    calm = immediates === 0 && jobs.size === 0 ? calm + 1 : 0
    if (jobs.size > 0) await Promise.allSettled(jobs)
  }
}

/** Says of something that takes real time that {@link quiet} is to wait for it. */
export const job = <T>(promise: Promise<T>): Promise<T> => {
  const counted = promise.finally(() => jobs.delete(counted))
  jobs.add(counted)
  return counted
}

// ---------------------------------------------------------------------------------------------

let current: Reality | null = null
/** What waits for the next round of the event loop, and for a thread or another process. */
let immediates = 0
const jobs = new Set<Promise<unknown>>()

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setImmediate: globalThis.setImmediate,
  Date: globalThis.Date,
  performanceNow: performance.now.bind(performance),
  hrtime: process.hrtime.bind(process),
  bigint: process.hrtime.bigint.bind(process.hrtime),
  random: Math.random,
  randomBytes: crypto.randomBytes,
  randomInt: crypto.randomInt,
  randomUUID: crypto.randomUUID,
  randomFillSync: crypto.randomFillSync,
  scrypt: crypto.scrypt,
  pbkdf2: crypto.pbkdf2,
  generateKeyPairSync: crypto.generateKeyPairSync,
}

/** What Node.js gives for a timer, as far as anybody uses it. */
const timerOf = (alarm: Alarm) => {
  const timer = { alarm, ref: () => timer, unref: () => timer, hasRef: () => true }
  return timer
}
type Timer = ReturnType<typeof timerOf>

type Callback = (...args: unknown[]) => void
const set = (target: object, functions: Record<string, unknown>): void => {
  for (const [name, value] of Object.entries(functions))
    Object.defineProperty(target, name, { value, writable: true, configurable: true })
}

set(globalThis, {
  setTimeout: (call: Callback, ms = 0, ...args: unknown[]) =>
    current === null
      ? real.setTimeout(call, ms, ...args)
      : // Who asked for it is still who does it.
        timerOf(
          current.clock.after(
            ms,
            AsyncResource.bind(() => call(...args)),
          ),
        ),
  clearTimeout: (timer: Timer | undefined) =>
    timer !== undefined && timer !== null && typeof timer === 'object' && 'alarm' in timer
      ? current?.clock.cancel(timer.alarm)
      : real.clearTimeout(timer as never),
  setImmediate: (call: Callback, ...args: unknown[]) => {
    if (current === null) return real.setImmediate(call, ...args)
    immediates++
    return real.setImmediate(() => {
      immediates--
      call(...args)
    })
  },
})

class VirtualDate extends real.Date {
  constructor(...args: unknown[]) {
    if (args.length === 0 && current !== null) super(current.clock.now())
    else super(...(args as []))
  }
  static override now(): number {
    return current === null ? real.Date.now() : Math.floor(current.clock.now())
  }
  static override [Symbol.hasInstance](value: unknown): boolean {
    return real.Date[Symbol.hasInstance](value)
  }
}
set(globalThis, { Date: VirtualDate })

const hrtime = (before?: [number, number]): [number, number] => {
  if (current === null) return real.hrtime(before)
  const ms = current.clock.elapsed()
  const now: [number, number] = [Math.floor(ms / 1000), Math.floor((ms % 1000) * 1e6)]
  if (before === undefined) return now
  const [s, ns] = [now[0] - before[0], now[1] - before[1]]
  return ns < 0 ? [s - 1, ns + 1e9] : [s, ns]
}
set(hrtime, {
  bigint: () =>
    current === null ? real.bigint() : BigInt(Math.floor(current.clock.elapsed() * 1e6)),
})
set(process, { hrtime })
set(performance, {
  now: () => (current === null ? real.performanceNow() : current.clock.elapsed()),
})
set(Math, { random: () => (current === null ? real.random() : current.random.next()) })

const uuid = (random: Random): string => {
  const bytes = random.bytes(16)
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

const answer = (done: (error: Error | null, result: Buffer) => void, result: Buffer): void =>
  process.nextTick(done, null, result)

type Derive = Parameters<typeof crypto.scryptSync>
type Stretch = Parameters<typeof crypto.pbkdf2Sync>
type Done = (error: Error | null, key: Buffer) => void

set(crypto, {
  randomBytes: (size: number, done?: Done) => {
    if (current === null) return done ? real.randomBytes(size, done) : real.randomBytes(size)
    const bytes = current.random.bytes(size)
    return done ? answer(done, bytes) : bytes
  },
  randomInt: (...args: number[]) => {
    if (current === null) return real.randomInt(...(args as [number, number]))
    const [from, to] = args.length === 1 ? [0, args[0] as number] : (args as [number, number])
    return from + current.random.below(to - from)
  },
  randomUUID: () => (current === null ? real.randomUUID() : uuid(current.random)),
  randomFillSync: <T extends Uint8Array>(bytes: T) =>
    current === null ? real.randomFillSync(bytes) : current.random.fill(bytes),
  scrypt: (...args: unknown[]) => {
    if (current === null) return (real.scrypt as Callback)(...args)
    answer(args.pop() as Done, crypto.scryptSync(...(args as unknown as Derive)))
  },
  pbkdf2: (...args: unknown[]) => {
    if (current === null) return (real.pbkdf2 as Callback)(...args)
    answer(args.pop() as Done, crypto.pbkdf2Sync(...(args as unknown as Stretch)))
  },
  generateKeyPairSync: (...args: unknown[]) => {
    if (current === null) return (real.generateKeyPairSync as Callback)(...args)
    if (args[0] !== 'ec') throw new Error(`no ${args[0]} key pairs in a simulation yet`)
    const point = crypto.createECDH('prime256v1')
    point.setPrivateKey(current.random.bytes(32))
    const [x, y] = [point.getPublicKey().subarray(1, 33), point.getPublicKey().subarray(33)]
    const text = (bytes: Buffer) => bytes.toString('base64url')
    const publicJwk = { kty: 'EC', crv: 'P-256', x: text(x), y: text(y) }
    const key = { ...publicJwk, d: text(point.getPrivateKey()) }
    return {
      privateKey: crypto.createPrivateKey({ key, format: 'jwk' }),
      publicKey: crypto.createPublicKey({ key: publicJwk, format: 'jwk' }),
    }
  },
})
syncBuiltinESMExports()

const web = Object.getPrototypeOf(globalThis.crypto)
const { getRandomValues, randomUUID } = web
set(web, {
  getRandomValues(this: object, bytes: Uint8Array) {
    if (current === null) return getRandomValues.call(this, bytes)
    current.random.fill(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    return bytes
  },
  randomUUID(this: object) {
    return current === null ? randomUUID.call(this) : uuid(current.random)
  },
})

/** Web crypto works in threads: one job after the other, so that none overtakes another. */
let last: Promise<unknown> = Promise.resolve()
const subtle = Object.getPrototypeOf(globalThis.crypto.subtle)
for (const name of ['sign', 'verify', 'digest', 'importKey', 'exportKey', 'deriveBits']) {
  const original = subtle[name]
  set(subtle, {
    [name](this: object, ...args: unknown[]) {
      if (current === null) return original.apply(this, args)
      const one = job(last.then(() => original.apply(this, args)))
      last = one.catch(() => {})
      return one
    },
  })
}
