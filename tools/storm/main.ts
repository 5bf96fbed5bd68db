/** `npm run storm`: all sockets of a fleet drop and come back at once, and log in by key. Fails where one is refused, or leaves
 * items in the table. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Bootstrap } from '../../local/bootstrap.ts'
import { connect, type Rpc } from '../../local/client.ts'
import type { Said } from './service.ts'

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    sockets: { type: 'string', default: '2000' },
    keys: { type: 'string', default: '100' },
  },
})
if (values.help) {
  process.stdout.write(
    'npm run storm: 2000 sockets drop and come back at once, and log in by key; then 25 of them subscribe 20 times at once. Some minutes.\n  -- --sockets 600   another number of them\n  -- --keys 10       how many keys they have between them\n',
  )
  process.exit()
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const began = performance.now()
const seconds = (from: number): string => `${((performance.now() - from) / 1000).toFixed(1)} s`

/** So many at a time, one after the other where that is 1. */
const each = async <T>(
  items: readonly T[],
  most: number,
  act: (item: T, at: number) => Promise<unknown>,
) => {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++
      await act(items[at] as T, at)
    }
  }
  await Promise.all(Array.from({ length: most }, worker))
}

const data = await mkdtemp(join(tmpdir(), 'keyharbor-storm-'))
const service = fork(join(import.meta.dirname, 'service.ts'), [data], {
  execArgv: ['--import', 'tsx'],
})
const heard = async (): Promise<Said> => (await once(service, 'message'))[0] as Said
const errors = new Map<string, number>()
const failed = (what: string, error: unknown, from: number): void => {
  const after = Math.round((performance.now() - from) / 5000) * 5
  const text = `${what}: ${error instanceof Error ? error.message : String(error)}, after ${after} s`
  errors.set(text, (errors.get(text) ?? 0) + 1)
}

try {
  await heard()
  const known = JSON.parse(await readFile(join(data, 'bootstrap.json'), 'utf8')) as Bootstrap
  const ca = await readFile(known.ca, 'utf8')
  const count = Number(values.sockets)

  const admin = await connect(known.wss, { ca })
  const logIn = (rpc: Rpc, username: string, api_key: string) =>
    rpc.call<{ response_type: string }>('auth.login_ex', {
      mechanism: 'API_KEY_PLAIN',
      username,
      api_key,
    })
  await logIn(admin, known.username, known.apiKey)
  const keys: string[] = []
  await each(Array.from({ length: Number(values.keys) }), 8, async (_, at) => {
    const made = await admin.call<{ key: string }>('api_key.create', {
      name: `box ${at}`,
      username: known.username,
    })
    keys[at] = made.key
  })
  say(`${keys.length} keys after ${seconds(began)}`)

  let sockets: Rpc[] = []
  const open = async (at: number): Promise<void> => {
    let step = 'handshake'
    const from = performance.now()
    try {
      const rpc = await connect(known.wss, { ca })
      sockets.push(rpc)
      step = 'set_options'
      await rpc.call('core.set_options', {})
      step = 'login'
      const { response_type } = await logIn(rpc, known.username, keys[at % keys.length] ?? '')
      if (response_type !== 'SUCCESS') throw new Error(response_type)
    } catch (error) {
      failed(step, error, from)
    }
  }
  const all = Array.from({ length: count }, (_, at) => at)
  await each(all, 20, open)
  const before = [...errors]
  say(`${sockets.length} sockets after ${seconds(began)}; errors so far: ${JSON.stringify(before)}`)

  const dropped = sockets
  sockets = []
  const back = performance.now()
  for (const { socket } of dropped) socket.terminate()
  await Promise.all(all.map(open))
  say(`${sockets.length} sockets came back in ${seconds(back)}`)

  const subscribing = performance.now()
  await Promise.all(
    sockets
      .slice(0, 25)
      .flatMap((rpc) =>
        Array.from({ length: 20 }, () =>
          rpc
            .call('core.subscribe', 'api_key.query')
            .catch((error) => failed('subscribe', error, subscribing)),
        ),
      ),
  )
  say(`500 subscribes at once in ${seconds(subscribing)}`)

  const ending = performance.now()
  for (const { socket } of [...sockets, admin]) socket.terminate()
  let left: Readonly<Record<string, number>> = {}
  for (let round = 0, same = 0; round < 120 && same < 10; round++) {
    await new Promise((done) => setTimeout(done, 1000))
    service.send('count')
    const said = await heard()
    const next = 'left' in said ? said.left : {}
    same = JSON.stringify(next) === JSON.stringify(left) && round > 0 ? same + 1 : 0
    left = next
    if (Object.keys(left).length === 0) break
  }
  say(`left after ${seconds(ending)}: ${JSON.stringify(left)}`)
  say(`errors: ${JSON.stringify([...errors], null, 1)}`)
  process.exitCode = errors.size > 0 || Object.keys(left).length > 0 ? 1 : 0
} finally {
  service.disconnect()
  await once(service, 'exit')
  await rm(data, { recursive: true, force: true })
}
