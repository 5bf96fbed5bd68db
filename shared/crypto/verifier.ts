/**
 * What the service keeps of a secret: a keyed hash for plain checks and SCRAM's stored and server
 * key, packed and sealed under the tenant's data key for exactly one key and generation.
 */
import { createHmac, createSecretKey, hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { idOf, type KeyRef } from '../domain/key.ts'
import type { Secret } from '../domain/secret.ts'
import type { ScramParameters } from './salt.ts'
import { deriveScram, ITERATIONS, SALT_BYTES, type ScramVerifier } from './scram.ts'
import { seal, unseal } from './seal.ts'
import type { DataKeys } from './vault.ts'

/** Bytes of a fingerprint. */
const FINGERPRINT_BYTES = 8

export type Verifier = ScramVerifier & { readonly hash: Buffer }

/** What a plain check takes of a verifier. */
type Opened = {
  readonly hash: Buffer
  /** SHA-256 of the secret that has this hash; null until a check has proven it. */
  digest: Buffer | null
}

/** Which secret of which key: additional data of the seal, so that no other row opens with it. */
export type Generation = KeyRef & { readonly generation: number }

/** Derives and seals the verifier of a new secret. Takes some 30 ms, once for each secret. */
export const makeVerifier = async (
  secret: Secret,
  of: Generation,
  keys: DataKeys,
  { salt, iterations }: ScramParameters,
): Promise<{ sealed: Buffer; scram: ScramVerifier & { clientKey: Buffer } }> => {
  const scram = await deriveScram(secret, salt, iterations)
  const packed = pack({ ...scram, hash: hashOf(secret, keys) })
  try {
    return { sealed: seal(keys.seal, belongsTo(of), packed), scram }
  } finally {
    packed.fill(0)
  }
}

/** @returns null if the bytes were not sealed for this key and generation. */
export const openVerifier = (sealed: Uint8Array, of: Generation, keys: DataKeys): Verifier | null =>
  unpack(unseal(keys.seal, belongsTo(of), sealed))

/**
 * The same for a plain check, which needs the hash alone. Opening a verifier is most of a check's work, and a busy
 * device's is opened again and again. So opened hashes are cached under all that they depend on, for as long as the
 * data key is in memory. A keyed hash of random bits is of no use by itself.
 */
export const openHash = (sealed: Uint8Array, of: Generation, keys: DataKeys): Opened | null => {
  const text = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.length).toString('latin1')
  const name = `${numberOf(keys)}|${belongsTo(of)}|${text}`
  const known = hashes.get(name)
  if (known !== undefined) return known
  const verifier = openVerifier(sealed, of, keys)
  if (verifier === null) return null
  const kept: Opened = { hash: copyOf(verifier.hash), digest: null }
  for (const part of [verifier.hash, verifier.storedKey, verifier.serverKey]) part.fill(0)
  hashes.set(name, kept)
  return kept
}

/**
 * True if the secret is the one that the verifier was made of. In constant time. The keyed hash is computed once for
 * each secret that is right: from then on its digest is compared, since that is at hand.
 * @param digest of the secret.
 */
export const verifySecret = (
  opened: Opened,
  secret: Secret,
  digest: Buffer,
  keys: DataKeys,
): boolean => {
  // Stryker disable next-line ConditionalExpression: without the digest it only takes longer.
  if (opened.digest !== null) return timingSafeEqual(opened.digest, digest)
  if (!timingSafeEqual(opened.hash, hashOf(secret, keys))) return false
  opened.digest = copyOf(digest)
  return true
}

/** A secret's SHA-256. */
export const digestOf = (secret: Secret): Buffer => hash('sha256', secret.reveal(), 'buffer')

/**
 * The first 64 bits of a secret's SHA-256, kept in clear beside the sealed verifier. A wrong
 * secret is refused by them before any data key is needed, so that guesses can't make the service call KMS. They
 * say nothing useful of a secret of 345 random bits, and prove nothing: the verifier does.
 */
export const fingerprintOf = (digest: Buffer): Buffer => digest.subarray(0, FINGERPRINT_BYTES)

/** A verifier that no secret matches, for keys that don't exist: they cost the same work. */
export const DECOY = (() => {
  // Stryker disable next-line ObjectLiteral: any place will do where no key is.
  const of: Generation = { tenant: 0, n: 0, generation: 0 }
  const random = () => createSecretKey(randomBytes(32))
  const keys: DataKeys = { seal: random(), hash: random(), nonce: random() }
  const verifier: Verifier = {
    hash: randomBytes(32),
    salt: randomBytes(SALT_BYTES),
    iterations: ITERATIONS,
    storedKey: randomBytes(64),
    serverKey: randomBytes(64),
  }
  const sealed = seal(keys.seal, belongsTo(of), pack(verifier))
  return { of, keys, sealed, verifier, fingerprint: randomBytes(FINGERPRINT_BYTES) }
})()

// ---------------------------------------------------------------------------------------------

/** Some 6 MB, of all tenants. */
const hashes = new LRUCache<string, Opened>({ max: 10_000 })

/** Copied, since a piece of Node.js's buffer pool would keep the whole pool in memory. */
const copyOf = (bytes: Buffer): Buffer => Buffer.from(new Uint8Array(bytes).buffer)

/** A number for each data key, a new one when it is unwrapped again. */
const numberOf = (keys: DataKeys): number => {
  const known = numbers.get(keys)
  if (known !== undefined) return known
  // Stryker disable next-line UpdateOperator: any number will do that no other has.
  numbers.set(keys, ++lastNumber)
  return lastNumber
}
const numbers = new WeakMap<DataKeys, number>()
let lastNumber = 0

function belongsTo(of: Generation): string {
  return `key|${of.tenant}|${idOf(of)}|${of.generation}`
}

const hashOf = (secret: Secret, keys: DataKeys): Buffer =>
  createHmac('sha256', keys.hash).update(secret.reveal()).digest()

/** version 1 · hash 32 · salt 16 · iterations 4 · stored key 64 · server key 64 */
const PACKED_BYTES = 1 + 32 + SALT_BYTES + 4 + 64 + 64

function pack(verifier: Verifier): Buffer {
  const iterations = Buffer.alloc(4)
  iterations.writeUInt32BE(verifier.iterations)
  const { hash, salt, storedKey, serverKey } = verifier
  return Buffer.concat([Buffer.of(1), hash, salt, iterations, storedKey, serverKey])
}

const unpack = (packed: Buffer | null): Verifier | null => {
  if (packed?.length !== PACKED_BYTES || packed[0] !== 1) return null
  return {
    hash: packed.subarray(1, 33),
    salt: packed.subarray(33, 49),
    iterations: packed.readUInt32BE(49),
    storedKey: packed.subarray(53, 117),
    serverKey: packed.subarray(117, 181),
  }
}
