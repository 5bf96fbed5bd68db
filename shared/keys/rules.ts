/** What a key's state means for holders of its secrets: pure rules over the key as it was read. */
import { stateAt } from '../domain/lifecycle.ts'
import { under } from '../domain/roles.ts'
import type { CheckedKey, SealedSecret } from '../store/key-items.ts'

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
export const endOf = (key: CheckedKey, generation: number): number =>
  Math.min(
    key.expires ?? Infinity,
    key.former?.generation === generation ? key.former.until : Infinity,
  )
