/** What users prove themselves by, in a login or in an open session. Each password takes a try of its account, and some 60 ms
 * and 32 MiB: few are judged at the same time. */
import { afterCode } from '../crypto/second-factor.ts'
import { Fault, invalid } from '../domain/fault.ts'
import type { Secret } from '../domain/secret.ts'
import type { Parts } from '../parts.ts'
import type { User } from '../store/user-items.ts'
import { beginTry, type Named, type Try } from './tries.ts'

type Judging = Parameters<typeof beginTry>[0] & Pick<Parts, 'passwords' | 'passwordSlots'>

/** How long a client is told to wait if the process has too many passwords to judge. */
const FULL_SECONDS = 5

/** @throws Fault RATE_LIMITED where the account has no try left, or the process too much to do. */
export const judgePassword = async (
  deps: Judging,
  named: Named,
  password: Secret,
  address: string,
): Promise<{ attempt: Try; right: boolean }> => {
  const take = await beginTry(deps, named, address)
  const judged = await deps.passwordSlots.run(async () => {
    const attempt = await take()
    return { attempt, right: await deps.passwords.check(password, named.user?.password ?? null) }
  })
  if (judged !== null) return judged
  deps.metrics.add('RateLimited')
  throw new Fault('RATE_LIMITED', {}, { retryAfterSeconds: FULL_SECONDS })
}

type Deps = Judging & Pick<Parts, 'vault'>

export type Proof = {
  readonly password: Secret | null
  /** A code of the second factor that is in force, or a recovery code. */
  readonly otp_token: Secret | null
}

/** Who proves themselves: a user as read, and the network address from which. */
export type Prover = { readonly user: User; readonly address: string }

/**
 * Proves a user anew in an open session, which may be stolen: a change of one's own second factor takes what a login takes.
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
 * The same by the password alone, for a change of it.
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
