/** Limits on checks, from outside: a device's own, and that a tenant's budget is leased beyond a process's share. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, inject, it } from 'vitest'
import { connect, http, type Reply } from '../../local/client.ts'
import { startProcess } from '../../tools/programs/service.ts'
import { bootstrap, ca, need, newTenant, note } from './kit.ts'

const batch = (bearer: string, https = bootstrap.https, ours = ca): Promise<Reply> =>
  http(`${https}/v1/introspect`, {
    ca: ours,
    method: 'POST',
    bearer,
    body: { tokens: Array(100).fill('x') },
  })

it('a device that asks too much is told when to come again, and another one isn’t held up', async (context) => {
  need(context, 'own process')
  const data = await mkdtemp(join(tmpdir(), 'keyharbor-limits-'))
  // So little that no machine is slow enough to stay below it.
  const running = await startProcess(data, {
    flags: inject('mode') === 'bundled' ? ['--bundled'] : [],
    variables: { KEYHARBOR_DEVICE_CHECKS_PER_MINUTE: '1' },
  })
  try {
    const { https, wss, ca: file, apiKey } = running.bootstrap
    const own = await readFile(file, 'utf8')
    const rpc = await connect(wss, { ca: own })
    await rpc.call('auth.login_with_api_key', note(apiKey))
    const create = async (name: string): Promise<string> =>
      note((await rpc.call<{ key: string }>('api_key.create', { name, username: 'admin' })).key)
    const [greedy, modest] = [await create('greedy'), await create('modest')]
    expect((await batch(greedy, https, own)).status).toBe(200)
    const refused = await batch(greedy, https, own)
    expect(refused.status).toBe(429)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1)
    expect(refused.headers['ratelimit-policy']).toBe('"device";q=100;w=6000')
    expect((await batch(modest, https, own)).status).toBe(200)
    rpc.close()
  } finally {
    await running.stop()
    await rm(data, { recursive: true, force: true })
  }
})

it('a tenant may ask for more than a process’s share of its budget', async () => {
  const { device, rpc } = await newTenant()
  for (let i = 0; i < 15; i++) expect((await batch(device)).status).toBe(200)
  rpc.close()
})
