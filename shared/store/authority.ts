/**
 * By what a call acts. What it changes stands in one transaction with a condition on its session, so that a call
 * whose session ended since it was judged changes nothing. The condition comes in with the audit entry, or with
 * any other write that names the authority.
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
      // First of all: who is no more in hears nothing of what else stood against it.
      const lost = await transact<L | 'SESSION_ENDED'>([held.write, ...writes], patience)
      // An older copy that is gone says nothing of the session: a new one is made, which asks.
      if (lost?.lost === 'SESSION_ENDED' && lost.old === null && !held.isNew) continue
      if (lost?.lost === 'SESSION_ENDED') throw held.refusal(lost.old)
      held.release()
      if (lost === null) by.onChange?.()
      return lost as Lost<L> | null
    }
  }
