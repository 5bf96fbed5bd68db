/**
 * The authority of a call. Each change is one transaction with a condition on the call's session, so that a call
 * whose session has ended changes nothing. The write that names the authority, mostly the audit entry, brings the
 * condition in.
 */
import type { Patience } from '../domain/retry.ts'
import type { Lost } from './transact.ts'
import type { Key, Write } from './write.ts'

/** All of the writes or none. */
export type Transact<K extends Key = Key> = <L extends string>(
  writes: readonly Write<L, K>[],
  patience?: Patience,
) => Promise<Lost<L> | null>

/** The same transactions, with the condition of the authority that one of the writes names. */
export const underAuthority =
  (transact: Transact): Transact =>
  async <L extends string>(writes: readonly Write<L>[], patience?: Patience) => {
    const by = writes.find((write) => write.by)?.by
    if (!by) return transact(writes, patience)
    for (;;) {
      const held = await by.hold()
      // This condition comes first: a caller whose session ended learns of no other conflict.
      const lost = await transact<L | 'SESSION_ENDED'>([held.write, ...writes], patience)
      // A reused copy may be gone while its session holds: try with a new one, which confirms the session.
      if (lost?.lost === 'SESSION_ENDED' && lost.old === null && !held.isNew) continue
      if (lost?.lost === 'SESSION_ENDED') throw held.refusal(lost.old)
      held.release()
      if (lost === null) by.onChange?.()
      return lost as Lost<L> | null
    }
  }
