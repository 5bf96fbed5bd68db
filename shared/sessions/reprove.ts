/**
 * Proves a user anew in an open session, which may be stolen: a change of one's own second factor takes what a login
 * takes, one of the password takes the old one. They count as tries of the account's logins.
 */

import { afterCode } from '../crypto/second-factor.ts'
import { Fault, invalid } from '../domain/fault.ts'
import type { Secret } from '../domain/secret.ts'
import type { Parts } from '../parts.ts'
import type { User } from '../store/users.ts'
import { judgePassword } from './judge-password.ts'
import type { Try } from './tries.ts'

type Deps = Parameters<typeof judgePassword>[0] & Pick<Parts, 'vault'>

export type Proof = {
  readonly password: Secret | null
  /** A code of the second factor that is in force, or a recovery code. */
  readonly otp_token: Secret | null
}

/** Who proves themselves: a user as read, and the network address from which. */
export type Prover = { readonly user: User; readonly address: string }

/**
 * @param at the parameter that holds the proof, for error texts.
 * @throws Fault INVALID for a proof that is missing or wrong, TOO_MANY_TRIES.
 */
export const reprove = async (
  deps: Deps,
  { user, address }: Prover,
  { password, otp_token }: Proof,
  at: string,
): Promise<void> => {
  const { secondFactor } = user
  if (password === null) throw invalid([`${at}.password`, ASK.password])
  if (secondFactor !== null && otp_token === null) throw invalid([`${at}.otp_token`, ASK.otp_token])
  const attempt = await tryPassword(deps, { user, address }, password, `${at}.password`)
  if (secondFactor !== null && otp_token !== null) {
    const keys = await deps.vault.keys(user.tenant, secondFactor.dataKey)
    if (keys === null || afterCode(user, secondFactor, keys, otp_token, deps.now()) === null)
      throw invalid([`${at}.otp_token`, 'Incorrect code'])
  }
  await attempt.giveBack()
}

/**
 * The same by the password alone.
 * @param at the parameter that is the password.
 */
export const provePassword = async (
  deps: Deps,
  prover: Prover,
  password: Secret,
  at: string,
): Promise<void> => {
  await (await tryPassword(deps, prover, password, at)).giveBack()
}

// ---------------------------------------------------------------------------------------------

const ASK = {
  password: 'A session alone does not change its second factor: give your password',
  otp_token:
    'A session alone does not change its second factor: give a code of the present one, or a recovery code',
} as const

/** @returns the try that it took, for a password that is right. */
const tryPassword = async (
  deps: Deps,
  { user, address }: Prover,
  password: Secret,
  at: string,
): Promise<Try> => {
  // A user without a password, such as a service's, costs no hash.
  if (user.password === null) throw invalid([at, 'Incorrect password'])
  const account = { tenant: user.tenant, username: user.username }
  const { tries } = await deps.tries.read(account)
  try {
    const named = { account, user, tries }
    const { attempt, right } = await judgePassword(deps, named, password, address)
    if (right) return attempt
  } catch (error) {
    throw inSession(error, deps.now())
  }
  throw invalid([at, 'Incorrect password'])
}

/** Names the limit, since the caller is logged in. */
const inSession = (error: unknown, now: number): unknown => {
  if (!(error instanceof Fault) || error.code !== 'RATE_LIMITED') return error
  const seconds = error.retryAfterSeconds ?? 0
  const next = new Date(now + seconds * 1000).toISOString()
  return new Fault('TOO_MANY_TRIES', { next }, { retryAfterSeconds: seconds })
}
