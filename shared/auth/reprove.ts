/**
 * Proving oneself anew in a session that is open: it may be a stolen one, so a change of the own second factor
 * takes what a login takes, and one of the password the old one. Tries are counted for the account.
 */
import type { Secret } from '../crypto/secret.ts'
import { Fault, invalid } from '../fault.ts'
import type { Service } from '../service.ts'
import type { User } from '../store/users.ts'
import { checkPassword } from './password.ts'
import { afterCode } from './second-factor.ts'

type Deps = Pick<Service, 'users' | 'vault' | 'now'>

export type Proof = {
  readonly password: Secret | null
  /** A code of the second factor that is in force, or a recovery code. */
  readonly otp_token: Secret | null
}

/** Tries of an account in {@link TRIES_MS}. */
export const TRIES = 5
const TRIES_MS = 3_600_000

/**
 * @param at the parameter that holds the proof, for what is said of it.
 * @returns the user as they are after the try was counted: what is changed next is changed of that one.
 * @throws Fault INVALID for a proof that is missing or wrong, TOO_MANY_TRIES, USER_CHANGED.
 */
export const reprove = async (
  deps: Deps,
  user: User,
  { password, otp_token }: Proof,
  at: string,
): Promise<User> => {
  const { secondFactor } = user
  if (password === null) throw invalid([`${at}.password`, ASK.password])
  if (secondFactor !== null && otp_token === null) throw invalid([`${at}.otp_token`, ASK.otp_token])
  const tried = await provePassword(deps, user, password, `${at}.password`)
  if (secondFactor === null || otp_token === null) return tried
  const keys = await deps.vault.keys(user.tenant, secondFactor.dataKey)
  if (keys === null || afterCode(user, secondFactor, keys, otp_token, deps.now()) === null)
    throw invalid([`${at}.otp_token`, 'Incorrect code'])
  return tried
}

/**
 * The same by the password alone.
 * @param at the parameter that is the password.
 */
export const provePassword = async (
  { users, now }: Deps,
  user: User,
  password: Secret,
  at: string,
): Promise<User> => {
  // Who has none, such as a service's user, needs no hash to be told so.
  if (user.password === null) throw invalid([at, 'Incorrect password'])
  const time = now()
  const before = user.tries !== null && user.tries.until > time ? user.tries : null
  if (before !== null && before.count >= TRIES)
    throw new Fault('TOO_MANY_TRIES', { most: TRIES, next: new Date(before.until).toISOString() })
  const { count, until } = before ?? { count: 0, until: time + TRIES_MS }
  const tried = await users.countTry(user, { count: count + 1, until })
  if (tried === null) throw new Fault('USER_CHANGED', { username: user.username })
  if (!(await checkPassword(password, user.password))) throw invalid([at, 'Incorrect password'])
  return tried
}

// ---------------------------------------------------------------------------------------------

const ASK = {
  password: 'A session alone does not change its second factor: give your password',
  otp_token:
    'A session alone does not change its second factor: give a code of the present one, or a recovery code',
} as const
