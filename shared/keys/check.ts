/**
 * The check: is this key good, and whose is it? One strongly consistent read, no KMS call once the
 * tenant's data key is in memory, and nothing cached but data keys: a key that was revoked before
 * the check began does not pass.
 */
import type { Vault } from '../crypto/vault.ts'
import type { CheckedKey, SealedSecret } from '../store/key-items.ts'
import type { Keys } from '../store/keys.ts'
import { type PresentedKey, parseKey } from './key.ts'
import { stateAt } from './lifecycle.ts'
import { DECOY, matches, openVerifier, type Verifier } from './verifier.ts'

/**
 * What a check finds. `unknown` is all that anybody hears who didn't prove the secret: unknown id,
 * wrong secret, malformed text. The other verdicts are for holders of the right secret.
 */
export type Verdict =
  | { readonly state: 'unknown' }
  | {
      readonly state: 'active' | 'expired' | 'revoked' | 'locked'
      readonly key: CheckedKey
      /** Generation of the secret that was proven: the former one during a grace period. */
      readonly generation: number
    }

export const UNKNOWN: Verdict = { state: 'unknown' }

type Deps = { readonly keys: Keys; readonly vault: Vault; readonly now: () => number }

/** Checks presented keys, all in one read. Verdicts come in the order of the texts. */
export const checkKeys = async (deps: Deps, raws: readonly string[]): Promise<Verdict[]> => {
  const presented = raws.map(parseKey)
  const wanted = presented.filter((key) => key !== null)
  const found = wanted.length > 0 ? await deps.keys.forCheck(wanted) : []
  const keyOf = new Map(wanted.map((key, at) => [key, found[at] ?? null]))
  return Promise.all(
    presented.map((key) => (key === null ? UNKNOWN : judge(deps, key, keyOf.get(key) ?? null))),
  )
}

export const checkKey = async (deps: Deps, raw: string): Promise<Verdict> =>
  (await checkKeys(deps, [raw]))[0] ?? UNKNOWN

/** The state of a key whose secret was proven; a locked user's keys are all locked. */
export const standing = (
  key: CheckedKey,
  now: number,
): 'active' | 'expired' | 'revoked' | 'locked' => {
  const state = stateAt(key, now)
  return state === 'active' && key.locked ? 'locked' : state
}

/** The secrets of a key that may be good now: the current one, and the former during its grace. */
export const secretsOf = (key: CheckedKey, now: number): SealedSecret[] => [
  key.secret,
  ...(key.former !== null && now < key.former.until ? [key.former] : []),
]

/**
 * When a secret of a key ends, in milliseconds since the epoch: with the key, or with its grace if it is the
 * former one. Infinity if it never does.
 */
export const endOf = (key: CheckedKey, generation: number): number =>
  Math.min(
    key.expires ?? Infinity,
    key.former?.generation === generation ? key.former.until : Infinity,
  )

/** Opens a sealed secret of a key; null if it was moved, altered, or its data key shredded. */
export const openSecret = async (
  vault: Vault,
  key: CheckedKey,
  { sealed, generation, dataKey }: SealedSecret,
) => {
  const keys = await vault.keys(key.tenant, dataKey)
  const { tenant, n } = key
  const verifier: Verifier | null =
    keys === null ? null : openVerifier(sealed, { tenant, n, generation }, keys)
  return keys === null || verifier === null ? null : { keys, verifier }
}

// ---------------------------------------------------------------------------------------------

const judge = async (
  { vault, now }: Deps,
  { secret }: PresentedKey,
  key: CheckedKey | null,
): Promise<Verdict> => {
  if (key === null) return decoy(secret)
  for (const kept of secretsOf(key, now())) {
    const open = await openSecret(vault, key, kept)
    if (open === null) decoy(secret)
    else if (matches(open.verifier, secret, open.keys))
      // The clock is read after the proof: a key that expired meanwhile is expired.
      return { state: standing(key, now()), key, generation: kept.generation }
  }
  return UNKNOWN
}

/** The work of a real comparison, for a key that isn't there. */
const decoy = (secret: PresentedKey['secret']): Verdict => {
  const verifier = openVerifier(DECOY.sealed, DECOY.of, DECOY.keys)
  if (verifier !== null) matches(verifier, secret, DECOY.keys)
  return UNKNOWN
}
