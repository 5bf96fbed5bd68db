/** What the holder of a secret may do to it by holding it: end it (RFC 7009). */
import { Fault } from '../fault.ts'
import type { Checks } from '../service.ts'
import type { CheckedKey } from '../store/key-items.ts'
import type { KeyChange } from '../store/keys.ts'
import type { Verdict } from './check.ts'
import { stateAt } from './lifecycle.ts'

const REASON = 'Revoked by its holder'
/** How often it is tried again when it met another change of the same key. */
const TRIES = 6

/**
 * Ends a secret that was proven: the key with it, or, if it is the former one of a reset, that secret
 * alone, so that an old copy can't end what came after it.
 * @param address where the holder is, for the audit.
 */
export const endHeld = async (
  service: Checks,
  verdict: Exclude<Verdict, { state: 'unknown' }>,
  address: string,
): Promise<void> => {
  const { username, id } = verdict.key
  const actor = { username: username ?? '', keyId: id, address, authority: null }
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const [key] = await service.keys.forCheck([verdict.key])
    const at = service.now()
    const ending = key ? endingOf(key, verdict.generation, at) : null
    if (!key || ending === null) return
    const event = ending.revoked ? 'key.revoke.asked' : 'key.grace.end'
    if ((await service.keys.change(key, ending, { event, at, actor })) === null) return
  }
  throw new Fault('UNAVAILABLE')
}

// ---------------------------------------------------------------------------------------------

/** The change that ends a secret as the key is now, or null if it has ended already. */
const endingOf = (key: CheckedKey, generation: number, at: number): KeyChange | null => {
  if (key.former?.generation === generation) return { former: null }
  if (key.generation !== generation || stateAt(key, at) === 'revoked') return null
  return { revoked: { at, cause: 'asked', reason: REASON }, former: null }
}
