/** Keys that were sent in clear: anyone on the way has read them. */
import { Fault } from '../domain/fault.ts'
import type { Parts } from '../parts.ts'
import type { Verdict } from './check.ts'
import { revokeKey } from './issue.ts'

/** Revokes a good key that came over an unencrypted connection (docs/design.md §4). @returns true if so. */
export const revokeIfExposed = async (
  service: Pick<Parts, 'env' | 'keys' | 'sessions' | 'metrics' | 'now'>,
  verdict: Verdict,
  { secure, address }: { secure: boolean; address: string },
): Promise<boolean> => {
  if (secure || service.env.KEYHARBOR_ALLOW_INSECURE || verdict.state === 'unknown') return false
  if (verdict.state === 'expired' || verdict.state === 'revoked') return false
  const { key } = verdict
  const actor = {
    username: key.username ?? '',
    keyId: key.id,
    address,
    authority: null,
    maker: null,
  }
  try {
    await revokeKey(service, { ref: key, actor, cause: 'insecure' })
  } catch (error) {
    // Deleted since it was checked: nothing is left to revoke.
    const code = error instanceof Fault ? error.code : null
    // The same request again revokes it, if it isn't.
    if (code === 'OUTCOME_UNKNOWN') throw new Fault('UNAVAILABLE', {}, { cause: error })
    if (code !== 'INVALID') throw error
  }
  return true
}
