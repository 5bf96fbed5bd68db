/** What is sealed opens for whom it was sealed, and secrets don't print: with the real KMS and table. */
import { format, inspect } from 'node:util'
import { KMSClient } from '@aws-sdk/client-kms'
import { TOTP } from 'otpauth'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newRecoveryCodes, recoveryLeft } from '../../shared/crypto/recovery.ts'
import { newSecondFactor, provisioningUri, stepOf } from '../../shared/crypto/second-factor.ts'
import { makeSigningPair, openSigningPair } from '../../shared/crypto/signing-key.ts'
import { createVault, type DataKeys, type Scope } from '../../shared/crypto/vault.ts'
import { Secret } from '../../shared/domain/secret.ts'
import { newTenant, type Rig, START, startRig } from '../kit/service.ts'

let rig: Rig
let keys: DataKeys
beforeAll(async () => {
  rig = await startRig()
  await newTenant(rig.service)
  keys = (await rig.service.vault.keys('service', 1)) as DataKeys
})
afterAll(() => rig.close())

describe('a data key', () => {
  it('is unwrapped for its own tenant alone, no matter where it is put', async () => {
    const kms = new KMSClient({})
    const { keyId } = { keyId: rig.service.env.KEYHARBOR_KMS_KEY }
    const made = createVault({ kms, keyId, read: async () => null, now: () => START })
    const { blob } = await made.newKey(7, 1)
    const opens = (scope: Scope) =>
      createVault({ kms, keyId, read: async () => blob, now: () => START }).keys(scope, 1)
    expect(await opens(7)).not.toBeNull()
    for (const other of [8, 70, 'service'] as const)
      await expect(opens(other)).rejects.toThrow(/InvalidCiphertext/)
    kms.destroy()
  })
})

describe('a second factor', () => {
  it('is its user’s alone: moved to another row, it makes no code good there', () => {
    const ada = { tenant: 7, uid: 2, username: 'ada' }
    const factor = newSecondFactor(ada, { digits: 6, interval: 30 }, { keys, dataKey: 1 }, START)
    const uri = provisioningUri(ada, factor, keys) ?? ''
    const secret = new URL(uri).searchParams.get('secret') ?? ''
    const code = new Secret(new TOTP({ secret }).generate({ timestamp: START }))
    const opens = (user: typeof ada) =>
      stepOf(user, factor, keys, code, START) !== null &&
      provisioningUri(user, factor, keys) !== null
    expect(opens(ada)).toBe(true)
    for (const other of [{ uid: 3 }, { tenant: 8 }, { tenant: 72, uid: 2 }])
      expect(opens({ ...ada, ...other })).toBe(false)
  })
})

describe('a recovery code', () => {
  it('is its user’s alone: kept with another, it is good for nobody', () => {
    const ada = { tenant: 7, uid: 2 }
    const { codes, hashes } = newRecoveryCodes(ada, keys)
    const code = new Secret(codes[0] ?? '')
    expect(recoveryLeft(ada, hashes, keys, code)).toEqual(hashes.slice(1))
    for (const other of [{ uid: 3 }, { tenant: 8 }, { tenant: 72, uid: 2 }])
      expect(recoveryLeft({ ...ada, ...other }, hashes, keys, code)).toBeNull()
  })
})

describe('a signing key', () => {
  it('opens under its own id alone', async () => {
    const [one, other] = [await makeSigningPair(keys.seal), await makeSigningPair(keys.seal)]
    expect(openSigningPair(keys.seal, one)).not.toBeNull()
    expect(openSigningPair(keys.seal, { ...one, kid: other.kid })).toBeNull()
    expect(openSigningPair(keys.hash, one)).toBeNull()
  })
})

describe('a secret', () => {
  it('does not print, in whatever it stands', () => {
    const text = 'correct horse'
    const secret = new Secret(text)
    const inside = { list: [secret], map: new Map([['secret', secret]]) }
    const printed = [
      `${secret}`,
      String(secret),
      JSON.stringify({ secret, inside }),
      inspect(secret),
      inspect(inside, { depth: 9, showHidden: true }),
      format('%s %o %j', secret, secret, secret),
      Object.values(secret).join(),
      String(new Error('wrong', { cause: secret })),
    ]
    expect(printed.join('\n')).not.toContain(text)
    expect(secret.reveal()).toBe(text)
  })
})
