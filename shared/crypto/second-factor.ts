/** The second factor of password logins: time-based one-time codes (RFC 6238), by `otpauth`; and recovery codes. */
import { Secret as OtpSecret, TOTP } from 'otpauth'
import type { Secret } from '../domain/secret.ts'
import { recoveryLeft } from './recovery.ts'
import { seal, unseal } from './seal.ts'
import type { DataKeys } from './vault.ts'

export const DEFAULTS = { digits: 6, interval: 30 } as const

/** How long a new secret waits for its first code. */
const PENDING_MS = 3_600_000

/** Steps before and after the present one that are accepted: clocks differ. */
const WINDOW = 1

/** A second factor: the secret is sealed under the tenant's data key. */
export type SecondFactor = {
  readonly sealed: Uint8Array
  readonly dataKey: number
  readonly digits: number
  readonly interval: number
  /** Time step of the last code that was accepted: none is good twice. */
  readonly lastStep: number
  /** Keyed hashes of the recovery codes that are left; none of factors from before there were any. */
  readonly recovery?: readonly string[]
}

/** A second factor that isn't confirmed by a code yet, and not in force. */
export type PendingFactor = Pick<SecondFactor, 'sealed' | 'dataKey' | 'digits' | 'interval'> & {
  readonly until: number
}

type Whose = { readonly tenant: number; readonly uid: number; readonly username: string }
type Sealed = Pick<SecondFactor, 'sealed' | 'digits' | 'interval'>

/** Makes a new secret, sealed for this user. It is in force once a code of it was given. */
export const newSecondFactor = (
  user: Whose,
  { digits, interval }: { digits: number; interval: number },
  { keys, dataKey }: { keys: DataKeys; dataKey: number },
  now: number,
): PendingFactor => {
  const bytes = new OtpSecret({ size: 20 }).bytes
  const sealed = seal(keys.seal, belongsTo(user), bytes)
  return { sealed, dataKey, digits, interval, until: now + PENDING_MS }
}

/** The `otpauth://` address that an authenticator app reads. Shows the secret. */
export const provisioningUri = (user: Whose, factor: Sealed, keys: DataKeys): string | null =>
  totp(user, factor, keys)?.toString() ?? null

/** @returns the time step of the code, or null for a wrong one. */
export const stepOf = (
  user: Whose,
  factor: Sealed,
  keys: DataKeys,
  code: Secret,
  now: number,
): number | null => {
  const device = totp(user, factor, keys)
  const delta = device?.validate({ token: code.reveal(), timestamp: now, window: WINDOW }) ?? null
  return device === null || delta === null ? null : device.counter({ timestamp: now }) + delta
}

/** Judges a code of the app, or a recovery code. @returns the factor once it is used up; null for a wrong code and
 * for one that was used before. */
export const afterCode = (
  user: Whose,
  factor: SecondFactor,
  keys: DataKeys,
  code: Secret,
  now: number,
): SecondFactor | null => {
  const step = stepOf(user, factor, keys, code, now)
  if (step !== null) return step > factor.lastStep ? { ...factor, lastStep: step } : null
  const recovery = recoveryLeft(user, factor.recovery ?? [], keys, code)
  return recovery && { ...factor, recovery }
}

// ---------------------------------------------------------------------------------------------

const belongsTo = ({ tenant, uid }: Whose): string => `totp|${tenant}|${uid}`

const totp = (user: Whose, factor: Sealed, keys: DataKeys): TOTP | null => {
  const bytes = unseal(keys.seal, belongsTo(user), factor.sealed)
  if (bytes === null) return null
  const secret = new OtpSecret({ buffer: new Uint8Array(bytes).buffer })
  const { digits, interval: period } = factor
  return new TOTP({ issuer: 'Keyharbor', label: user.username, secret, digits, period })
}
