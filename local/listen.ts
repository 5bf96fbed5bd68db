/** Opening and closing listeners, with the reasons why one can't be opened in words. */
import type { Server } from 'node:http'
import { FINISH_MS } from './finish.ts'
import { codeOf, messageOf, UserError } from './user-error.ts'

/** Connections that wait to be taken: a fleet may come back at once, and of those beyond each is reset when its handshake times
 * out. Linux keeps no more than net.core.somaxconn, 4096 by default. */
const BACKLOG = 4096

/** @param variable that sets the port; it is named in the UserError when the port can't be had.
 * @returns the port, which is a free one for 0. */
export const listen = (
  server: Server,
  port: number,
  host: string,
  variable = 'PORT',
): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new UserError(reasonOf(error, port, host, variable))))
    server.listen(port, host, BACKLOG, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })

/** Takes no more connections, gives answers under way a moment, then cuts the rest. */
export const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), FINISH_MS)
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
    server.closeIdleConnections()
  })

// ---------------------------------------------------------------------------------------------

const reasonOf = (error: Error, port: number, host: string, variable: string): string => {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return `Port ${port} of ${host} is in use: stop what listens there, or set ${variable} to another port (0: any free one)`
    case 'EACCES':
      return `Port ${port} may only be opened by an administrator: set ${variable} to one above 1023`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is no address of this machine: set HOST to one that is, such as 127.0.0.1`
    default:
      return `Can't listen on port ${port} of ${host} (${messageOf(error)}): set HOST and ${variable} to what can be had`
  }
}
