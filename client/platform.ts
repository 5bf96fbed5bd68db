/** What is taken of the platform, by structure: browsers and Node.js have it, and tests hand in their own. */

/** A WebSocket, as far as it is used. The browser's, that of Node.js 22, and that of `ws` are such. */
export type Socket = {
  send(text: string): void
  close(): void
  addEventListener(type: 'open' | 'error', listener: () => void): void
  addEventListener(
    type: 'close',
    listener: (event: { readonly code: number; readonly reason: string }) => void,
  ): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
}
export type SocketConstructor = new (url: string) => Socket

export type Clock = {
  /** Milliseconds since the epoch. */
  now(): number
  setTimeout(run: () => void, ms: number): unknown
  clearTimeout(timer: unknown): void
  /** 0 up to 1, as `Math.random`. */
  random(): number
}

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => platform.setTimeout(run, ms),
  clearTimeout: (timer) => platform.clearTimeout(timer),
  random: () => Math.random(),
}

/** @throws TypeError where the platform has none. */
export const globalWebSocket = (): SocketConstructor => {
  if (platform.WebSocket !== undefined) return platform.WebSocket
  throw new TypeError(
    'There is no global WebSocket (Node.js has one from 22 on): hand one in, such as that of the package ws',
  )
}

/** Bytes of a text in UTF-8. */
export const bytesOf = (text: string): number => new platform.TextEncoder().encode(text).length

// ---------------------------------------------------------------------------------------------

const platform = globalThis as unknown as {
  readonly WebSocket?: SocketConstructor
  setTimeout(run: () => void, ms: number): unknown
  clearTimeout(timer: unknown): void
  readonly TextEncoder: new () => { encode(text: string): Uint8Array }
}
