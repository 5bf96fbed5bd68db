/** What AWS does on a bad day: the caller is told to try again, and nothing is half-written. */
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createCheckApp } from '../../shared/http/app.ts'
import type { Checks } from '../../shared/http/context.ts'
import { checkKey } from '../../shared/keys/check.ts'
import type { User } from '../../shared/store/user-items.ts'
import { startFaulty } from '../kit/faulty.ts'
import { refusalOf, startSockets } from '../kit/peer.ts'
import { addKey, newTenant, type Rig, refusal, startRig } from '../kit/service.ts'

let rig: Rig
let admin: User
beforeEach(async () => {
  rig = await startRig()
  admin = await newTenant(rig.service)
})
afterEach(() => rig.close())

const introspect = (service: Checks, bearer: string) =>
  createCheckApp(service).fetch(
    new Request('https://keys.example/oauth2/introspect', {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}` },
      body: new URLSearchParams({ token: bearer }),
    }),
    { address: '192.0.2.1', secure: true },
  )

describe('KMS out of reach', () => {
  it('stops no check whose data key is in memory, and says "try again" to the others', async () => {
    const { raw } = await addKey(rig.service, admin)
    rig.kmsDown(true)
    expect(await checkKey(rig.service, raw.reveal())).toMatchObject({ state: 'active' })
    const fresh = rig.make()
    expect(await refusal(checkKey(fresh, raw.reveal()))).toBe('UNAVAILABLE')
    rig.kmsDown(false)
    expect(await checkKey(fresh, raw.reveal())).toMatchObject({ state: 'active' })
  })
})

describe('KMS that never answers', () => {
  it('keeps no check waiting: 503 with Retry-After', async () => {
    const { raw } = await addKey(rig.service, admin)
    rig.kmsDown('stalled')
    const hurried = rig.make({ KEYHARBOR_CHECK_TIMEOUT_MS: '100' })
    const reply = await introspect(hurried, raw.reveal())
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await reply.json()).toMatchObject({ error: 'temporarily_unavailable' })
  })
})

describe('KMS that refuses for good', () => {
  it('is no busy service: 500, and the log says what to mend', async () => {
    const { raw } = await addKey(rig.service, admin)
    rig.kmsDown('DisabledException')
    const logged: unknown[] = []
    const error = (_: string, why?: unknown) => void logged.push(why)
    const service = { ...rig.make(), log: { info: () => {}, error } }
    const reply = await introspect(service, raw.reveal())
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([500, null])
    expect(await reply.json()).toMatchObject({ error: 'server_error' })
    expect(String(logged)).toMatch(/enable the key \(DisabledException/)
  })
})

describe('DynamoDB out of reach', () => {
  it('is 503 with Retry-After over HTTP, and EAGAIN over the socket', async () => {
    const { raw } = await addKey(rig.service, admin)
    const wire = await startFaulty(process.env.AWS_ENDPOINT_URL_DYNAMODB ?? '')
    process.env.AWS_ENDPOINT_URL_DYNAMODB = wire.url
    const service = rig.make()
    const peer = await startSockets(service).open()
    await wire.close()
    const reply = await introspect(service, raw.reveal())
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await reply.json()).toMatchObject({ error: 'temporarily_unavailable' })
    expect(await refusalOf(peer.call('core.ping'))).toMatch(
      /^-32001 \[EAGAIN\] The service is busy/,
    )
  })
})

describe('DynamoDB that throttles', () => {
  it('is asked once more for a check, and no longer', async () => {
    const { raw } = await addKey(rig.service, admin)
    const wire = await startFaulty(process.env.AWS_ENDPOINT_URL_DYNAMODB ?? '')
    onTestFinished(wire.close)
    process.env.AWS_ENDPOINT_URL_DYNAMODB = wire.url
    const service = rig.makeChecks()
    expect((await introspect(service, raw.reveal())).status).toBe(200)
    wire.plan('BatchGetItem', ...Array<'throttled'>(20).fill('throttled'))
    const reply = await introspect(service, raw.reveal())
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '1'])
    expect(wire.asked).toEqual(['BatchGetItem', 'BatchGetItem'])
  })
})

describe('a tenant whose data keys were deleted', () => {
  it('has no key that passes, and its keys read like unknown ones', async () => {
    const { raw } = await addKey(rig.service, admin)
    const fresh = rig.make()
    const shredded = { ...fresh, vault: { ...fresh.vault, keys: async () => null } }
    expect(await checkKey(shredded, raw.reveal())).toEqual({ state: 'unknown' })
  })
})
