/** Limits of one connection (docs/protocol/wire.md §1.5), and who an address stands for. */
import { isIPv6 } from 'node:net'

/** Characters of a message before and after the login. */
export const MESSAGE = { anonymous: 8192, session: 65_536 } as const
export const CALLS_IN_FLIGHT = 20
/** How long API Gateway waits for an answer (docs/aws.md §1): working longer would be for nobody. */
export const CALL_MS = 29_000
/** How long a call is worked on, so that what it is answered comes before that. */
export const ANSWER_MS = CALL_MS - 1000
/** Bytes of a reply: what API Gateway sends in one message (docs/aws.md §1). */
export const REPLY_BYTES = 128 * 1024

/** Who an address stands for: an IPv6 client has a whole /64, an IPv4-mapped one its IPv4 address. */
export const networkOf = (address: string): string => {
  if (!isIPv6(address)) return address
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? []
  if (mapped !== undefined) return mapped
  const [head = '', tail] = address.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0')
  const groups = [...before, ...zeros, ...after].slice(0, 4)
  return groups.map((group) => group.replace(/^0+(?=.)/, '').toLowerCase()).join(':')
}

/** Counts the calls of a connection that have no answer yet. */
export const createInFlight = (most = CALLS_IN_FLIGHT) => {
  const calls = createUnderWay()
  return {
    /** Runs `call` unless the connection has too many under way; then null. */
    async run<T>(connection: string, call: () => Promise<T>): Promise<T | null> {
      return calls.of(connection) >= most ? null : calls.run(connection, call)
    },
  }
}

/** Counts what is under way of each connection in this process. */
export const createUnderWay = () => {
  const counts = new Map<string, number>()
  const of = (connection: string): number => counts.get(connection) ?? 0
  return {
    of,
    async run<T>(connection: string, work: () => Promise<T>): Promise<T> {
      counts.set(connection, of(connection) + 1)
      try {
        return await work()
      } finally {
        const after = of(connection) - 1
        if (after === 0) counts.delete(connection)
        else counts.set(connection, after)
      }
    },
  }
}
