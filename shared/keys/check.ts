/**
 * The check: is this key good, and whose is it? One strongly consistent read of keys and gate, and no KMS call once the
 * tenant's data key is in memory. Nothing of a key is cached but the hash in its sealed verifier and the
 * digest of the secret that proved it, so a key that was revoked before the check began does not pass.
 */
import { timingSafeEqual } from 'node:crypto'
import { fromFacts, type ScramParameters } from '../crypto/salt.ts'
import type { DataKeys, Vault } from '../crypto/vault.ts'
import {
  DECOY,
  digestOf,
  fingerprintOf,
  type Generation,
  openHash,
  openVerifier,
  verifySecret,
} from '../crypto/verifier.ts'
import { type PresentedKey, parseKey } from '../domain/key.ts'
import { holds } from '../domain/roles.ts'
import { turn } from '../domain/turns.ts'
import type { CheckedKey, SealedSecret } from '../store/key-items.ts'
import type { Keys } from '../store/keys.ts'
import type { AccessClaims } from './access-token.ts'
import { type EffectiveState, effectiveState, keyBy, secretsOf } from './rules.ts'

/**
 * What a check finds. `unknown` stands for an unknown id, a wrong secret and a malformed text alike. The other verdicts
 * are only for holders of the right secret.
 */
export type Verdict =
  | { readonly state: 'unknown' }
  | {
      readonly state: EffectiveState
      readonly key: CheckedKey
      /** Generation of the secret that was proven: the previous one during a grace period. */
      readonly generation: number
      /** The access token that proved it, if one did: it may carry less than its key. */
      readonly token: AccessClaims | null
    }

export const UNKNOWN: Verdict = { state: 'unknown' }

type Deps = {
  readonly keys: Keys
  readonly vault: Vault
  readonly now: () => number
  readonly waitForStep: (began: number) => Promise<void>
  /** Whether who asks would rather ask again than wait for a busy table. */
  readonly inHurry?: boolean
}

/** A key by its secret, or by an access token that was issued for it. */
export type Presented = PresentedKey | AccessClaims

/** Keys that are judged at once: the caller's, and the one that is asked about. */
const FEW = 2
/** Keys that are judged in one turn. */
const A_TURN = 20

/** Checks presented keys, all in one read. Verdicts come in the order of the texts. */
export const checkKeys = (deps: Deps, raws: readonly string[]): Promise<Verdict[]> =>
  checkPresented(deps, raws.map(parseKey))

/** The same for keys that are parsed already; null for a text that couldn't be. */
export const checkPresented = async (
  deps: Deps,
  presented: readonly (Presented | null)[],
): Promise<Verdict[]> => {
  const began = performance.now()
  const verdicts = await evaluatePresented(deps, presented)
  // A key of the right form that isn't good, or isn't there: the time must not say which.
  const isGuess = verdicts.some(({ state }, at) => state === 'unknown' && isKey(presented[at]))
  if (isGuess) await deps.waitForStep(began)
  return verdicts
}

/** A signed token is no guess. */
const isKey = (one: Presented | null | undefined): boolean => one != null && 'secret' in one

const evaluatePresented = async (
  deps: Deps,
  presented: readonly (Presented | null)[],
): Promise<Verdict[]> => {
  const wanted = presented.filter((one) => one !== null)
  // A hundred keys take milliseconds to read, and again to evaluate, and other calls may have as many.
  // Stryker disable next-line ConditionalExpression,EqualityOperator: turns change no answer.
  const isMany = wanted.length > FEW
  // Stryker disable next-line ConditionalExpression: the same.
  if (isMany) await turn()
  const found = wanted.length > 0 ? await deps.keys.forCheck(wanted, deps.inHurry) : []
  let at = 0
  const each = presented.map((one) => [one, one === null ? null : (found[at++] ?? null)] as const)
  const verdicts: Verdict[] = []
  // Stryker disable next-line EqualityOperator: a turn for none adds nothing.
  for (let from = 0; from < each.length; from += A_TURN) {
    // Stryker disable next-line ConditionalExpression: the same as above.
    if (isMany) await turn()
    const some = each.slice(from, from + A_TURN)
    verdicts.push(
      ...(await Promise.all(
        some.map(([one, key]) => (one === null ? UNKNOWN : evaluate(deps, one, key))),
      )),
    )
  }
  return verdicts
}

export const checkKey = async (deps: Deps, raw: string): Promise<Verdict> =>
  (await checkKeys(deps, [raw]))[0] ?? UNKNOWN

/**
 * Evaluates a token by its key as it is now: with the token's roles, as far as the user still has them. A token ends with
 * the secret that it was issued for.
 */
export const evaluateToken = (
  token: AccessClaims,
  key: CheckedKey | null,
  now: number,
): Verdict => {
  const { generation, uid } = token
  if (key === null || key.uid !== uid) return UNKNOWN
  const secret = secretsOf(key, now).find((one) => one.generation === generation)
  if (secret === undefined) return UNKNOWN
  const may = keyBy(key, secret)
  const roles = token.roles.filter((role) => holds(may.roles, role))
  const state = token.expires <= now ? 'expired' : effectiveState(key, now)
  return { state, key: { ...may, roles }, generation, token }
}

/** A key's SCRAM salt and rounds: in clear, or in older keys within the sealed secret. Null if that doesn't open. */
export const shownOf = async (vault: Vault, key: CheckedKey): Promise<ScramParameters | null> =>
  key.scram === null
    ? ((await openSecret(vault, key, key.secret))?.verifier ?? null)
    : fromFacts(key.scram)

/** Opens a sealed secret of a key; null if it was moved, altered, or its data key shredded. */
export const openSecret = (vault: Vault, key: CheckedKey, secret: SealedSecret) =>
  openBy(openVerifier, vault, key, secret)

// ---------------------------------------------------------------------------------------------

const openBy = async <V>(
  open: (sealed: Uint8Array, of: Generation, keys: DataKeys) => V | null,
  vault: Vault,
  { tenant, n }: CheckedKey,
  { sealed, generation, dataKey }: SealedSecret,
): Promise<{ keys: DataKeys; verifier: V } | null> => {
  const keys = await vault.keys(tenant, dataKey)
  const verifier = keys && open(sealed, { tenant, n, generation }, keys)
  return keys && verifier && { keys, verifier }
}

const evaluate = async (
  deps: Deps,
  presented: Presented,
  key: CheckedKey | null,
): Promise<Verdict> => {
  if ('generation' in presented) return evaluateToken(presented, key, deps.now())
  const { vault, now } = deps
  const digest = digestOf(presented.secret)
  const fingerprint = fingerprintOf(digest)
  // A key that isn't there takes as long as one whose secret is another.
  if (key === null) {
    timingSafeEqual(DECOY.fingerprint, fingerprint)
    return UNKNOWN
  }
  for (const kept of secretsOf(key, now())) {
    if (kept.fingerprint && !timingSafeEqual(kept.fingerprint, fingerprint)) continue
    const open = await openBy(openHash, vault, key, kept)
    if (open !== null && verifySecret(open.verifier, presented.secret, digest, open.keys))
      // The clock is read after the proof: a key that expired meanwhile is expired.
      return {
        state: effectiveState(key, now()),
        key: keyBy(key, kept),
        generation: kept.generation,
        token: null,
      }
  }
  return UNKNOWN
}
