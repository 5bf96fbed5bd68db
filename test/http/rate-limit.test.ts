import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lightResponse } from '../../functions/events/light.ts'
import { mintSecret } from '../../shared/crypto/random.ts'
import { rawKey } from '../../shared/domain/key.ts'
import { createCheckApp } from '../../shared/http/app.ts'
import type { Checks } from '../../shared/http/context.ts'
import { sweep } from '../../shared/jobs/sweep.ts'
import type { Service } from '../../shared/service.ts'
import type { User } from '../../shared/store/user-items.ts'
import { addKey, addUser, newTenant, type Rig, startRig } from '../kit/service.ts'
import { asClient, bearer, countReads, send } from './kit.ts'

let rig: Rig
let service: Service
let admin: User
beforeAll(async () => {
  rig = await startRig({
    KEYHARBOR_DEVICE_CHECKS_PER_MINUTE: '600',
    KEYHARBOR_TENANT_CHECKS_PER_MINUTE: '1000',
  })
  service = rig.service
  admin = await newTenant(service)
  // Makes the key that signs.
  await sweep(service)
})
afterAll(() => rig.close())

const newDevice = async (tenant = admin.tenant): Promise<string> => {
  const user = await addUser(service, tenant, `device ${Math.random()}`, ['KEY_VALIDATE'])
  return (await addKey(service, user)).raw.reveal()
}
const ask = (device: string, tokens: number, from = service) =>
  send(from, '/v1/introspect', {
    json: { tokens: Array(tokens).fill('x') },
    headers: bearer(device),
  })

describe('limits on checks', () => {
  it('hold for each device, say what is left and when to come again', async () => {
    const [device, other] = [await newDevice(), await newDevice()]
    const first = await ask(device, 100)
    expect(first.status).toBe(200)
    expect(first.headers.get('ratelimit-policy')).toBe('"device";q=100;w=10')
    expect(first.headers.get('ratelimit')).toBe('"device";r=0;t=10')
    const refused = await ask(device, 20)
    expect(refused).toMatchObject({ status: 429, body: { error: 'rate_limited' } })
    expect(refused.headers.get('retry-after')).toBe('2')
    expect((await ask(other, 1)).status).toBe(200)
    rig.clock.now += 2000
    expect((await ask(device, 20)).status).toBe(200)
    expect(rig.counted()).toMatchObject({ ChecksLimited: 1 })
  })

  it('are said with each answer, good or not, as plain and as Response', async () => {
    const device = await newDevice()
    for (const token of [device, 'x'])
      for (const respond of [undefined, lightResponse]) {
        const request = new Request('https://keys.example/oauth2/introspect', {
          method: 'POST',
          body: new URLSearchParams({ token }),
          headers: bearer(device),
        })
        const caller = { address: '192.0.2.1', secure: true, ...(respond && { respond }) }
        const reply = await createCheckApp(service).fetch(request, caller)
        expect([...reply.headers.keys()].sort(), 'a plain answer has them all').toEqual([
          'cache-control',
          'content-type',
          'ratelimit',
          'ratelimit-policy',
        ])
      }
  })

  it('hold for a tenant’s devices together, whichever process they ask', async () => {
    const { tenant } = await newTenant(service)
    const [another, processes] = [
      await newDevice((await newTenant(service)).tenant),
      [rig.make(), rig.make()],
    ]
    let given = 0
    let refused: Awaited<ReturnType<typeof ask>> | undefined
    for (let i = 0; i < 14; i++) {
      const reply = await ask(await newDevice(tenant), 100, processes[i % 2])
      if (reply.status === 200) given += 100
      else refused = reply
    }
    expect(given).toBe(1000)
    expect(refused?.headers.get('ratelimit-policy')).toBe('"tenant";q=1000;w=60')
    expect(Number(refused?.headers.get('retry-after'))).toBeLessThanOrEqual(60)
    expect((await ask(another, 1, processes[0])).status).toBe(200)
    rig.clock.now += 60_000
    expect((await ask(await newDevice(tenant), 100, processes[0])).status).toBe(200)
  })

  it('count nothing against a device by whom its secret isn’t known', async () => {
    const device = await newDevice()
    const id = Number(device.split('-')[0])
    const guess = rawKey(id, mintSecret(id)).reveal()
    for (let i = 0; i < 3; i++) expect((await ask(guess, 100)).status).toBe(401)
    expect((await ask(device, 100)).status).toBe(200)
  })
})

describe('access tokens', () => {
  const grant = (key: string, from: Checks = service, scope = 'KEY_VALIDATE') =>
    send(from, '/oauth2/token', {
      form: { grant_type: 'client_credentials', scope },
      headers: asClient(key),
    })

  it('count as checks of their key, say what is left and when to come again', async () => {
    const [device, other] = [await newDevice(), await newDevice()]
    const first = await grant(device)
    expect(first.status).toBe(200)
    expect(first.headers.get('ratelimit-policy')).toBe('"device";q=100;w=10')
    expect(first.headers.get('ratelimit')).toBe('"device";r=99;t=1')
    expect((await ask(device, 98)).status).toBe(200)
    // What it asks wrongly is read for, too.
    expect((await grant(device, service, 'FULL_ADMIN')).status).toBe(400)
    const refused = await grant(device)
    expect(refused).toMatchObject({ status: 429, body: { error: 'rate_limited' } })
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(refused.headers.get('ratelimit')).toBe('"device";r=0;t=1')
    expect((await grant(other)).status).toBe(200)
    rig.clock.now += 1000
    expect((await grant(device)).status).toBe(200)
  })

  it('use up nothing of what their tenant has for checks, and need none of it', async () => {
    const { tenant } = await newTenant(service)
    const taken: number[] = []
    const take: Checks['checkLimits']['take'] = (caller, checks) => {
      taken.push(checks)
      return service.checkLimits.take(caller, checks)
    }
    const counting = { ...service, checkLimits: { ...service.checkLimits, take } }
    for (let i = 0; i < 3; i++)
      expect((await grant(await newDevice(tenant), counting)).status).toBe(200)
    expect(taken).toEqual([])
  })

  it('count nothing against a key by whom its secret isn’t known', async () => {
    const device = await newDevice()
    const id = Number(device.split('-')[0])
    expect((await ask(device, 99)).status).toBe(200)
    for (let i = 0; i < 3; i++)
      expect((await grant(rawKey(id, mintSecret(id)).reveal())).status).toBe(401)
    expect((await grant(device)).status).toBe(200)
    expect((await grant(device)).status).toBe(429)
  })

  it('cost a flood of guesses one read each, of garbage none, and neither a call of KMS', async () => {
    const cold = rig.make()
    const device = await newDevice()
    const id = Number(device.split('-')[0])
    rig.kmsCalls.length = 0
    const counting = countReads(cold)
    for (let i = 0; i < 20; i++) {
      expect((await grant(rawKey(id, mintSecret(id)).reveal(), counting.service)).status).toBe(401)
      expect((await grant(`${device}0`, counting.service)).status).toBe(401)
    }
    expect({ ...counting.counted, kms: rig.kmsCalls.length }).toEqual({
      reads: 20,
      keys: 20,
      kms: 0,
    })
  })
})

describe('a flood of garbage', () => {
  it('costs no call of KMS, not even of a process that has opened no data key, and a read each', async () => {
    const cold = rig.make()
    const device = await newDevice()
    const ids = [Number(device.split('-')[0]), admin.tenant * 1e9 + 777_777, 9_007_198_000_000_001]
    rig.kmsCalls.length = 0
    const counting = countReads(cold)
    for (let i = 0; i < 30; i++) {
      const id = ids[i % ids.length] ?? 0
      const guess = rawKey(id, mintSecret(id)).reveal()
      expect((await ask(guess, 1, counting.service as Service)).status).toBe(401)
    }
    expect({ ...counting.counted, kms: rig.kmsCalls.length }).toEqual({
      reads: 30,
      keys: 30,
      kms: 0,
    })
  })

  it('costs one read though it asks about many', async () => {
    const device = await newDevice()
    const id = Number(device.split('-')[0])
    const guesses = Array.from({ length: 100 }, () => rawKey(id, mintSecret(id)).reveal())
    for (const proto of ['https', 'http']) {
      const counting = countReads(service)
      const reply = await send(counting.service, '/v1/introspect', {
        json: { tokens: guesses },
        headers: bearer(guesses[0] ?? ''),
        proto,
      })
      expect(reply.status).toBe(401)
      expect(counting.counted).toEqual({ reads: 1, keys: 1 })
    }
  })

  it('costs not even a read where the checksum is wrong', async () => {
    const counting = countReads(service)
    const device = await newDevice()
    for (const token of ['', 'x', device.toUpperCase(), `${device}0`, device.replace('-', '_')])
      expect((await ask(token, 1, counting.service as Service)).status).toBe(401)
    expect(counting.counted.reads).toBe(0)
  })
})
