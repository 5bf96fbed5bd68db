/** `kill -9` at any moment loses nothing that was acknowledged, and Ctrl-C leaves a clean store. */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connect, http } from '../../local/client.ts'
import { type Running, startProcess } from '../../tools/programs/service.ts'
import { need, note } from './kit.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyharbor-crash-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const ROUNDS = 4

it('every key that was shown works after each of several kills, and nothing else does', async (context) => {
  need(context, 'own process')
  const data = join(folder, 'killed')
  const shown: string[] = []
  /** Keys whose revoke was asked for; of some the answer never came. */
  const asked = new Set<string>()
  const revoked = new Set<string>()
  let running: Running = await startProcess(data)
  const first = running.bootstrap
  for (let round = 0; round < ROUNDS; round++) {
    const { bootstrap } = running
    const ca = await readFile(bootstrap.ca, 'utf8')
    const rpc = await connect(bootstrap.wss, { ca })
    expect(await rpc.call('auth.login_with_api_key', bootstrap.apiKey)).toBe(true)
    let made = 0
    const enough = 5 + round * 3
    const maker = async (lane: number): Promise<void> => {
      for (;;) {
        const key = await rpc.call<{ id: number; key: string }>('api_key.create', {
          name: `${round} ${lane} ${made++}`,
          username: 'admin',
        })
        shown.push(note(key.key))
        if (made % 3 === 0) {
          asked.add(key.key)
          await rpc.call('api_key.revoke', key.id)
          revoked.add(key.key)
        }
      }
    }
    const lanes = [0, 1, 2].map((lane) => maker(lane).catch(() => {}))
    // Killed in the middle of whatever the lanes are at.
    while (made < enough) await new Promise((done) => setImmediate(done))
    await running.kill()
    await Promise.all(lanes)
    running = await startProcess(data)
  }
  const { bootstrap } = running
  expect(bootstrap).toMatchObject({ apiKey: first.apiKey, password: first.password })
  const ca = await readFile(bootstrap.ca, 'utf8')
  for (const key of shown) {
    const reply = await http(`${bootstrap.https}/oauth2/introspect`, {
      ca,
      method: 'POST',
      bearer: bootstrap.device.apiKey,
      form: { token: key },
    })
    const { active } = reply.json() as { active: boolean }
    if (revoked.has(key)) expect(active).toBe(false)
    else if (!asked.has(key)) expect(active).toBe(true)
  }
  expect(shown.length).toBeGreaterThan(ROUNDS * 5)
  expect(await running.stop()).toBe(0)
})

it('a stop and a start keep everything, and bootstrap.json stays its owner’s', async (context) => {
  need(context, 'own process')
  const data = join(folder, 'stopped')
  const one = await startProcess(data)
  expect((await stat(join(data, 'bootstrap.json'))).mode & 0o777).toBe(0o600)
  expect(Object.keys(one.bootstrap).sort()).toEqual(
    'apiKey ca device http https operatorToken password tenant username ws wss'.split(' '),
  )
  expect(one.bootstrap).toMatchObject({ tenant: 'demo', username: 'admin' })
  expect(await one.stop()).toBe(0)
  const two = await startProcess(data)
  expect(two.bootstrap.device).toEqual(one.bootstrap.device)
  const ca = await readFile(two.bootstrap.ca, 'utf8')
  const rpc = await connect(two.bootstrap.wss, { ca })
  expect(await rpc.call('auth.login_with_api_key', one.bootstrap.apiKey)).toBe(true)
  rpc.close()
  expect(await two.stop()).toBe(0)
})
