/** Judges passwords. Each takes a try of its account, and some 60 ms and 32 MiB: few are judged at the same time. */

import { Fault } from '../domain/fault.ts'
import type { Secret } from '../domain/secret.ts'
import type { Parts } from '../parts.ts'
import { beginTry, type Named, type Try } from './tries.ts'

type Deps = Parameters<typeof beginTry>[0] & Pick<Parts, 'passwords' | 'passwordSlots'>

/** How long a client is told to wait if the process has too many passwords to judge. */
const FULL_SECONDS = 5

/** @throws Fault RATE_LIMITED where the account has no try left, or the process too much to do. */
export const judgePassword = async (
  deps: Deps,
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
