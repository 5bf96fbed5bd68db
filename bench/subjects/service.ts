/** (b) Ours over the socket: the whole service as `npm start` runs it, by TLS and extended JSON-RPC. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bootstrap } from '../../local/bootstrap.ts'
import { type Child, startChild } from '../run/child.ts'
import { repeat } from '../run/many.ts'
import { AT_ONCE } from '../run/protocol.ts'
import { type Line, openLine } from '../run/socket.ts'
import { toSample } from '../run/stats.ts'
import type { Running, Subject } from '../run/subject.ts'
import { cpuOf } from './http.ts'
import { createScramLogin } from './scram.ts'

/** Keys that api_key.query lists. */
const LISTED = 25

/** @param folder for the data of the service, which all of these subjects share. */
export const overSocket = (folder: string): Subject[] => {
  let shared: Promise<Service> | null = null
  let users = 0
  const service = (): Promise<Service> => {
    users++
    shared ??= startService(folder)
    return shared
  }
  const leave = async ({ child }: Service): Promise<void> => {
    if (--users > 0) return
    shared = null
    await child.ask('close')
    await child.stop()
  }
  const subject = (id: string, label: string, prepare: Prepare): Subject => ({
    id,
    group: 'ours',
    label,
    by: 'socket',
    start: async (): Promise<Running> => {
      const here = await service()
      const { act, close } = await prepare(here)
      return {
        measure: async (seconds) => {
          const [done, cpu] = await cpuOf(here.child, () => repeat(seconds, act))
          return toSample(done.times, done.ms, cpu)
        },
        close: async () => {
          close()
          await leave(here)
        },
      }
    },
  })
  return [
    subject(
      'ping',
      '`core.ping`, by wss',
      loggedIn((line) => line.call('core.ping')),
    ),
    subject(
      'query',
      `\`api_key.query\`, ${LISTED} keys, by wss`,
      loggedIn(async (line) => {
        const rows = await line.call<unknown[]>('api_key.query', [], { limit: LISTED })
        if (rows.length !== LISTED) throw new Error(`${rows.length} keys`)
      }),
    ),
    subject('scram', 'a socket by wss, SCRAM login, closed', async ({ known, ca }) => {
      const login = createScramLogin(known.username, known.apiKey)
      const act = async (): Promise<void> => {
        const line = await openLine(known.wss, ca)
        await login(line)
        line.close()
      }
      return { act, close: () => {} }
    }),
    subject(
      'create',
      '`api_key.create`, by wss',
      loggedIn((line, turn) => line.call('api_key.create', newKey(`${Date.now()} ${turn}`))),
    ),
  ]
}

// ---------------------------------------------------------------------------------------------

type Service = { readonly child: Child; readonly known: Bootstrap; readonly ca: string }
type Act = (worker: number, turn: number) => Promise<unknown>
type Prepare = (service: Service) => Promise<{ act: Act; close: () => void }>

const SERVICE = join(import.meta.dirname, '../servers/from-source/service.ts')

const startService = async (data: string): Promise<Service> => {
  const child = startChild(SERVICE, {
    environment: {
      KEYHARBOR_ANONYMOUS_CALLS_PER_MINUTE: '1000000000',
      KEYHARBOR_TENANT_CALLS_PER_MINUTE: '1000000000',
    },
  })
  const known = await child.ask<Bootstrap>('start', { data })
  const ca = await readFile(known.ca, 'utf8')
  const line = await openLogged(known, ca)
  for (let at = 0; at < LISTED; at++) await line.call('api_key.create', newKey(`listed ${at}`))
  line.close()
  return { child, known, ca }
}

const openLogged = async ({ wss, apiKey }: Bootstrap, ca: string): Promise<Line> => {
  const line = await openLine(wss, ca)
  if ((await line.call('auth.login_with_api_key', apiKey)) !== true)
    throw new Error('the login was refused')
  return line
}

const loggedIn =
  (act: (line: Line, turn: number) => Promise<unknown>): Prepare =>
  async ({ known, ca }) => {
    const lines = await Promise.all(Array.from({ length: AT_ONCE }, () => openLogged(known, ca)))
    return {
      act: async (worker, turn) => {
        const line = lines[worker]
        if (line !== undefined) await act(line, turn)
      },
      close: () => {
        for (const line of lines) line.close()
      },
    }
  }

const newKey = (name: string) => ({ name: `bench ${name}`, username: 'admin' })
