/** Limits on checks, from outside: a device's own, and that a tenant's budget is leased beyond a process's share. */
import { expect, it } from 'vitest'
import { http, type Reply } from '../../local/client.ts'
import { bootstrap, ca, newTenant } from './kit.ts'

const batch = (bearer: string): Promise<Reply> =>
  http(`${bootstrap.https}/v1/introspect`, {
    ca,
    method: 'POST',
    bearer,
    body: { tokens: Array(100).fill('x') },
  })

it('a device that asks too much is told when to come again, and another one isn’t held up', async () => {
  const { device, create, rpc } = await newTenant()
  let [answered, last] = [0, await batch(device)]
  for (; last.status === 200 && answered < 300; answered++) last = await batch(device)
  expect(answered).toBeGreaterThanOrEqual(19)
  expect(last.status).toBe(429)
  expect(Number(last.headers['retry-after'])).toBeGreaterThanOrEqual(1)
  expect(last.headers['ratelimit-policy']).toBe('"device";q=2000;w=10')

  // Together more than a process may answer without asking the table.
  const other = (await create({ username: 'device' })).key
  for (let i = 0; i < 15; i++) expect((await batch(other)).status).toBe(200)
  rpc.close()
})
