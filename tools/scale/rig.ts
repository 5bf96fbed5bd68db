/** The service in this process, as `npm start` runs it, with a table on disk and a client of it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { createClient, keyLogin } from '../../client/index.ts'
import { type Bootstrap, bootstrap } from '../../local/bootstrap.ts'
import { startCloud } from '../../local/cloud.ts'
import { parseOptions } from '../../local/options.ts'
import { loadSources } from '../../local/sources.ts'
import { buildSite, SITE } from '../site/build.ts'

export const startRig = async () => {
  const data = await mkdtemp(join(tmpdir(), 'keyharbor-scale-'))
  let isSeeding = false
  let heard = Date.now()
  const load = async () => {
    const sources = await loadSources()
    // Nobody is told of what is put into the table for the measurement.
    const tell: typeof sources.tell = async (event, context) => {
      heard = Date.now()
      return isSeeding ? { batchItemFailures: [] } : sources.tell(event, context)
    }
    return { ...sources, tell, bootstrap }
  }
  const options = parseOptions({ PORT: '0', HTTP_PORT: '0', KEYHARBOR_DATA: data })
  await buildSite()
  const cloud = await startCloud(options, { load, site: Promise.resolve(SITE) })
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
      // The stream is read later than it is written: until nothing more comes.
      while (Date.now() - heard < QUIET_MS) await pause(QUIET_MS)
      isSeeding = false
    },
    async close(): Promise<void> {
      client.close()
      await cloud.close()
      await rm(data, { recursive: true, force: true })
    },
  }
}

/** Without news of the stream for so long, there is none left. */
const QUIET_MS = 2000
