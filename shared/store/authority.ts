/**
 * By what a call acts. What it changes stands in one transaction with a condition on its session, so that a call
 * whose session ended since it was judged changes nothing. The condition comes in with the audit entry, or with
 * any other write that names the authority.
 */
import type { Fault } from '../domain/fault.ts'
import type { Lost, Patience } from './db.ts'
import type { Item, Write } from './write.ts'

/** What a transaction holds of an authority: no other has the same item at the same time. */
export type Held = {
  readonly write: Write<'SESSION_ENDED'>
  /** Whether what it hangs on was read for this very transaction. */
  readonly isNew: boolean
  /** Called when the transaction is over for certain; never after a failure that leaves that open. */
  readonly release: () => void
  /** What the call is refused with. @param old the item that the condition met, null where there was none. */
  readonly refusal: (old: Item | null) => Fault
}

/** @throws Fault from `hold` where the session doesn't hold any more. */
export type Authority = {
  readonly hold: () => Promise<Held>
  /** Hears that something was changed by it. */
  readonly onChange?: () => void
}

type Transact = <L extends string>(
  writes: readonly Write<L>[],
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
