/** What flows count, and what of it is printed. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { metered } from '../functions/events/metered.ts'
import { Secret } from '../shared/domain/secret.ts'
import { createCheckApp } from '../shared/http/app.ts'
import { sweep } from '../shared/jobs/sweep.ts'
import { checkKey } from '../shared/keys/check.ts'
import { closeEnded } from '../shared/live/close.ts'
import { tellSubscribers } from '../shared/live/tell.ts'
import { createMetrics, METRICS, type MetricName } from '../shared/metrics.ts'
import { itemKey } from '../shared/store/item-keys.ts'
import type { User } from '../shared/store/user-items.ts'
import { filesLike, ROOT } from './docs/citations.ts'
import { startSockets } from './kit/peer.ts'
import { addKey, newTenant, type Rig, refusal, startRig } from './kit/service.ts'

const MINUTE = 60_000

describe('what is counted', () => {
  let rig: Rig
  let admin: User
  beforeAll(async () => {
    rig = await startRig({ KEYHARBOR_ANONYMOUS_CALLS_PER_MINUTE: '2' })
  })
  beforeEach(async () => {
    admin = await newTenant(rig.service)
    rig.counted()
  })
  afterAll(() => rig.close())

  const check = (bearer: string, proto = 'https') =>
    createCheckApp(rig.service).fetch(
      new Request('https://keys.example/oauth2/introspect', {
        method: 'POST',
        headers: { authorization: `Bearer ${bearer}` },
        body: new URLSearchParams({ token: bearer }),
      }),
      { address: '192.0.2.1', secure: proto === 'https' },
    )
  const login = async (method: string, ...params: unknown[]) => {
    const peer = await startSockets(rig.service).open()
    await peer.call(method, ...params)
    return rig.counted()
  }

  it('nothing of a check, good or not', async () => {
    const { raw } = await addKey(rig.service, admin)
    await check(raw.reveal())
    await check(`${raw.reveal().slice(0, -1)}!`)
    await check('garbage')
    expect(rig.counted()).toEqual({})
  })

  it('a key that is used in clear, once', async () => {
    const { raw } = await addKey(rig.service, admin)
    await check(raw.reveal(), 'http')
    await check(raw.reveal(), 'http')
    expect(rig.counted()).toEqual({ KeyExposed: 1 })
  })

  it('logins by any mechanism, by how they end', async () => {
    const { raw } = await addKey(rig.service, admin)
    const key = raw.reveal()
    const failed = { LoginFailed: 1 }
    expect(await login('auth.login_with_api_key', key)).toEqual({ LoginSucceeded: 1 })
    expect(await login('auth.login_with_api_key', `${key}x`)).toEqual(failed)
    expect(await login('auth.login', 'admin', 'wrong')).toEqual(failed)
    expect(await login('auth.login_with_token', 'wrong')).toEqual(failed)
    for (const data of [
      { mechanism: 'API_KEY_PLAIN', username: 'admin', api_key: 'wrong' },
      { mechanism: 'PASSWORD_PLAIN', username: 'admin', password: 'wrong' },
      { mechanism: 'TOKEN_PLAIN', token: 'wrong' },
      { mechanism: 'SCRAM', scram_type: 'CLIENT_FIRST_MESSAGE', rfc_str: 'wrong' },
    ])
      expect(await login('auth.login_ex', data), data.mechanism).toEqual(failed)
  })

  it('calls over the limit of an address as such, not as failed logins', async () => {
    const peer = await startSockets(rig.service).open()
    for (let call = 0; call < 5; call++) await peer.exchange('auth.login_with_token', 'wrong')
    expect(rig.counted()).toEqual({ LoginFailed: 2, RateLimited: 3 })
  })

  it('frames answered with an error of ours, and none that the caller is to blame for', async () => {
    const broken = {
      ...rig.service,
      connections: { ...rig.service.connections, get: () => Promise.reject(new Error('broken')) },
    }
    const peer = await startSockets(rig.service).open()
    await peer.exchange('no.such_method')
    await peer.exchange('api_key.query')
    expect(rig.counted()).toEqual({})
    const sick = await startSockets(broken).open()
    await sick.exchange('core.ping')
    expect(rig.counted()).toEqual({ CallFailed: 1 })
  })

  it('keys that expire, and how late the sweep is', async () => {
    await addKey(rig.service, admin, { expires: rig.clock.now + MINUTE })
    await sweep(rig.service)
    expect(rig.counted()).toEqual({})
    rig.clock.now += 3 * MINUTE
    await sweep(rig.service)
    expect(rig.counted()).toEqual({ KeyExpired: 1, SweepLag: 120 })
    await sweep(rig.service)
    expect(rig.counted()).toEqual({})
  })

  it('subscribers who are there and were not told', async () => {
    const { raw } = await addKey(rig.service, admin)
    const sockets = startSockets(rig.service)
    const peer = await sockets.open()
    await peer.call('auth.login_with_api_key', raw.reveal())
    await peer.call('core.subscribe', 'api_key.query')
    const { key } = await addKey(rig.service, admin)
    rig.counted()
    const push = { ...sockets.service.push, send: () => Promise.reject(new Error('throttled')) }
    const change = { key: itemKey.key(key), before: null, after: { ...key, sk: 'KEY' } }
    await tellSubscribers({ ...sockets.service, push }, [change], () => MINUTE)
    expect(rig.counted()).toMatchObject({ PushFailed: 1 })
  })

  it('how long ago the oldest change was made when a round is done', async () => {
    const { key } = await addKey(rig.service, admin)
    const { now } = rig.clock
    const made = (ago: number) => ({
      key: itemKey.key(key),
      before: null,
      after: null,
      at: now - ago,
    })
    rig.counted()
    await closeEnded(rig.service, [made(4000), made(9000)], () => MINUTE)
    expect(rig.counted()).toEqual({ CloseLag: 9 })
    await tellSubscribers(rig.service, [made(4000), made(-1000)], () => MINUTE)
    expect(rig.counted()).toEqual({ TellLag: 4 })
  })

  it('each throttle of KMS, and the call that no retry could mend', async () => {
    const { raw } = await addKey(rig.service, admin)
    rig.counted()
    rig.kmsDown(true)
    const before = rig.kmsCalls.length
    expect(await refusal(checkKey(rig.make(), raw.reveal()))).toBe('UNAVAILABLE')
    rig.kmsDown(false)
    const attempts = rig.kmsCalls.length - before
    expect(attempts).toBeGreaterThan(1)
    expect(rig.counted()).toEqual({ KmsThrottled: attempts, KmsFailed: 1 })
  })

  it('a throttle that a retry mended', async () => {
    const { raw } = await addKey(rig.service, admin)
    rig.counted()
    const before = rig.kmsCalls.length
    rig.kmsDown(true)
    const checked = checkKey(rig.make(), raw.reveal())
    await expect.poll(() => rig.kmsCalls.length, { interval: 1 }).toBeGreaterThan(before)
    rig.kmsDown(false)
    expect(await checked).toMatchObject({ state: 'active' })
    const { KmsThrottled, ...others } = rig.counted()
    expect(KmsThrottled).toBeGreaterThan(0)
    expect(others).toEqual({})
  })
})

it('is counted by somebody, each of the list', () => {
  const code = filesLike('shared/*.ts').map((path) => readFileSync(join(ROOT, path), 'utf8'))
  const added = code.flatMap((text) =>
    [...text.matchAll(/metrics\.add\('(\w+)'/g)].map(([, name]) => name),
  )
  const todo =
    'METRICS of shared/metrics.ts has what metrics.add() counts in shared/, and nothing else'
  expect([...new Set(added)].sort(), todo).toEqual(Object.keys(METRICS).sort())
})

it.each(Object.keys(METRICS))('%s is held by a test', (name) => {
  const holds = new RegExp(`counted[^\\n]*\\b${name}\\b|\\b${name}: `)
  const tests = filesLike('test/*.ts').map((path) => readFileSync(join(ROOT, path), 'utf8'))
  expect(
    tests.some((text) => holds.test(text)),
    'show here what it counts, and how much',
  ).toBe(true)
})

describe('what is printed', () => {
  let printed: string[]
  beforeEach(() => {
    printed = []
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed.push(String(text))
      return true
    })
  })
  afterEach(() => {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
  })

  it('is one line for each event, in the form that CloudWatch reads', async () => {
    const metrics = createMetrics('Second')
    await metered({ metrics }, async () => {
      metrics.add('LoginFailed')
      metrics.add('LoginFailed')
      metrics.add('SweepLag', 90)
    })()
    expect(printed).toHaveLength(1)
    const { _aws, ...rest } = JSON.parse(printed[0] ?? '')
    expect(_aws.CloudWatchMetrics).toEqual([
      {
        Namespace: 'Keyharbor',
        Dimensions: [['service']],
        Metrics: [
          { Name: 'LoginFailed', Unit: 'Count' },
          { Name: 'SweepLag', Unit: 'Seconds' },
        ],
      },
    ])
    // Nothing else: no tenant, no key, no address.
    expect(rest).toEqual({ service: 'Second', LoginFailed: [1, 1], SweepLag: 90 })
  })

  it('is nothing when nothing happened', async () => {
    const metrics = createMetrics('Keyharbor')
    expect(await metered({ metrics }, async () => 'answer')()).toBe('answer')
    expect(printed).toEqual([])
  })

  it('is printed also when the function fails', async () => {
    const metrics = createMetrics('Keyharbor')
    const failing = metered({ metrics }, async () => {
      metrics.add('KeyExpired')
      throw new Error('one item failed')
    })
    await expect(failing()).rejects.toThrow('one item failed')
    expect(printed).toHaveLength(1)
  })

  it('counts each once, when many events are handled at a time', async () => {
    const metrics = createMetrics('Keyharbor')
    const one = metered({ metrics }, async (turns: number) => {
      metrics.add('LoginFailed')
      for (let turn = 0; turn < turns; turn++) await null
      metrics.add('LoginFailed')
    })
    await Promise.all([9, 1, 5, 0].map((turns) => one(turns)))
    const counts = printed.flatMap((line) => JSON.parse(line).LoginFailed)
    expect(counts).toEqual(Array(8).fill(1))
  })

  it('is nothing on one machine', async () => {
    vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true')
    const metrics = createMetrics('Keyharbor')
    metrics.add('LoginFailed')
    metrics.flush()
    expect(printed).toEqual([])
  })

  it('can hold no secret: there is a list of names, and numbers', () => {
    const metrics = createMetrics('Keyharbor')
    for (const name of Object.keys(METRICS) as MetricName[]) metrics.add(name)
    expect(() => metrics.add('LoginFailed', new Secret('hunter2') as never)).toThrow()
    metrics.flush()
    const { _aws, service, ...values } = JSON.parse(printed.join(''))
    expect(values).toEqual(Object.fromEntries(Object.keys(METRICS).map((name) => [name, 1])))
  })
})
