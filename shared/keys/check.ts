/**
 * The check: is this key good, and whose is it? One strongly consistent read, no KMS call once the
 * tenant's data key is in memory, and nothing cached but data keys: a key that was revoked before
 * the check began does not pass.
 */
import { timingSafeEqual } from 'node:crypto'
import type { Vault } from '../crypto/vault.ts'
import type { CheckedKey, SealedSecret } from '../store/key-items.ts'
import type { Keys } from '../store/keys.ts'
import type { AccessToken } from './access-token.ts'
import { type PresentedKey, parseKey } from './key.ts'
import { stateAt } from './lifecycle.ts'
import { DECOY, fingerprintOf, matches, openVerifier, type Verifier } from './verifier.ts'

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
      /** The access token that proved it, if one did: it may carry less than its key. */
      readonly token: AccessToken | null
    }

export const UNKNOWN: Verdict = { state: 'unknown' }

type Deps = { readonly keys: Keys; readonly vault: Vault; readonly now: () => number }

/** A key by its secret, or by an access token that was issued for it. */
export type Presented = PresentedKey | AccessToken

/** Checks presented keys, all in one read. Verdicts come in the order of the texts. */
export const checkKeys = (deps: Deps, raws: readonly string[]): Promise<Verdict[]> =>
  checkPresented(deps, raws.map(parseKey))

/** The same for what was read already; null is what could be read as nothing. */
export const checkPresented = async (
  deps: Deps,
  presented: readonly (Presented | null)[],
): Promise<Verdict[]> => {
  const wanted = presented.filter((one) => one !== null)
  const found = wanted.length > 0 ? await deps.keys.forCheck(wanted) : []
  let at = 0
  return Promise.all(
    presented.map((one) => (one === null ? UNKNOWN : judge(deps, one, found[at++] ?? null))),
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
  deps: Deps,
  presented: Presented,
  key: CheckedKey | null,
): Promise<Verdict> => {
  if ('generation' in presented) return judgeToken(deps, presented, key)
  const { vault, now } = deps
  const fingerprint = fingerprintOf(presented.secret)
  // A key that isn't there takes as long as one whose secret is another.
  if (key === null) {
    timingSafeEqual(DECOY.fingerprint, fingerprint)
    return UNKNOWN
  }
  for (const kept of secretsOf(key, now())) {
    if (kept.fingerprint && !timingSafeEqual(kept.fingerprint, fingerprint)) continue
    const open = await openSecret(vault, key, kept)
    if (open !== null && matches(open.verifier, presented.secret, open.keys))
      // The clock is read after the proof: a key that expired meanwhile is expired.
      return { state: standing(key, now()), key, generation: kept.generation, token: null }
  }
  return UNKNOWN
}

/** A token is worth what its key is worth now, and nothing once the secret that it was got by is. */
const judgeToken = ({ now }: Deps, token: AccessToken, key: CheckedKey | null): Verdict => {
  const { generation } = token
  const good =
    key !== null &&
    now() < token.expires &&
    secretsOf(key, now()).some((kept) => kept.generation === generation)
  return good ? { state: standing(key, now()), key, generation, token } : UNKNOWN
}
