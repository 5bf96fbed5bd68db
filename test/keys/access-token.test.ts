import { createSecretKey, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto'
import fc from 'fast-check'
import { decodeJwt, type JWTHeaderParameters, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openSigningPair } from '../../shared/crypto/signing-key.ts'
import { sweep } from '../../shared/jobs/sweep.ts'
import { createAccessTokens, LIFE_SECONDS, LONGEST } from '../../shared/keys/access-token.ts'
import { updateKey } from '../../shared/keys/change.ts'
import { checkKey, evaluateToken } from '../../shared/keys/check.ts'
import { revokeKey } from '../../shared/keys/revoke.ts'
import type { Service } from '../../shared/service.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import type { CheckedKey } from '../../shared/store/key-items.ts'
import type { User } from '../../shared/store/user-items.ts'
import { addKey, addUser, newTenant, type Rig, startRig } from '../kit/service.ts'

const ISSUER = 'https://keys.example'

let rig: Rig
let service: Service
let admin: User
let key: CheckedKey
beforeAll(async () => {
  rig = await startRig()
  service = rig.service
  admin = await newTenant(service)
  await sweep(service)
})
afterAll(() => rig.close())
beforeEach(async () => {
  key = await newKey()
})

const newKey = async (expires: number | null = null, of: User = admin): Promise<CheckedKey> => {
  const { raw } = await addKey(service, of, { expires })
  const verdict = await checkKey(service, raw.reveal())
  if (verdict.state === 'unknown') throw new Error('no key')
  return verdict.key
}
const now = (): number => Math.floor(rig.clock.now / 1000)
const issue = async (of: CheckedKey = key, issuer = ISSUER) => {
  const { roles, generation } = of
  const issued = await service.accessTokens.issue({ key: of, generation, roles, issuer })
  if (issued === null) throw new Error('not issued')
  return issued
}
const verify = (token: string, issuer = ISSUER) => service.accessTokens.verify(token, issuer)

/** The service's own private half, to make what it never would. */
const ours = async (): Promise<{ kid: string; key: KeyObject }> => {
  const [kept] = await service.signingKeys.all()
  const keys = await service.vault.keys('service', 1)
  const opened = kept && keys && openSigningPair(keys.seal, kept)
  if (!kept || !opened) throw new Error('no signing key')
  return { kid: kept.kid, key: opened }
}
const good = (): JWTPayload => ({
  iss: ISSUER,
  aud: ISSUER,
  sub: `${key.tenant}.${key.uid}`,
  client_id: String(key.id),
  scope: 'FULL_ADMIN',
  iat: now(),
  exp: now() + LIFE_SECONDS,
  jti: 'one',
  tenant: key.tenant,
  gen: 1,
})
type Change = { claims?: object; header?: object; key?: KeyObject }
const forge = async (change: Change = {}): Promise<string> => {
  const signer = await ours()
  const header = { alg: 'ES256', typ: 'at+jwt', kid: signer.kid, ...change.header }
  const claims = JSON.parse(JSON.stringify({ ...good(), ...change.claims }))
  return new SignJWT(claims)
    .setProtectedHeader(header as JWTHeaderParameters)
    .sign(change.key ?? signer.key)
}
const base64 = (value: object | string): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

describe('an access token', () => {
  it('says whose it is and what it may do, for five minutes', async () => {
    const { token, seconds } = await issue()
    expect(seconds).toBe(300)
    expect(await verify(token)).toEqual({
      state: 'active',
      claims: {
        tenant: key.tenant,
        n: key.n,
        id: key.id,
        uid: key.uid,
        roles: ['FULL_ADMIN'],
        generation: 1,
        issuedAt: now() * 1000,
        expires: (now() + 300) * 1000,
      },
    })
  })

  it('is expired at the very second, also for who has just seen it', async () => {
    const { token } = await issue()
    rig.clock.now = (now() + LIFE_SECONDS) * 1000 - 1
    expect(await verify(token)).toMatchObject({ state: 'active' })
    rig.clock.now += 1
    expect(await verify(token)).toEqual({ state: 'expired' })
  })

  it('never outlives its key, and none is issued in its last second', async () => {
    const expires = rig.clock.now + 100_500
    const { token, seconds } = await issue(await newKey(expires))
    expect(seconds).toBe(Math.floor(expires / 1000) - now())
    expect(await verify(token)).toMatchObject({
      claims: { expires: Math.floor(expires / 1000) * 1000 },
    })
    const short = await newKey(rig.clock.now + 999 - (rig.clock.now % 1000))
    const { roles, generation } = short
    expect(
      await service.accessTokens.issue({ key: short, generation, roles, issuer: ISSUER }),
    ).toBeNull()
  })

  it('has a subject that no other user of the issuer has', async () => {
    const other = await newKey(null, await newTenant(service))
    expect({ tenant: other.tenant, uid: other.uid }).toEqual({
      tenant: expect.not.toSatisfy((tenant) => tenant === key.tenant),
      uid: key.uid,
    })
    const subjects = [
      decodeJwt((await issue()).token).sub,
      decodeJwt((await issue(other)).token).sub,
    ]
    expect(subjects).toEqual([`${key.tenant}.${key.uid}`, `${other.tenant}.${other.uid}`])
  })

  it('is another each time, without a secret in it', async () => {
    const [one, two] = [await issue(), await issue()]
    expect(one.token).not.toBe(two.token)
    expect(Buffer.from(one.token.split('.')[1] ?? '', 'base64url').toString()).not.toMatch(
      /secret|sealed|"d"/,
    )
  })

  it('is good for its issuer only, also for who has seen it there', async () => {
    const { token } = await issue()
    expect(await verify(token)).toMatchObject({ state: 'active' })
    // Elsewhere it is no good, and its holder may hear from where it is.
    expect(await verify(token, 'https://other.example')).toEqual({
      state: 'elsewhere',
      issuer: ISSUER,
    })
    expect(await verify(token)).toMatchObject({ state: 'active' })
  })

  it('is verified once, and remembered; each process for itself', async () => {
    let looks = 0
    const signing = {
      ...service.signing,
      publicKey: (kid: string) => {
        looks++
        return service.signing.publicKey(kid)
      },
    }
    const { token } = await issue()
    const tokens = createAccessTokens({ signing, now: service.now })
    const [first, second] = [await tokens.verify(token, ISSUER), await tokens.verify(token, ISSUER)]
    expect(second).toEqual(first)
    expect(looks).toBe(2)
    // The signing key was taken back since: what is remembered is no better than what is new.
    const bereft = createAccessTokens({
      signing: {
        ...signing,
        publicKey: async (kid) => (looks++ < 3 ? signing.publicKey(kid) : null),
      },
      now: service.now,
    })
    expect(await bereft.verify(token, ISSUER)).toMatchObject({ state: 'active' })
    expect(await bereft.verify(token, ISSUER)).toEqual({ state: 'unknown' })
  })
})

describe('what is no access token of ours', () => {
  it('is told from one by nothing else than the change: the forger makes good ones too', async () => {
    expect(await verify(await forge())).toMatchObject({ state: 'active' })
  })

  it.each<[string, Change | (() => Change)]>([
    ['no exp', { claims: { exp: undefined } }],
    ['no iat', { claims: { iat: undefined } }],
    ['no iss', { claims: { iss: undefined } }],
    ['no aud', { claims: { aud: undefined } }],
    ['no sub', { claims: { sub: undefined } }],
    ['the number of a user without the tenant', () => ({ claims: { sub: String(key.uid) } })],
    ['a user of another tenant', () => ({ claims: { sub: `${key.tenant + 1}.${key.uid}` } })],
    ['a user number with a zero before', () => ({ claims: { sub: `${key.tenant}.0${key.uid}` } })],
    ['more behind the user', () => ({ claims: { sub: `${key.tenant}.${key.uid}.1` } })],
    ['no jti', { claims: { jti: undefined } }],
    ['no client_id', { claims: { client_id: undefined } }],
    ['no scope', { claims: { scope: undefined } }],
    ['no tenant', { claims: { tenant: undefined } }],
    ['no generation', { claims: { gen: undefined } }],
    ['an issuer that is no text', { claims: { iss: 7 } }],
    [
      'another issuer, of another type',
      { claims: { iss: 'https://o.example' }, header: { typ: 'JWT' } },
    ],
    [
      "another issuer, and somebody else's key",
      () => ({
        claims: { iss: 'https://other.example' },
        key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
      }),
    ],
    ['another audience', { claims: { aud: 'https://other.example' } }],
    ['a time of issue to come', () => ({ claims: { iat: now() + 60, exp: now() + 120 } })],
    ['a longer life', () => ({ claims: { exp: now() + LIFE_SECONDS + 1 } })],
    ['exp as text', () => ({ claims: { exp: String(now() + 60) } })],
    ['exp as a fraction', () => ({ claims: { exp: now() + 60.5 } })],
    ['a use that has not begun', () => ({ claims: { nbf: now() + 60 } })],
    ['the tenant of another key', () => ({ claims: { tenant: key.tenant + 1 } })],
    ['a tenant as text', () => ({ claims: { tenant: String(key.tenant) } })],
    ['a client that is no id', { claims: { client_id: 'admin' } }],
    ['a client with a zero before', () => ({ claims: { client_id: `0${key.id}` } })],
    ['roles as a list', { claims: { scope: ['FULL_ADMIN'] } }],
    ['the type of a signed answer', { header: { typ: 'token-introspection+jwt' } }],
    ['a plain type', { header: { typ: 'JWT' } }],
    ['no type', { header: { typ: undefined } }],
    ['no key id', { header: { kid: undefined } }],
    ['another key id', { header: { kid: 'made-up' } }],
    ['something critical', { header: { crit: ['exp2'], exp2: 1 } }],
    [
      "somebody else's key",
      () => ({ key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }),
    ],
  ])('with %s', async (_, given) => {
    const change = typeof given === 'function' ? given() : given
    // Some of it not even jose signs; then there is nothing to refuse.
    const token = await forge(change).catch(() => by(change))
    expect(await verify(await token)).toEqual({ state: 'unknown' })
  })

  it.each(['https://other.example', `${ISSUER}/`])('with another issuer: %s', async (issuer) => {
    expect(await verify(await forge({ claims: { iss: issuer } }))).toEqual({
      state: 'elsewhere',
      issuer,
    })
  })

  /** Signed by hand, where a library has scruples. */
  const by = async ({ claims, header }: Change): Promise<string> => {
    const { kid, key: signer } = await ours()
    const input = `${base64({ alg: 'ES256', typ: 'at+jwt', kid, ...header })}.${base64({ ...good(), ...claims })}`
    const signature = createSign('sha256')
      .update(input)
      .sign({ key: signer, dsaEncoding: 'ieee-p1363' })
    return `${input}.${signature.toString('base64url')}`
  }

  it('without a signature: alg none, in whatever letters', async () => {
    const unsecured = new UnsecuredJWT(good()).encode()
    const { kid } = await ours()
    const [, payload] = unsecured.split('.')
    for (const alg of ['none', 'None', 'NONE', ''])
      for (const end of ['.', '.AA', ''])
        expect(await verify(`${base64({ alg, typ: 'at+jwt', kid })}.${payload}${end}`)).toEqual({
          state: 'unknown',
        })
  })

  it('by HMAC with the public key, which everybody has', async () => {
    const { kid } = await ours()
    const publicKey = await service.signing.publicKey(kid)
    const jwk = JSON.stringify((await service.signing.jwks()).keys[0])
    const pem = String(publicKey?.export({ format: 'pem', type: 'spki' }))
    for (const secret of [pem, pem.trim(), jwk]) {
      const token = await new SignJWT(good())
        .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid })
        .sign(createSecretKey(Buffer.from(secret)))
      expect(await verify(token)).toEqual({ state: 'unknown' })
    }
  })

  it('with a key of its own in the header', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = publicKey.export({ format: 'jwk' })
    for (const kid of [(await ours()).kid, 'mine'])
      expect(
        await verify(
          await forge({ header: { jwk, kid, jku: 'https://evil.example' }, key: privateKey }),
        ),
      ).toEqual({ state: 'unknown' })
  })

  it('with a header that says things twice: the signature is over its text', async () => {
    const { kid } = await ours()
    const [, payload, signature] = (await issue()).token.split('.')
    for (const twice of [
      `{"alg":"none","alg":"ES256","typ":"at+jwt","kid":"${kid}"}`,
      `{"alg":"ES256","alg":"none","typ":"at+jwt","kid":"${kid}"}`,
      `{"alg":"ES256","typ":"at+jwt","kid":"made-up","kid":"${kid}"}`,
    ])
      expect(await verify(`${base64(twice)}.${payload}.${signature}`)).toEqual({ state: 'unknown' })
  })

  it('with rights that were written into it', async () => {
    const reader = await addUser(service, admin.tenant, 'reader', ['API_KEY_READ'])
    const { token } = await issue(await newKey(null, reader))
    const [header, payload = '', signature] = token.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const wider = base64({ ...claims, scope: 'FULL_ADMIN' })
    expect(await verify(`${header}.${wider}.${signature}`)).toEqual({ state: 'unknown' })
  })

  it('too long, and is not even looked at', async () => {
    const token = await forge({ claims: { scope: 'X'.repeat(LONGEST) } })
    expect(await verify(token)).toEqual({ state: 'unknown' })
  })

  it('or is any text at all: it is refused, and nothing throws', async () => {
    const { token } = await issue()
    const parts = token.split('.')
    const text = fc.string({ maxLength: 300, unit: 'binary' })
    const alphabet = fc.string({ unit: fc.constantFrom(...'AZaz09-_=.{}"'), maxLength: 300 })
    const part = fc.nat(2)
    const bent = fc
      .tuple(part, fc.nat(400), fc.constantFrom(...'AZaz09-_'))
      .map(([at, i, by]) =>
        parts
          .map((one, n) =>
            n === at ? one.slice(0, i % one.length) + by + one.slice((i % one.length) + 1) : one,
          )
          .join('.'),
      )
    const cut = fc
      .tuple(part, fc.nat(400))
      .map(([at, i]) =>
        parts.map((one, n) => (n === at ? one.slice(0, i % one.length) : one)).join('.'),
      )
    const jsonHeader = fc
      .tuple(fc.json(), fc.json())
      .map(([header, payload]) => `${base64(header)}.${base64(payload)}.AAAA`)
    await fc.assert(
      fc.asyncProperty(fc.oneof(text, alphabet, bent, cut, jsonHeader), async (given) => {
        if (sameBytes(given, token)) return
        expect(await verify(given)).toEqual({ state: 'unknown' })
      }),
      { numRuns: 300 },
    )
  })

  /** Base64url has spare bits in its last character: another text may be the same bytes. */
  const sameBytes = (one: string, other: string): boolean =>
    one
      .split('.')
      .every((text, at) =>
        Buffer.from(text, 'base64url').equals(Buffer.from(other.split('.')[at] ?? '', 'base64url')),
      )
})

describe('a token that is asked about', () => {
  const reset = (ref: CheckedKey, graceSeconds: number) =>
    updateKey(service, {
      actor: SERVICE,
      ref,
      update: { reset: true, graceSeconds },
    })
  const judged = async (token: string) => {
    const verdict = await verify(token)
    if (verdict.state !== 'active') return verdict.state
    const [found] = await service.keys.forCheck([verdict.claims])
    return evaluateToken(verdict.claims, found ?? null, service.now())
  }

  it('is as good as its key is now', async () => {
    const { token } = await issue()
    expect(await judged(token)).toMatchObject({
      state: 'active',
      key: { id: key.id },
      generation: 1,
    })
    await revokeKey(service, { ref: key, actor: SERVICE, cause: 'asked' })
    expect(await judged(token)).toMatchObject({ state: 'revoked' })
  })

  it('is none when its key was reset, and lives through a grace period', async () => {
    const graced = await newKey()
    const [{ token }, { token: other }] = [await issue(), await issue(graced)]
    await reset(key, 0)
    await reset(graced, 60)
    expect(await judged(token)).toEqual({ state: 'unknown' })
    expect(await judged(other)).toMatchObject({ state: 'active', generation: 1 })
    rig.clock.now += 60_000
    expect(await judged(other)).toEqual({ state: 'unknown' })
  })

  it('has those of its rights that its user still has', async () => {
    const user = await addUser(service, admin.tenant, 'less', ['API_KEY_READ', 'KEY_VALIDATE'])
    const own = await newKey(null, user)
    const { token } = await issue(own)
    const verdict = await verify(token)
    if (verdict.state !== 'active') throw new Error(verdict.state)
    expect(
      evaluateToken(verdict.claims, { ...own, roles: ['KEY_VALIDATE', 'X'] }, service.now()),
    ).toMatchObject({ key: { roles: ['KEY_VALIDATE'] } })
    expect(evaluateToken(verdict.claims, null, service.now())).toEqual({ state: 'unknown' })
    expect(evaluateToken(verdict.claims, { ...own, uid: 99 }, service.now())).toEqual({
      state: 'unknown',
    })
  })
})
