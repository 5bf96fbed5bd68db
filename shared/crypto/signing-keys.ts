/**
 * A process's cache of the signing keys, which it reads from the table every few minutes. A key that was deleted from
 * the table is forgotten within minutes. A new one signs a day after it was published, so that every process knows it
 * by then.
 */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { type JWTPayload, SignJWT } from 'jose'
import { Fault } from '../domain/fault.ts'
import { publishedAt, signerAt } from '../domain/rotation.ts'
import {
  ALGORITHM,
  openSigningPair,
  type PublicJwk,
  type PublishedKey,
  type SigningKey,
} from './signing-key.ts'
import type { Vault } from './vault.ts'

/** How long a process keeps the set. */
export const KEYSET_TTL_MS = 5 * 60_000
/** The shortest time between two reads, so that unknown key ids cost no more. */
export const REREAD_AFTER_MS = 10_000

/** A public key as JWKS has it (RFC 7517 §4). */
export type PublishedJwk = PublicJwk & { kid: string; use: 'sig'; alg: typeof ALGORITHM }

type Deps = {
  /** Where they are kept. */
  readonly store: { readonly all: () => Promise<SigningKey[]> }
  readonly vault: Vault
  readonly now: () => number
}

export const createSigning = ({ store, vault, now }: Deps) => {
  let ring: Ring | null = null
  let reading: Promise<Ring> | null = null

  /** @returns null for a key that the service didn't make: anybody who can write to the table can put a key
   * there, but can't seal its private half. */
  const open = async (key: SigningKey): Promise<[string, Pair] | null> => {
    const keys = await vault.keys('service', key.dataKey)
    const secret = keys && openSigningPair(keys.seal, key)
    if (!secret) return null
    const shared = createPublicKey(secret)
    const { x, y } = shared.export({ format: 'jwk' })
    return x === key.jwk.x && y === key.jwk.y ? [key.kid, { secret, shared }] : null
  }

  const readRing = async (): Promise<Ring> => {
    const at = now()
    const chain = await store.all()
    const opened = await Promise.all(chain.map(open))
    ring = { at, chain, pairs: new Map(opened.filter((pair) => pair !== null)) }
    return ring
  }

  const read = (): Promise<Ring> => {
    reading ??= readRing().finally(() => {
      reading = null
    })
    return reading
  }

  /** @param least milliseconds since the epoch: what was read before is too old. */
  const readSince = async (least: number): Promise<Ring> =>
    // A clock that was set back must not keep a deleted key.
    ring !== null && ring.at >= least && ring.at <= now() ? ring : read()

  const current = async (): Promise<Ring> => {
    const known = await readSince(now() - KEYSET_TTL_MS)
    // Before the first sweep there is no key: that must not last for minutes.
    return known.chain.length > 0 ? known : readSince(now() - EMPTY_KEYSET_TTL_MS)
  }

  /** The key that signs now; null where there is none, or it was taken out of the table since.
   * @throws Fault UNAVAILABLE when it is there and doesn't open. */
  const signerOf = ({ chain, pairs }: Ring): Signer | null => {
    const signer = signerAt(chain, now())
    if (signer === undefined) return null
    const { kid } = signer
    const key = pairs.get(kid)?.secret
    if (key === undefined)
      throw unavailable(`the signing key ${kid} does not open: altered, or its data key gone`)
    return { kid, key }
  }

  return {
    /** Signs a JWT with the key whose turn it is. @throws Fault UNAVAILABLE when there is none that opens. */
    async sign(claims: JWTPayload, typ: string): Promise<string> {
      const signer =
        signerOf(await current()) ?? signerOf(await readSince(now() - EMPTY_KEYSET_TTL_MS))
      if (signer === null) throw unavailable('there is no signing key yet: the sweep makes one')
      const { kid, key } = signer
      return new SignJWT(claims).setProtectedHeader({ alg: ALGORITHM, typ, kid }).sign(key)
    },

    /** The public key of an id, or null for an id that isn't published. */
    async publicKey(kid: string): Promise<KeyObject | null> {
      const find = ({ chain, pairs }: Ring): KeyObject | undefined =>
        publishedAt(chain, now()).some((key) => key.kid === kid)
          ? pairs.get(kid)?.shared
          : undefined
      return find(await current()) ?? find(await readSince(now() - REREAD_AFTER_MS)) ?? null
    },

    /** What is published (RFC 7517 §5): keys to come, the one that signs, and those that signed a day ago. */
    async jwks(): Promise<{ keys: PublishedJwk[] }> {
      const { chain, pairs } = await current()
      const ours = publishedAt(chain, now()).filter(({ kid }) => pairs.has(kid))
      return { keys: ours.map(({ kid, jwk }) => ({ ...jwk, kid, use: 'sig', alg: ALGORITHM })) }
    },
  }
}

export type Signing = ReturnType<typeof createSigning>

// ---------------------------------------------------------------------------------------------

/** How long the cache is kept while it lacks the key that should sign. */
const EMPTY_KEYSET_TTL_MS = 1000

type Signer = { readonly kid: string; readonly key: KeyObject }

type Pair = { readonly secret: KeyObject; readonly shared: KeyObject }

type Ring = {
  /** When it was read. */
  readonly at: number
  readonly chain: readonly PublishedKey[]
  /** By key id: those that the service made, and no others. */
  readonly pairs: ReadonlyMap<string, Pair>
}

/** Callers are told to try again; the log has the cause. */
const unavailable = (why: string): Fault => new Fault('UNAVAILABLE', {}, { cause: new Error(why) })
