/** The second factor of password logins: time-based one-time codes (RFC 6238), by `otpauth`. */
import { Secret as OtpSecret, TOTP } from 'otpauth'
import { seal, unseal } from '../crypto/seal.ts'
import type { Secret } from '../crypto/secret.ts'
import type { DataKeys } from '../crypto/vault.ts'
import type { SecondFactor, User } from '../store/users.ts'

export const DEFAULTS = { digits: 6, interval: 30 } as const

/** Steps before and after the present one that are accepted: clocks differ. */
const WINDOW = 1

type Whose = Pick<User, 'tenant' | 'uid' | 'username'>

/** Makes a new secret, sealed for this user. */
export const newSecondFactor = (
  user: Whose,
  { digits, interval }: { digits: number; interval: number },
  keys: DataKeys,
  dataKey: number,
): SecondFactor => {
  const bytes = new OtpSecret({ size: 20 }).bytes
  return { sealed: seal(keys.seal, belongsTo(user), bytes), dataKey, digits, interval, lastStep: 0 }
}

/** The `otpauth://` address that an authenticator app reads. Shows the secret. */
export const provisioningUri = (user: Whose, factor: SecondFactor, keys: DataKeys): string | null =>
  totp(user, factor, keys)?.toString() ?? null

/** @returns the time step of the code, or null for a wrong code and for one used before. */
export const checkCode = (
  user: Whose,
  factor: SecondFactor,
  keys: DataKeys,
  code: Secret,
  now: number,
): number | null => {
  const device = totp(user, factor, keys)
  const delta = device?.validate({ token: code.reveal(), timestamp: now, window: WINDOW }) ?? null
  if (device === null || delta === null) return null
  const step = device.counter({ timestamp: now }) + delta
  return step > factor.lastStep ? step : null
}

// ---------------------------------------------------------------------------------------------

const belongsTo = ({ tenant, uid }: Whose): string => `totp|${tenant}|${uid}`

const totp = (user: Whose, factor: SecondFactor, keys: DataKeys): TOTP | null => {
  const bytes = unseal(keys.seal, belongsTo(user), factor.sealed)
  if (bytes === null) return null
  const secret = new OtpSecret({ buffer: new Uint8Array(bytes).buffer })
  const { digits, interval: period } = factor
  return new TOTP({ issuer: 'Keyharbor', label: user.username, secret, digits, period })
}
