import { generateKeyPairSync } from 'node:crypto'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PublicJwk, SigningKey } from '../../shared/crypto/signing-key.ts'
import { createSigning, KEYSET_TTL_MS, REREAD_AFTER_MS } from '../../shared/crypto/signing-keys.ts'
import { Fault } from '../../shared/domain/fault.ts'
import { OVERLAP_MS, SIGNS_MS } from '../../shared/domain/rotation.ts'
import { rotateSigningKeys } from '../../shared/jobs/rotate.ts'
import { sweep } from '../../shared/jobs/sweep.ts'
import type { Service } from '../../shared/service.ts'
import { createDb } from '../../shared/store/db.ts'
import { createSigningKeys } from '../../shared/store/signing-keys.ts'
import { newTenant, type Rig, refusal, START, startRig } from '../kit/service.ts'

let rig: Rig
let service: Service
beforeEach(async () => {
  rig = await startRig()
  service = rig.service
})
afterEach(() => rig.close())

/** The first tenant, and the first sweep after it. */
const begin = async (): Promise<void> => {
  await newTenant(service)
  await sweep(service)
}

const kids = async (of: Service = service): Promise<string[]> =>
  (await of.signing.jwks()).keys.map(({ kid }) => kid)
/** As a relying party checks a signature. */
const verify = async (token: string, jwks: Awaited<ReturnType<Service['signing']['jwks']>>) =>
  (
    await jwtVerify(token, createLocalJWKSet(jwks), {
      algorithms: ['ES256'],
      currentDate: new Date(rig.clock.now),
    })
  ).protectedHeader.kid
const sign = (of: Service = service) => of.signing.sign({ sub: '1' }, 'JWT')
/** A signing set over a store that isn't ours. */
const signingOver = (all: () => Promise<SigningKey[]>) =>
  createSigning({ store: { all }, vault: service.vault, now: service.now })

describe('signing keys', () => {
  it('are not there before the first tenant and a sweep, which is said as "try again"', async () => {
    expect(await rotateSigningKeys(service)).toBe(0)
    await newTenant(service)
    expect(await service.signing.jwks()).toEqual({ keys: [] })
    expect(await refusal(sign())).toBe('UNAVAILABLE')
  })

  it('come with the first sweep after the first tenant: one, however many sweep', async () => {
    expect(await kids()).toEqual([])
    await newTenant(service)
    const rotate = () => rotateSigningKeys(rig.make())
    expect((await Promise.all([rotate(), rotate(), rotate()])).sort()).toEqual([0, 0, 1])
    rig.clock.now += 1001
    const { keys } = await service.signing.jwks()
    expect(keys).toEqual([
      {
        kty: 'EC',
        crv: 'P-256',
        x: expect.stringMatching(/^[\w-]{43}$/),
        y: expect.stringMatching(/^[\w-]{43}$/),
        kid: expect.stringMatching(/^[\w-]{43}$/),
        use: 'sig',
        alg: 'ES256',
      },
    ])
    expect(await verify(await sign(), { keys })).toBe(keys[0]?.kid)
  })

  it('roll over: old and new tokens verify against what is published at the time', async () => {
    await begin()
    const [first] = await kids()
    expect(await service.signingKeys.published()).toHaveLength(1)
    rig.clock.now = START + SIGNS_MS - OVERLAP_MS
    await sweep(service)
    rig.clock.now += KEYSET_TTL_MS + 1
    const before = await service.signing.jwks()
    expect(before.keys).toHaveLength(2)
    expect(await verify(await sign(), before)).toBe(first)

    rig.clock.now = START + SIGNS_MS - 1
    const last = await sign()
    rig.clock.now += 1
    const next = await sign()
    const second = before.keys.map(({ kid }) => kid).find((kid) => kid !== first)
    // Who read the set before the change, and who reads it after, can check both.
    for (const jwks of [before, await service.signing.jwks()]) {
      expect(await verify(last, jwks)).toBe(first)
      expect(await verify(next, jwks)).toBe(second)
    }

    rig.clock.now = START + SIGNS_MS + OVERLAP_MS
    await sweep(service)
    expect(await kids()).toEqual([second])
    expect(await service.signingKeys.published()).toHaveLength(1)
  })

  it('are known to processes by their public halves only; private ones lie sealed', async () => {
    await begin()
    const [key] = await service.signingKeys.published()
    expect(Object.keys(key ?? {}).sort()).toEqual(['jwk', 'kid', 'n', 'signsFrom'])
    const [kept] = await service.signingKeys.all()
    expect(Buffer.from(kept?.sealed ?? []).includes('PRIVATE')).toBe(false)
    expect(JSON.stringify(await service.signing.jwks())).not.toContain('"d"')
  })
})

describe('a process', () => {
  beforeEach(begin)

  it('reads the set once in five minutes, whatever it signs and verifies', async () => {
    let reads = 0
    const [known = ''] = await kids()
    const signing = signingOver(() => {
      reads++
      return service.signingKeys.all()
    })
    rig.kmsCalls.length = 0
    for (let i = 0; i < 20; i++) {
      await signing.sign({}, 'JWT')
      expect(await signing.publicKey(known)).not.toBeNull()
    }
    expect(reads).toBe(1)
    expect(rig.kmsCalls).toEqual([])
    rig.clock.now += KEYSET_TTL_MS + 1
    await Promise.all(Array.from({ length: 20 }, () => signing.publicKey(known)))
    expect(reads).toBe(2)
  })

  it('looks for an unknown key id, and no more often than every ten seconds', async () => {
    let reads = 0
    const signing = signingOver(() => {
      reads++
      return service.signingKeys.all()
    })
    for (let i = 0; i < 50; i++) expect(await signing.publicKey(`made up ${i}`)).toBeNull()
    expect(reads).toBe(1)
    rig.clock.now += REREAD_AFTER_MS + 1
    await Promise.all(Array.from({ length: 50 }, (_, i) => signing.publicKey(`made up ${i}`)))
    expect(reads).toBe(2)
  })

  it('signs with the new key within minutes of the old one being taken away, though it never signed by that', async () => {
    const fresh = rig.make()
    const [old] = await kids(fresh)
    const [key] = await service.signingKeys.published()
    if (key === undefined) throw new Error('no key')
    await service.signingKeys.remove(key)
    await sweep(service)
    rig.clock.now += KEYSET_TTL_MS + 1
    const jwks = await rig.make().signing.jwks()
    expect(await verify(await sign(fresh), jwks)).not.toBe(old)
  })

  it('forgets a key that was taken out of the table, and gets a new one', async () => {
    const [key] = await service.signingKeys.published()
    if (key === undefined) throw new Error('no key')
    const old = await sign()
    expect(await service.signingKeys.remove(key)).toBe(true)
    await sweep(service)
    rig.clock.now += KEYSET_TTL_MS + 1
    const jwks = await service.signing.jwks()
    expect(jwks.keys.map(({ kid }) => kid)).not.toContain(key.kid)
    await expect(verify(old, jwks)).rejects.toThrow()
    expect(await service.signing.publicKey(key.kid)).toBeNull()
    expect(await verify(await sign(), jwks)).toBe(jwks.keys[0]?.kid)
    // Somebody who meant the old one doesn't hit the new one of its number.
    expect(await service.signingKeys.remove(key)).toBe(false)
  })
})

describe('a key that does not open', () => {
  beforeEach(begin)

  const unopened = async (change: (key: SigningKey) => Partial<SigningKey>) => {
    const [key] = await service.signingKeys.all()
    if (key === undefined) throw new Error('no key')
    return signingOver(async () => [{ ...key, ...change(key) }])
  }

  it.each<[string, (key: SigningKey) => Partial<SigningKey>]>([
    ['was altered', ({ sealed }) => ({ sealed: sealed.map((byte) => byte ^ 1) })],
    ['was put under another id', () => ({ kid: 'another' })],
    ['is cut short', () => ({ sealed: new Uint8Array(3) })],
    ['is sealed under a data key that is gone', () => ({ dataKey: 99 })],
    ['has no public half', () => ({ jwk: { kty: 'EC', crv: 'P-256', x: '', y: 'AA' } })],
  ])('is a busy service to callers, and a cause in the log: it %s', async (_, change) => {
    const signing = await unopened(change)
    const error = await signing.sign({}, 'JWT').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Fault)
    expect(error).toMatchObject({ code: 'UNAVAILABLE' })
    expect((error as Fault).cause).toMatchObject({ message: expect.stringMatching(/signing key/) })
  })

  it('is published by nobody and checks nothing, whatever else is in the table', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = publicKey.export({ format: 'jwk' }) as PublicJwk
    const [key] = await service.signingKeys.published()
    if (key === undefined) throw new Error('no key')
    // By who can write to the table, but not seal: next to ours, never to sign.
    await service.signingKeys.add({
      n: key.n + 1,
      signsFrom: rig.clock.now + 365 * OVERLAP_MS,
      kid: 'theirs',
      jwk,
      sealed: privateKey.export({ format: 'der', type: 'pkcs8' }),
      createdAt: rig.clock.now,
      dataKey: 1,
    })
    const { signing } = rig.make()
    expect(await signing.publicKey('theirs')).toBeNull()
    expect(await signing.publicKey(key.kid)).not.toBeNull()
    expect((await signing.jwks()).keys.map(({ kid }) => kid)).toEqual([key.kid])
  })

  it('and KMS out of reach stop no sweep of keys; the run says that it failed', async () => {
    const fresh = rig.make()
    const [key] = await service.signingKeys.published()
    if (key === undefined) throw new Error('no key')
    rig.clock.now = key.signsFrom + SIGNS_MS
    rig.kmsDown(true)
    expect(await sweep(fresh)).toEqual({ done: 0, failed: 1 })
    expect(await service.signingKeys.published()).toHaveLength(1)
    rig.kmsDown(false)
    expect(await sweep(fresh)).toEqual({ done: 0, failed: 0 })
    expect(await service.signingKeys.published()).toHaveLength(2)
  })
})

describe('in the table', () => {
  it('the number of a key is taken once', async () => {
    const store = createSigningKeys(createDb(new DynamoDBClient({}), rig.table))
    const key = (kid: string): SigningKey => ({
      n: 77,
      kid,
      signsFrom: rig.clock.now + 365 * OVERLAP_MS,
      jwk: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' },
      sealed: new Uint8Array(8),
      createdAt: rig.clock.now,
      dataKey: 1,
    })
    const made = await Promise.all([store.add(key('one')), store.add(key('two'))])
    expect(made.sort()).toEqual([false, true])
  })
})
