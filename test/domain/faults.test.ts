/** What AWS does on a bad day: the caller is told to try again, and nothing is half-written. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
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

const introspect = (service: Checks, bearer: string, secure = true, more = {}) =>
  createCheckApp(service).fetch(
    new Request('https://keys.example/oauth2/introspect', {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}` },
      body: new URLSearchParams({ token: bearer, ...more }),
    }),
    { address: '192.0.2.1', secure },
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
  const routes: Record<string, (raw: string) => readonly [string, RequestInit]> = {
    introspect: (token) => ['/oauth2/introspect', { body: new URLSearchParams({ token }) }],
    'many at once': (raw) => ['/v1/introspect', { body: JSON.stringify({ tokens: [raw, raw] }) }],
    token: (raw) => [
      '/oauth2/token',
      {
        headers: {
          authorization: `Basic ${Buffer.from(raw.replace('-', ':')).toString('base64')}`,
        },
        body: new URLSearchParams({ grant_type: 'client_credentials' }),
      },
    ],
    revoke: (token) => ['/oauth2/revoke', { body: new URLSearchParams({ token }) }],
    gateway: (raw) => [
      '/v1/forward-auth',
      { headers: { 'keyharbor-authorization': `Bearer ${raw}` } },
    ],
  }

  it.each(Object.keys(routes))('keeps no %s waiting: 503 with Retry-After', async (name) => {
    const { raw } = await addKey(rig.service, admin)
    rig.kmsDown('stalled')
    const [path, init] = routes[name]?.(raw.reveal()) ?? ['', {}]
    const reply = await createCheckApp(rig.make({ KEYHARBOR_CHECK_TIMEOUT_MS: '100' })).fetch(
      new Request(`https://keys.example${path}`, {
        method: 'POST',
        ...init,
        headers: { authorization: `Bearer ${raw.reveal()}`, ...init.headers },
      }),
      { address: '192.0.2.1', secure: true },
    )
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await reply.json()).toMatchObject({ error: 'temporarily_unavailable' })
  })
})

describe('a check without time', () => {
  it.each([
    ['here', false, {}],
    ['at the device', true, { transport: 'ws' }],
  ])('still ends a key that came in clear %s', async (_, secure, more) => {
    const { raw, key } = await addKey(rig.service, admin)
    const clock = vi.spyOn(performance, 'now').mockReturnValue(3_600_000)
    // When the request came: its time is up at the next look.
    clock.mockReturnValueOnce(0)
    const reply = await introspect(rig.service, raw.reveal(), secure, more)
    vi.restoreAllMocks()
    expect(reply.status).toBe(secure ? 200 : 401)
    expect(await rig.service.keys.forCheck([key])).toMatchObject([
      { revoked: { reason: expect.stringContaining('insecure') } },
    ])
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
    const wire = await startFaulty()
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

describe('a tenant whose data keys were deleted', () => {
  it('has no key that passes, and its keys read like unknown ones', async () => {
    const { raw } = await addKey(rig.service, admin)
    const fresh = rig.make()
    const shredded = { ...fresh, vault: { ...fresh.vault, keys: async () => null } }
    expect(await checkKey(shredded, raw.reveal())).toEqual({ state: 'unknown' })
  })
})
