/**
 * The signing keys as a process has them: read from the table now and then, never for each signature. A key
 * that was taken out of the table is forgotten within minutes; a new one signs a day after it was published,
 * so that every process knows it by then.
 */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { type JWTPayload, SignJWT } from 'jose'
import { Fault } from '../fault.ts'
import type { PublishedKey, SigningKeys } from '../store/signing-keys.ts'
import { publishedAt, signerAt } from './rotation.ts'
import { ALGORITHM, openSigningPair, type PublicJwk } from './signing-key.ts'
import type { Vault } from './vault.ts'

/** How long a process keeps the set, in milliseconds. */
export const KEEPS = 5 * 60_000
/** How often it reads it at the most, whatever it is asked: unknown key ids cost nothing more. */
export const PAUSE = 10_000

/** A public key as JWKS has it (RFC 7517 §4). */
export type PublishedJwk = PublicJwk & { kid: string; use: 'sig'; alg: typeof ALGORITHM }

type Deps = {
  readonly store: Pick<SigningKeys, 'published' | 'sealed'>
  readonly vault: Vault
  readonly now: () => number
}

export const createSigning = ({ store, vault, now }: Deps) => {
  let ring: Ring | null = null
  let reading: Promise<Ring> | null = null

  const read = (): Promise<Ring> => {
    reading ??= store
      .published()
      .then((chain) => {
        ring = toRing(chain, now())
        return ring
      })
      .finally(() => {
        reading = null
      })
    return reading
  }

  /** @param least milliseconds since the epoch: what was read before is too old. */
  const readSince = async (least: number): Promise<Ring> =>
    // A clock that was set back must not keep a key that was taken away.
    ring !== null && ring.at >= least && ring.at <= now() ? ring : read()

  const current = async (): Promise<Ring> => {
    const known = await readSince(now() - KEEPS)
    // Before the first sweep there is no key: that must not last for minutes.
    return known.chain.length > 0 ? known : readSince(now() - SOON)
  }

  /** Who signs by this ring; null where there is nobody, or he was taken out of the table since.
   * @throws Fault UNAVAILABLE when he is there and doesn't open. */
  const signerOf = async ({ chain, opened }: Ring): Promise<Signer | null> => {
    const signer = signerAt(chain, now())
    if (signer === undefined) return null
    const { kid } = signer
    const known = opened.get(kid)
    if (known !== undefined) return { kid, key: known }
    const kept = await store.sealed(signer)
    if (kept === null) return null
    const keys = await vault.keys('service', kept.dataKey)
    const key = keys && openSigningPair(keys.seal, { kid, sealed: kept.sealed })
    if (key === null)
      throw unavailable(`the signing key ${kid} does not open: altered, or its data key gone`)
    opened.set(kid, key)
    return { kid, key }
  }

  return {
    /** Signs a JWT with the key whose turn it is. @throws Fault UNAVAILABLE when there is none that opens. */
    async sign(claims: JWTPayload, typ: string): Promise<string> {
      const signer =
        (await signerOf(await current())) ?? (await signerOf(await readSince(now() - SOON)))
      if (signer === null) throw unavailable('there is no signing key yet: the sweep makes one')
      const { kid, key } = signer
      return new SignJWT(claims).setProtectedHeader({ alg: ALGORITHM, typ, kid }).sign(key)
    },

    /** The public key of an id, or null for an id that isn't published. */
    async publicKey(kid: string): Promise<KeyObject | null> {
      const find = ({ chain, keys }: Ring): KeyObject | undefined =>
        publishedAt(chain, now()).some((key) => key.kid === kid) ? keys.get(kid) : undefined
      return find(await current()) ?? find(await readSince(now() - PAUSE)) ?? null
    },

    /** What is published (RFC 7517 §5): keys to come, the one that signs, and those that signed a day ago. */
    async jwks(): Promise<{ keys: PublishedJwk[] }> {
      const published = publishedAt((await current()).chain, now())
      return {
        keys: published.map(({ kid, jwk }) => ({ ...jwk, kid, use: 'sig', alg: ALGORITHM })),
      }
    },
  }
}

export type Signing = ReturnType<typeof createSigning>

// ---------------------------------------------------------------------------------------------

/** How long it is believed that there is no key at all, or not the one that should sign. */
const SOON = 1000

type Signer = { readonly kid: string; readonly key: KeyObject }

type Ring = {
  /** When it was read. */
  readonly at: number
  readonly chain: readonly PublishedKey[]
  readonly keys: ReadonlyMap<string, KeyObject>
  /** Private halves that were needed, by key id. They go with the ring. */
  readonly opened: Map<string, KeyObject>
}

const toRing = (chain: readonly PublishedKey[], at: number): Ring => {
  const keys = chain.map(({ kid, jwk }) => [kid, toPublicKey(kid, jwk)] as const)
  return { at, chain, keys: new Map(keys), opened: new Map() }
}

const toPublicKey = (kid: string, key: PublicJwk): KeyObject => {
  try {
    return createPublicKey({ key, format: 'jwk' })
  } catch (cause) {
    throw unavailable(`the public half of the signing key ${kid} is no key`, cause)
  }
}

/** To callers it is a busy service; the log has the cause. */
const unavailable = (why: string, cause?: unknown): Fault =>
  new Fault('UNAVAILABLE', {}, { cause: new Error(why, { cause }) })
