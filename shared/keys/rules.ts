/** What a key's state means for holders of its secrets, and what a change makes of it: rules over the key as it was read. */
import { graceEnd, stateAt } from '../domain/lifecycle.ts'
import { under } from '../domain/roles.ts'
import type { CheckedKey, PreviousSecret, SealedSecret } from '../store/key-items.ts'

/** The effective state of a key: its own, or that of its user or tenant. */
export type EffectiveState = 'active' | 'expired' | 'revoked' | 'locked' | 'suspended'

/** The state of a key whose secret was proven; a locked user's keys are all locked, a suspended tenant's suspended. */
export const effectiveState = (key: CheckedKey, now: number): EffectiveState => {
  const state = stateAt(key, now)
  if (state !== 'active') return state
  if (key.suspended) return 'suspended'
  return key.locked ? 'locked' : 'active'
}

/** A key with the rights of one of its secrets: the user's roles under that secret's ceiling. */
export const keyBy = (key: CheckedKey, { ceiling }: SealedSecret): CheckedKey =>
  ceiling === null ? key : { ...key, roles: under(ceiling, key.roles) }

/** The secrets of a key that may be good now: the current one, and the previous one during its grace. */
export const secretsOf = (key: CheckedKey, now: number): SealedSecret[] => [
  key.secret,
  ...(key.former !== null && now < key.former.until ? [key.former] : []),
]

/**
 * When a secret of a key ends, in milliseconds since the epoch: with the key, or with its grace if it is the
 * previous one. Infinity if it never does.
 */
export const keyEnd = (key: CheckedKey, generation: number): number =>
  Math.min(
    key.expires ?? Infinity,
    key.former?.generation === generation ? key.former.until : Infinity,
  )

/** Whether a key was revoked after the call began, or after the call first read it. */
export const isRevokedSince = (key: CheckedKey, first: CheckedKey, began: number): boolean => {
  const isEnded = key.revoked !== null && key.revoked.cause !== 'expired'
  return isEnded && (key.revoked.at !== first.revoked?.at || key.revoked.at > began)
}

/** Whether a new expiry lets a key live longer. */
export const outlives = (expires: number | null, before: number | null): boolean =>
  before !== null && (expires === null || expires > before)

/**
 * Which rules of docs/protocol/keys.md §4.4 a key's name and expiry break, in their order and words.
 * @param n its number, null for a new one. @param holder number of the key that has the name, if one does.
 */
export const brokenRules = (
  attribute: 'api_key_create' | 'api_key_update',
  { n, expires }: { readonly n: number | null; readonly expires: number | null },
  holder: number | null,
  now: number,
): [string, string][] => {
  const broken: [string, string][] = []
  if (holder !== null && holder !== n) broken.push([attribute, 'name must be unique'])
  if (expires !== null && expires <= now) broken.push([attribute, 'Expiration date is in the past'])
  return broken
}

/** The previous secret after a reset with a grace period. A reset revives none, so it must have been good until now. */
export const previousSecretAfter = (
  key: CheckedKey,
  graceSeconds: number,
  expires: number | null,
  now: number,
): PreviousSecret | null =>
  graceSeconds > 0 && stateAt(key, now) === 'active'
    ? { ...key.secret, until: graceEnd(now, graceSeconds, expires) }
    : null
