/** The whole service in this process, on free ports, and clients of it on sockets of the package `ws`. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { createClient } from '../../client/client.ts'
import { tokenLogin } from '../../client/login.ts'
import type { SocketConstructor } from '../../client/platform.ts'
import type { Client, ClientOptions, State } from '../../client/types.ts'
import type { Bootstrap } from '../../local/bootstrap.ts'
import { type Cloud, startCloud } from '../../local/cloud.ts'
import { optionsIn } from '../local/cloud-kit.ts'

/** To be called at the top of a test file: one service for all of its tests. */
export const service = () => {
  let data: string
  let cloud: Cloud
  let known: Bootstrap
  let ca: string
  /** What the clients sent. */
  const sent: string[] = []
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'keyharbor-client-'))
    cloud = await startCloud(optionsIn(data))
    known = JSON.parse(await readFile(join(data, 'bootstrap.json'), 'utf8'))
    ca = await readFile(known.ca, 'utf8')
  })
  afterAll(async () => {
    await cloud.close()
    await rm(data, { recursive: true })
  })

  /** The last socket that a client opened. */
  const sockets: WebSocket[] = []
  const trusting = (): SocketConstructor =>
    class extends WebSocket {
      constructor(url: string) {
        super(url, { ca, perMessageDeflate: false })
        sockets.push(this)
      }
      override send(text: string): void {
        sent.push(text)
        super.send(text)
      }
    }

  const connect = (options: Partial<ClientOptions> = {}): Client => {
    const client = createClient({ url: known.wss, WebSocket: trusting(), ...options })
    onTestFinished(() => client.close())
    return client
  }

  return {
    sent,
    connect,
    get known() {
      return known
    },
    /** Cuts the last socket, as a network does. */
    cut: () => sockets.at(-1)?.terminate(),
    /** A client whose user signs in by password, with the tokens that were stored, in order. */
    visitor: () => {
      const stored: (string | null)[] = []
      const session = tokenLogin({
        get: () => stored.at(-1) ?? null,
        set: (token) => stored.push(token),
      })
      return { stored, session, client: connect({ login: session.login }) }
    },
  }
}

/** Resolves when the client comes into this state, and at once if it is in it. */
export const reached = (client: Client, wanted: State): Promise<void> =>
  new Promise((done) => {
    if (client.state === wanted) return done()
    const stop = client.onState((state) => {
      if (state !== wanted) return
      stop()
      done()
    })
  })
