/** moto's server: DynamoDB, its streams and KMS in one Python process, in memory. */
import { join } from 'node:path'
import { freePort, serve } from '../../tools/programs/program.ts'
import { type Closers, tell } from '../../tools/programs/tell.ts'
import { virtualEnvironment } from './cache.ts'

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
 * Its own main program, but
 * - without threads: with them a transaction that fails puts back the whole table as it was when it began,
 *   along with what others have written since, and copying a table that changes is "RuntimeError:
 *   dictionary changed size during iteration";
 * - with one stream for a table: those copies have a copy of the stream each, and who read the stream
 *   before a failed transaction reads one to which nothing is written any more;
 * - without its list of all objects ever made, which keeps each of the copies for ever;
 * - within bounds: 4 GB.
 */
const MAIN = `
import resource
from moto import server
from moto.core.common_models import BaseModel
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import StreamShard

resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
BaseModel.__new__ = lambda cls, *args, **named: object.__new__(cls)

StreamShard.__deepcopy__ = lambda shard, memo: shard
transact = DynamoDBBackend.transact_write_items
def all_or_nothing(backend, *args, **named):
    shards = [table.stream_shard for table in backend.tables.values() if table.stream_shard]
    lengths = [len(shard.items) for shard in shards]
    try:
        return transact(backend, *args, **named)
    except BaseException:
        for shard, length in zip(shards, lengths):
            del shard.items[length:]
        raise
DynamoDBBackend.transact_write_items = all_or_nothing

threaded = server.run_simple
server.run_simple = lambda *args, **options: threaded(*args, **{**options, "threaded": False})
server.main()
`
