/** The service in this process, as `npm start` runs it, with a table on disk and a client of it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { createClient, keyLogin } from '../../client/index.ts'
import { type Bootstrap, bootstrap } from '../../local/bootstrap.ts'
import { startCloud } from '../../local/cloud.ts'
import { parseOptions } from '../../local/options.ts'
import { loadSources } from '../../local/sources.ts'

export const startRig = async () => {
  process.env.KEYHARBOR_UNAUTHENTICATED_PER_MINUTE = '1000000'
  const data = await mkdtemp(join(tmpdir(), 'keyharbor-scale-'))
  let isSeeding = false
  const load = async () => {
    const sources = await loadSources()
    // Nobody is told of what is put into the table for the measurement.
    const fanout: typeof sources.fanout = async (event, context) =>
      isSeeding ? { batchItemFailures: [] } : sources.fanout(event, context)
    return { ...sources, fanout, bootstrap }
  }
  const options = parseOptions({ PORT: '0', HTTP_PORT: '0', KEYHARBOR_DATA: data })
  const cloud = await startCloud(options, { load })
  const known: Bootstrap = JSON.parse(await readFile(join(data, 'bootstrap.json'), 'utf8'))
  const ca = await readFile(known.ca, 'utf8')
  class Trusting extends WebSocket {
    constructor(url: string) {
      super(url, { ca })
    }
  }
  const client = createClient({
    url: known.wss,
    WebSocket: Trusting,
    login: keyLogin(known.username, known.apiKey),
  })
  return {
    known,
    client,
    async whileSeeding(act: () => Promise<void>): Promise<void> {
      isSeeding = true
      await act()
    },
    async close(): Promise<void> {
      client.close()
      await cloud.close()
      await rm(data, { recursive: true, force: true })
    },
  }
}

export type Rig = Awaited<ReturnType<typeof startRig>>
