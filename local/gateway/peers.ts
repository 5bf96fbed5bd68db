/** The open sockets, and what can be done to one: it is sent text, or it is closed. A socket that is
 * being closed is gone for everybody else at once. */
import type { WebSocket } from 'ws'
import { REPLY_BYTES } from '../../shared/limits/calls.ts'
import type { Peer } from './socket-events.ts'

export type Limits = typeof LIMITS

/** API Gateway's, in bytes and milliseconds. */
export const LIMITS = {
  message: REPLY_BYTES,
  frame: 32 * 1024,
  idle: 600_000,
  lifetime: 7_200_000,
  /** What a client may leave unread before pushes to it are refused. API Gateway doesn't say. */
  unread: 1024 * 1024,
  /** How long a peer has for its part of the closing handshake. */
  closing: 2_000,
  /** How long a request may take to arrive, body and all: as long as it may take to answer. */
  arriving: 30_000,
}

export const GOING_AWAY = { code: 1001, reason: 'Going away' }

export const createPeers = (limits: Limits) => {
  const open = new Map<string, ReturnType<typeof add>>()
  /** With those that are being closed. */
  const all = new Set<ReturnType<typeof add>>()

  const add = (peer: Peer, ws: WebSocket) => {
    const idle = setTimeout(() => entry.close(GOING_AWAY), limits.idle)
    const lifetime = setTimeout(() => entry.close(GOING_AWAY), limits.lifetime)
    let closing: NodeJS.Timeout | undefined
    const entry = {
      peer,
      lastActiveAt: peer.connectedAt,
      closed: new Promise<void>((done) => ws.once('close', () => done())),

      touch(): void {
        entry.lastActiveAt = Date.now()
        idle.refresh()
      },

      /** Whether the client leaves so much unread that it is pushed no more. */
      isFull: (): boolean => ws.bufferedAmount > limits.unread,

      /** Resolves once the text is on its way, or never will be. */
      send(text: string): Promise<void> {
        entry.touch()
        return new Promise((done) => ws.send(text, { binary: false }, () => done()))
      },

      close({ code, reason }: typeof GOING_AWAY): void {
        open.delete(peer.connectionId)
        // One that was paused would never read the answer.
        ws.resume()
        ws.close(isCloseCode(code) ? code : 1000, fitting(reason))
        entry.hurry()
      },

      cut(): void {
        ws.terminate()
      },

      /** From here on the peer has a moment to finish by itself. */
      hurry(): void {
        open.delete(peer.connectionId)
        closing ??= setTimeout(entry.cut, limits.closing)
      },
    }
    ws.once('close', () => {
      open.delete(peer.connectionId)
      for (const timer of [idle, lifetime, closing]) clearTimeout(timer)
    })
    ws.once('close', () => all.delete(entry))
    all.add(entry)
    open.set(peer.connectionId, entry)
    return entry
  }

  return {
    add,
    get: (id: string) => open.get(id),
    all: () => [...all],
  }
}

export type Peers = ReturnType<typeof createPeers>
export type Open = ReturnType<Peers['add']>

// ---------------------------------------------------------------------------------------------

/** Codes that may be in a close frame (RFC 6455 §7.4). */
const isCloseCode = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) ||
  (code >= 3000 && code <= 4999)

/** A close frame has room for 123 bytes of reason; a character is kept whole or left out. */
const fitting = (reason: string): string => {
  let text = ''
  for (const character of reason) {
    if (Buffer.byteLength(text + character) > 123) break
    text += character
  }
  return text
}
