/** moto's server: DynamoDB, its streams and KMS in one Python process, in memory. */
import { join } from 'node:path'
import { virtualEnvironment } from './cache.ts'
import { freePort, serve } from './program.ts'
import { type Closers, tell } from './tell.ts'

export const VERSION = '5.2.5'

/** @returns its endpoint. */
export const startMoto = async (closers: Closers, folder: string): Promise<string> => {
  const python = await virtualEnvironment(closers, {
    name: 'moto',
    version: VERSION,
    requirements: [`moto[server]==${VERSION}`],
  })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  tell(`Starting moto ${VERSION} at ${url}`)
  const args = ['-c', MAIN, '-H', '127.0.0.1', '-p', String(port)]
  await serve(closers, python, args, { url, log: join(folder, 'moto.log') })
  return url
}

// ---------------------------------------------------------------------------------------------

/**
 * Its own main program, but without threads: with them a transaction that fails puts back the whole
 * table as it was when it began, along with what others have written since, and copying a table that
 * changes is "RuntimeError: dictionary changed size during iteration". Without its list of all objects
 * ever made, which keeps each of those copies for ever. And within bounds: 4 GB.
 */
const MAIN = `
import resource
from moto import server
from moto.core.common_models import BaseModel
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
BaseModel.__new__ = lambda cls, *args, **named: object.__new__(cls)
threaded = server.run_simple
server.run_simple = lambda *args, **options: threaded(*args, **{**options, "threaded": False})
server.main()
`
