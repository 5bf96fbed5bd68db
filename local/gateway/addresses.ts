/** How many connections an address has: one client must not take those that all others need. */
import type { Socket } from 'node:net'
import { networkOf } from '../../shared/limits/calls.ts'
import { log } from '../log.ts'

/** For the devices of a fleet behind one address, each with a socket and a connection for requests. */
export const CONNECTIONS_PER_ADDRESS = 4096
/** Above that so many are told so; those beyond are cut unheard. */
const TOLD = 64
const SAY_EVERY_MS = 60_000

/** @param most connections of one address, which for IPv6 is a /64, over all listeners. */
export const createAddresses = (most: number, now: () => number = Date.now) => {
  const open = new Map<string, number>()
  const counted = new WeakSet<Socket>()
  /** Connections that are too many. A TLS connection has another socket, but the same numbers. */
  const tooMany = new Set<string>()
  let said = Number.NEGATIVE_INFINITY

  const say = (address: string): void => {
    if (now() - said < SAY_EVERY_MS) return
    said = now()
    log.info('an address has as many connections as KEYHARBOR_CONNECTIONS_PER_ADDRESS allows', {
      address,
      most,
    })
  }

  return {
    /** Counts a connection for as long as it is open. */
    add(socket: Socket): void {
      // One that comes back without the upgrade that it offered is the same.
      if (counted.has(socket)) return
      counted.add(socket)
      const address = networkOf(socket.remoteAddress ?? '')
      const name = nameOf(socket)
      const count = (open.get(address) ?? 0) + 1
      open.set(address, count)
      socket.once('close', () => {
        tooMany.delete(name)
        const left = (open.get(address) ?? 0) - 1
        if (left > 0) open.set(address, left)
        else open.delete(address)
      })
      if (count <= most) return
      say(address)
      if (count > most + TOLD) socket.destroy()
      else tooMany.add(name)
    },

    /** Whether a connection is to be told that it is one too many. */
    isTooMany: (socket: Socket): boolean => tooMany.has(nameOf(socket)),
  }
}

/** What one that is too many is answered, with status 429 (RFC 6585 §4). */
export const TOO_MANY = '{"message":"Too many connections from this address"}'
export const RETRY_AFTER = { 'Retry-After': '10' }

// ---------------------------------------------------------------------------------------------

const nameOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`
