/**
 * The authority of a call. Each change is one transaction with a condition on the call's session, so that a call
 * whose session has ended changes nothing. The write that names the authority, mostly the audit entry, brings the
 * condition in.
 */
import type { Patience } from '../domain/retry.ts'
import type { Conflict } from './transact.ts'
import type { ItemKey, Write } from './write.ts'

/** All of the writes or none. */
export type Transact<K extends ItemKey = ItemKey> = <L extends string>(
  writes: readonly Write<L, K>[],
  patience?: Patience,
) => Promise<Conflict<L> | null>

/** The same transactions, with the condition of the authority that one of the writes names. */
export const underAuthority =
  (transact: Transact): Transact =>
  async <L extends string>(writes: readonly Write<L>[], patience?: Patience) => {
    const by = writes.find((write) => write.by)?.by
    if (!by) return transact(writes, patience)
    for (;;) {
      const held = await by.hold()
      // This condition comes first: a caller whose session ended learns of no other conflict.
      const conflict = await transact<L | 'SESSION_ENDED'>([held.write, ...writes], patience)
      // A reused copy may be gone while its session holds: try with a new one, which confirms the session.
      if (conflict?.reason === 'SESSION_ENDED' && conflict.old === null && !held.isNew) continue
      if (conflict?.reason === 'SESSION_ENDED') throw held.refusal(conflict.old)
      held.release()
      if (conflict === null) by.onChange?.()
      return conflict as Conflict<L> | null
    }
  }
