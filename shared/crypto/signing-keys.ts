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
    ring !== null && ring.at >= least ? ring : read()

  const current = async (): Promise<Ring> => {
    const known = await readSince(now() - KEEPS)
    // Before the first sweep there is no key: that must not last for minutes.
    return known.chain.length > 0 ? known : readSince(now() - EMPTY)
  }

  const open = async ({ opened }: Ring, signer: PublishedKey): Promise<KeyObject> => {
    const known = opened.get(signer.kid)
    if (known !== undefined) return known
    const kept = await store.sealed(signer)
    const keys = kept && (await vault.keys('service', kept.dataKey))
    const key = kept && keys && openSigningPair(keys.seal, { kid: signer.kid, sealed: kept.sealed })
    if (key === null)
      throw unavailable(
        `the signing key ${signer.kid} does not open: altered, or its data key gone`,
      )
    opened.set(signer.kid, key)
    return key
  }

  return {
    /** Signs a JWT with the key whose turn it is. @throws Fault UNAVAILABLE when there is none, or none that opens. */
    async sign(claims: JWTPayload, typ: string): Promise<string> {
      const known = await current()
      const signer = signerAt(known.chain, now())
      if (signer === undefined)
        throw unavailable('there is no signing key yet: the sweep makes one')
      return new SignJWT(claims)
        .setProtectedHeader({ alg: ALGORITHM, typ, kid: signer.kid })
        .sign(await open(known, signer))
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

/** How long it is believed that there is no key at all. */
const EMPTY = 1000

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
