/**
 * The life of a key, as pure rules (docs/design.md §2).
 *
 *   create ──▶ active ──(expires passes)──▶ expired ──(sweep marks)──▶ expired, marked
 *                │  ▲                          │ new expiry
 *         revoke │  └──────── reset ───────────┴── reset needs a new expiry first
 *                ▼              ▲
 *             revoked ──────────┘                    delete ends any state
 */

/** Why a key was revoked: by somebody, by use over plain http, by the clock, with its user. */
export type RevocationCause = 'asked' | 'insecure' | 'expired' | 'no-user'
export type Revocation = {
  readonly at: number
  readonly cause: RevocationCause
  readonly reason: string
}

/** Texts that clients see in `revoked_reason` (docs/protocol/keys.md §4.7, §4.9; docs/design.md §4). */
export const REASON = {
  asked: 'Revoked',
  insecure: 'Attempt to use over an insecure transport',
  expired: 'Key expired',
  'no-user': 'User does not exist',
} as const satisfies Record<RevocationCause, string>

/** What decides a key's state. Times are milliseconds since the epoch. */
export type Lifetime = { readonly expires: number | null; readonly revoked: Revocation | null }

export type KeyState = 'active' | 'expired' | 'revoked'

/** The state at an instant. A key expires at the very millisecond that `expires` names. */
export const stateAt = ({ expires, revoked }: Lifetime, now: number): KeyState => {
  if (revoked !== null && revoked.cause !== 'expired') return 'revoked'
  if (revoked !== null || (expires !== null && expires <= now)) return 'expired'
  return 'active'
}

/** The old secret after a reset with a grace period: good until then, never past the key's expiry. */
export const graceEnd = (now: number, seconds: number, expires: number | null): number =>
  Math.min(now + seconds * 1000, expires ?? Number.POSITIVE_INFINITY)

/** When the sweep has to look at a key next: its expiry, or the end of a grace period before it. */
export const nextVisit = (lifetime: Lifetime, graceUntil: number | null): number | null => {
  if (lifetime.revoked !== null) return null
  const due = Math.min(lifetime.expires ?? Infinity, graceUntil ?? Infinity)
  return due === Infinity ? null : due
}

/** A revocation after a change of expiry: only one by expiry is lifted. */
export const revocationAfterNewExpiry = (
  revoked: Revocation | null,
  expires: number | null,
  now: number,
): Revocation | null =>
  revoked?.cause === 'expired' && (expires === null || expires > now) ? null : revoked
