/**
 * The access log of one machine, where it is on: a line for each HTTP request, and for each WebSocket as it is opened or refused, and closed.
 * No path, no query, no headers: they are the client's, which may have put a secret there. Fields as in the access logs on AWS
 * (`cdk/gateway.ts`), but that the id is `request`, as in all lines of the log.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { log } from '../log.ts'
import { addressOf, gatewayId } from './viewer.ts'

export const createAccessLog = (isOn: boolean) => {
  const line = (message: string, fields: Readonly<Record<string, unknown>>): void => {
    if (isOn) log.info(message, fields)
  }
  /** What was written on a connection when its last answer ended. */
  const written = new WeakMap<Socket, number>()

  return {
    /** Follows a request to its end. @param id its own, also on the answer. @returns what is to be told the route, once it is known. */
    request(request: IncomingMessage, response: ServerResponse, id: string) {
      if (!isOn) return () => {}
      const { method, socket } = request
      const address = addressOf(request)
      const taken = stopwatch()
      let route: string | undefined
      let isAnswered = false
      const say = (message: string): void => {
        const bytes = socket.bytesWritten - (written.get(socket) ?? 0)
        written.set(socket, socket.bytesWritten)
        const status = response.headersSent ? response.statusCode : undefined
        const milliseconds = taken()
        line(message, { request: id, address, method, route, status, milliseconds, bytes })
      }
      // Ahead of Node.js, which writes the next answer then.
      response.prependOnceListener('finish', () => {
        isAnswered = true
        say('request answered')
      })
      response.once('close', () => {
        if (!isAnswered) say('request broken off')
      })
      return (found: string): void => {
        route = found
      }
    },

    /** Follows a socket from its handshake, which gets an id here. */
    handshake(request: IncomingMessage) {
      const id = gatewayId()
      const address = addressOf(request)
      const taken = stopwatch()
      const began = { request: id, address, route: '$connect' }
      return {
        id,
        /** @param status that was answered; undefined: nobody was there to hear one. */
        refused(status: number | undefined): void {
          line('socket refused', { ...began, status, milliseconds: taken() })
        },
        /** @returns what is to be told the end: its own request id, and the code of the close. */
        opened(connection: string) {
          line('socket opened', { ...began, status: 101, milliseconds: taken(), connection })
          const lived = stopwatch()
          return (request: string, code: number): void =>
            line('socket closed', {
              ...{ request, address, route: '$disconnect', code },
              ...{ milliseconds: lived(), connection },
            })
        },
      }
    },
  }
}

export type AccessLog = ReturnType<typeof createAccessLog>
export type Handshake = ReturnType<AccessLog['handshake']>

// ---------------------------------------------------------------------------------------------

/** @returns what says how long ago that was, in milliseconds. */
const stopwatch = () => {
  const began = performance.now()
  return (): number => Math.round(performance.now() - began)
}
