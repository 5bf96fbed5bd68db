/** A backup may ask the running service to hold writes to the table back, by a socket in the data folder, for as long as it keeps
 * the connection. So a backup that is killed holds nobody up. */
import { chmod, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'

/** Callers wait meanwhile, and give up after a while. */
const LONGEST_MS = 10_000
const SOCKET = 'backup.sock'

/** The table's process. */
export type Holdable = {
  /** @returns once nobody writes. */
  hold(): Promise<void>
  release(): void
}

/** Lets backups ask. Where a socket can't be (its path may have 107 bytes) they do without. @returns what ends it. */
export const listenForBackups = async (data: string, table: Holdable) => {
  const path = join(data, SOCKET)
  const asking = new Set<Socket>()
  const server = createServer((socket) => {
    asking.add(socket)
    const enough = setTimeout(() => socket.destroy(), LONGEST_MS)
    socket.on('error', () => {})
    socket.once('close', () => {
      clearTimeout(enough)
      asking.delete(socket)
      if (asking.size === 0) table.release()
    })
    table.hold().then(() => socket.write('held\n'))
  })
  // One of a service that was killed.
  await rm(path, { force: true })
  await new Promise<void>((done) => {
    server.once('error', () => done())
    server.listen(path, done)
  })
  if (server.listening) await chmod(path, 0o600)
  return async (): Promise<void> => {
    for (const socket of asking) socket.destroy()
    if (server.listening) await new Promise((closed) => server.close(closed))
  }
}

/** @returns once the service that runs in the folder, if one does, holds writes back; with what lets them go on. */
export const holdWrites = (data: string): Promise<() => void> =>
  new Promise((resolve) => {
    const socket = connect(join(data, SOCKET))
    const go = (): void => resolve(() => socket.destroy())
    socket.once('data', go)
    // Nobody listens, or no longer.
    socket.once('close', go)
    socket.on('error', () => {})
  })
