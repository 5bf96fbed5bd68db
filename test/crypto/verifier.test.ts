import { createSecretKey, randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { mintSecret } from '../../shared/crypto/random.ts'
import { parametersOf } from '../../shared/crypto/salt.ts'
import { seal, unseal } from '../../shared/crypto/seal.ts'
import type { DataKeys } from '../../shared/crypto/vault.ts'
import {
  DECOY,
  digestOf,
  makeVerifier,
  openHash,
  openVerifier,
  verifySecret,
} from '../../shared/crypto/verifier.ts'
import { Secret } from '../../shared/domain/secret.ts'

const dataKeys = () => {
  const key = () => createSecretKey(randomBytes(32))
  return { seal: key(), hash: key(), nonce: key() }
}
const of = { tenant: 3, n: 7, generation: 2 }
const secret = mintSecret(3_000_000_007)
const shown = parametersOf(dataKeys(), 3_000_000_007, 1)

/** Whether a verifier is of a secret, as a plain check sees it. */
const isOf = (sealed: Buffer, keys: DataKeys, one: Secret): boolean | null => {
  const opened = openHash(sealed, of, keys)
  return opened && verifySecret(opened, one, digestOf(one), keys)
}

describe('a sealed verifier', () => {
  it('knows its secret and no other, before it was proven and after', async () => {
    const keys = dataKeys()
    const { sealed } = await makeVerifier(secret, of, keys, shown)
    const wrong = mintSecret(3_000_000_007)
    expect(isOf(sealed, keys, wrong)).toBe(false)
    expect(isOf(sealed, keys, secret)).toBe(true)
    expect(isOf(sealed, keys, wrong)).toBe(false)
    expect(isOf(sealed, keys, secret)).toBe(true)
  })

  it('is not proven by a digest alone, nor by what is proven of another', async () => {
    const [keys, wrong] = [dataKeys(), mintSecret(3_000_000_007)]
    const [{ sealed }, other] = [
      await makeVerifier(secret, of, keys, shown),
      await makeVerifier(wrong, of, keys, shown),
    ]
    expect(isOf(other.sealed, keys, wrong)).toBe(true)
    const opened = openHash(sealed, of, keys)
    expect(opened && verifySecret(opened, wrong, digestOf(secret), keys)).toBe(false)
    expect(opened && verifySecret(opened, wrong, digestOf(wrong), keys)).toBe(false)
  })

  it('is opened once for plain checks, and is as particular then', async () => {
    const keys = dataKeys()
    const { sealed } = await makeVerifier(secret, of, keys, shown)
    const first = openHash(sealed, of, keys)
    expect(isOf(sealed, keys, secret)).toBe(true)
    expect(openHash(Buffer.from(sealed), of, keys)).toBe(first)
    expect(openHash(sealed, { ...of, generation: 1 }, keys)).toBeNull()
    expect(openHash(sealed, { ...of, tenant: 4 }, keys)).toBeNull()
    expect(openHash(sealed, of, dataKeys())).toBeNull()
    for (let at = 0; at < sealed.length; at++) {
      const bent = Buffer.from(sealed)
      bent[at] = (bent[at] ?? 0) ^ 1
      expect(openHash(bent, of, keys)).toBeNull()
    }
    expect(openHash(sealed, of, keys)).toBe(first)
  })

  it('opens for no other key, tenant or generation, and under no other data key', async () => {
    const keys = dataKeys()
    const { sealed } = await makeVerifier(secret, of, keys, shown)
    for (const other of [
      { ...of, tenant: 4 },
      { ...of, n: 8 },
      { ...of, generation: 1 },
    ])
      expect(openVerifier(sealed, other, keys)).toBeNull()
    expect(openVerifier(sealed, of, dataKeys())).toBeNull()
  })

  it('does not open when a byte of it is changed or missing', async () => {
    const keys = dataKeys()
    const { sealed } = await makeVerifier(secret, of, keys, shown)
    for (let at = 0; at < sealed.length; at++) {
      const bent = Buffer.from(sealed)
      bent[at] = (bent[at] ?? 0) ^ 1
      expect(openVerifier(bent, of, keys)).toBeNull()
      expect(openVerifier(sealed.subarray(0, at), of, keys)).toBeNull()
    }
  })

  it('does not open when it is of another version', async () => {
    const keys = dataKeys()
    const { sealed } = await makeVerifier(secret, of, keys, shown)
    const belongsTo = 'key|3|3000000007|2'
    const packed = unseal(keys.seal, belongsTo, sealed) ?? Buffer.alloc(0)
    const again = (version: number) =>
      openVerifier(seal(keys.seal, belongsTo, Buffer.of(version, ...packed.subarray(1))), of, keys)
    expect(again(1)).not.toBeNull()
    expect(again(2)).toBeNull()
  })

  it('leaves no copy of what was sealed', async () => {
    const made = vi.spyOn(Buffer, 'concat')
    const { sealed } = await makeVerifier(secret, of, dataKeys(), shown)
    // Version, hash, salt, rounds and SCRAM's two keys.
    const packed = made.mock.results
      .map(({ value }) => value)
      .filter(({ length }) => length === 181)
    made.mockRestore()
    expect(packed).toEqual([Buffer.alloc(181)])
    expect(sealed).not.toEqual(Buffer.alloc(sealed.length))
  })

  it('has nothing of the secret in it', async () => {
    const { sealed } = await makeVerifier(secret, of, dataKeys(), shown)
    expect(sealed.includes(secret.reveal())).toBe(false)
  })
})

describe('the decoy', () => {
  it('opens, and matches no secret', () => {
    const opened = openHash(DECOY.sealed, DECOY.of, DECOY.keys)
    expect(opened && verifySecret(opened, secret, digestOf(secret), DECOY.keys)).toBe(false)
  })
})

describe('a secret', () => {
  it('prints as [secret], whatever prints it', () => {
    const shown = new Secret('hunter2')
    for (const text of [`${shown}`, JSON.stringify({ shown }), inspect({ shown }), String(shown)]) {
      expect(text).toContain('[secret]')
      expect(text).not.toContain('hunter2')
    }
    expect(Object.keys(shown)).toEqual([])
  })
})
