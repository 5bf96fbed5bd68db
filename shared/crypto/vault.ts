/**
 * Data keys: one for each tenant and one of the service's own, wrapped by KMS and kept in the table.
 * A plain key lives in process memory for 15 minutes at the most, so a check costs no KMS call.
 * Deleting a tenant's wrapped keys shreds all that is sealed under them, once these caches ran out.
 */
import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { DecryptCommand, GenerateDataKeyCommand, type KMSClient } from '@aws-sdk/client-kms'
import { LRUCache } from 'lru-cache'
import { Fault } from '../domain/fault.ts'
import { kmsFault } from './kms-failures.ts'

/** Whose data key: a tenant's, by number, or the service's own. */
export type Scope = number | 'service'

/** What is derived from one data key, each for one purpose (HKDF-SHA-256, RFC 5869). */
export type DataKeys = {
  /** AES-256-GCM over verifiers and second-factor secrets. */
  readonly seal: KeyObject
  /** HMAC over the secrets of keys. */
  readonly hash: KeyObject
  /** HMAC over SCRAM nonces and salts. */
  readonly nonce: KeyObject
}

/** A data key as the table keeps it; `version` counts a scope's keys from 1. */
export type WrappedKey = { readonly version: number; readonly blob: Uint8Array }

type Deps = {
  readonly kms: KMSClient
  /** Id, ARN or alias of the wrapping key. */
  readonly keyId: string
  /** Reads a wrapped key from the table; null when it was deleted. */
  readonly read: (scope: Scope, version: number) => Promise<Uint8Array | null>
  /** The service's clock, in milliseconds since the epoch. */
  readonly now: () => number
}

const IN_MEMORY_MS = 15 * 60_000
const KEYS_IN_MEMORY = 1000

export const createVault = ({ kms, keyId, read, now }: Deps) => {
  const cache = new LRUCache<string, DataKeys, { scope: Scope; version: number }>({
    max: KEYS_IN_MEMORY,
    ttl: IN_MEMORY_MS,
    // The cache's own clock stands still while Lambda freezes the process.
    perf: { now },
    // By default the cache reads the clock once a millisecond.
    ttlResolution: 0,
    // Callers that wait for a fetch get its key even if the entry expired meanwhile, as when the process was frozen.
    ignoreFetchAbort: true,
    // One unwrap at a time for each key, however many checks wait for it.
    fetchMethod: async (_id, _stale, { context: { scope, version } }) => {
      const blob = await read(scope, version)
      return blob === null ? undefined : derive(await unwrap(scope, blob))
    },
  })

  const unwrap = async (scope: Scope, blob: Uint8Array): Promise<Uint8Array> => {
    try {
      const command = new DecryptCommand({
        CiphertextBlob: blob,
        EncryptionContext: contextOf(scope),
      })
      const { Plaintext } = await kms.send(command)
      if (Plaintext?.length !== 32) throw new Error('KMS answered without a 32-byte key')
      return Plaintext
    } catch (error) {
      throw kmsFault(error)
    }
  }

  return {
    /** Makes a data key for a scope. The plain text is dropped: the first use unwraps it. */
    async newKey(scope: Scope, version: number): Promise<WrappedKey> {
      const command = new GenerateDataKeyCommand({
        KeyId: keyId,
        KeySpec: 'AES_256',
        EncryptionContext: contextOf(scope),
      })
      const { CiphertextBlob, Plaintext } = await kms.send(command).catch((error: unknown) => {
        throw kmsFault(error)
      })
      Plaintext?.fill(0)
      if (CiphertextBlob === undefined) throw new Fault('UNAVAILABLE')
      return { version, blob: CiphertextBlob }
    },

    /** Has KMS open a wrapped data key, whatever is in memory, and keeps nothing of it.
     * @throws Fault UNAVAILABLE, or an Error that says what KMS refuses for good. */
    async prove(scope: Scope, blob: Uint8Array): Promise<void> {
      ;(await unwrap(scope, blob)).fill(0)
    },

    /** The keys derived from a data key, or null when its wrapped form was deleted. */
    async keys(scope: Scope, version: number): Promise<DataKeys | null> {
      const id = `${scope}#${version}`
      // A clock that was set back must not keep a key for longer. A fetch that is under way isn't touched.
      if (cache.peek(id) && cache.getRemainingTTL(id) > IN_MEMORY_MS) cache.delete(id)
      // Drops keys that nobody asks for any more. Not during a fetch: the entry would be fetched twice, and the caller
      // of the second fetch would get an error.
      if (!cache.has(id)) cache.purgeStale()
      return (await cache.fetch(id, { context: { scope, version } })) ?? null
    },
  }
}

export type Vault = ReturnType<typeof createVault>

/** The encryption context: KMS refuses to unwrap a key for any other tenant than its own. */
export const contextOf = (scope: Scope): Record<string, string> => ({
  service: 'keyharbor',
  tenant: String(scope),
})

// ---------------------------------------------------------------------------------------------

/** Derives the purpose keys and wipes the data key, which this function owns. KeyObjects keep their
 * bytes outside the JavaScript heap, where no heap snapshot or log can print them. */
const derive = (dataKey: Uint8Array): DataKeys => {
  const purpose = (name: string): KeyObject =>
    createSecretKey(
      Buffer.from(hkdfSync('sha256', dataKey, new Uint8Array(0), `keyharbor/${name}/v1`, 32)),
    )
  try {
    return { seal: purpose('seal'), hash: purpose('hash'), nonce: purpose('nonce') }
  } finally {
    dataKey.fill(0)
  }
}
