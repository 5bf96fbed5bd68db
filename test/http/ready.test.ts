/** Whether the service is ready: what it needs for that, how seldom it looks, and what it gives away. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createCheckApp } from '../../shared/http/app.ts'
import { newTenant, type Rig, startRig } from '../kit/service.ts'
import { send } from './kit.ts'

let rig: Rig
beforeAll(async () => {
  rig = await startRig()
})
afterAll(() => rig.close())

const READY = { status: 'ok', table: 'ok', kms: 'ok' }

it('is ready before there is a tenant, and then as long as table and KMS answer', async () => {
  expect(await send(rig.make(), '/readyz', {})).toMatchObject({ status: 200, body: READY })
  await newTenant(rig.service)
  const before = rig.kmsCalls.length
  expect(await send(rig.make(), '/readyz', {})).toMatchObject({ status: 200, body: READY })
  expect(rig.kmsCalls.length).toBe(before + 1)
  const error = vi.fn()
  const log = { info: () => {}, error }
  rig.kmsDown(true)
  const down = await send({ ...rig.make(), log }, '/readyz', {})
  rig.kmsDown(false)
  expect(down).toMatchObject({
    status: 503,
    body: { status: 'unavailable', table: 'ok', kms: 'unavailable' },
  })
  expect(down.headers.get('retry-after')).toBe('10')
  expect(error).toHaveBeenCalledWith('the service is not ready', expect.any(Error), {
    part: 'kms',
  })
  const lost = { ...rig.make(), log }
  const wrappedKey = () => Promise.reject(new Error('arn:aws:dynamodb:secret'))
  const gone = await send({ ...lost, tenants: { ...lost.tenants, wrappedKey } }, '/readyz', {})
  expect(gone.status).toBe(503)
  expect(gone.text).toBe('{"status":"unavailable","table":"unavailable"}')
})

it('looks once in ten seconds, however many ask', async () => {
  const service = rig.make()
  const prove = vi.fn(service.vault.prove)
  const app = createCheckApp({ ...service, vault: { ...service.vault, prove } })
  const ask = () =>
    app.fetch(new Request('https://keys.example/readyz'), { address: '192.0.2.1', secure: true })
  const all = await Promise.all(Array.from({ length: 20 }, ask))
  expect(all.map(({ status }) => status)).toEqual(Array(20).fill(200))
  rig.clock.now += 9999
  await ask()
  expect(prove).toHaveBeenCalledTimes(1)
  rig.clock.now += 1
  await ask()
  expect(prove).toHaveBeenCalledTimes(2)
  // A clock that was wrong, and is set right.
  rig.clock.now -= 3_600_000
  await ask()
  expect(prove).toHaveBeenCalledTimes(3)
})
