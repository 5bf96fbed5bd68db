/** What the holder of a secret may do to it by holding it: end it (RFC 7009). */

import { stateAt } from '../domain/lifecycle.ts'
import type { Parts } from '../parts.ts'
import type { Actor } from '../store/audit.ts'
import type { CheckedKey } from '../store/key-items.ts'
import type { Verdict } from './check.ts'
import { endSessionsOfKey, insist } from './ends.ts'

const REASON = 'Revoked by its holder'

/**
 * Ends a secret that was proven: revokes its key, or ends a previous secret alone, so that an old copy can't end the
 * secret that replaced it.
 * @param address where the holder is, for the audit.
 */
export const endHeld = async (
  service: Pick<Parts, 'keys' | 'sessions' | 'now'>,
  verdict: Exclude<Verdict, { state: 'unknown' }>,
  address: string,
): Promise<void> => {
  const { username, id } = verdict.key
  const actor = { username: username ?? '', keyId: id, address, authority: null, maker: null }
  const key = await insist(async () => {
    const [found] = await service.keys.forCheck([verdict.key])
    const ended = !found || (await endIn(service, found, verdict.generation, actor))
    return ended ? { done: found ?? verdict.key } : null
  })
  // Sessions of the secret that is left go on, if there is one.
  const isOver = stateAt(key, service.now()) === 'revoked' || key.generation === verdict.generation
  await endSessionsOfKey(service, key, isOver ? undefined : { ...key, former: null })
}

// ---------------------------------------------------------------------------------------------

/** @returns whether the secret has ended. */
const endIn = async (
  { keys, now }: Pick<Parts, 'keys' | 'now'>,
  key: CheckedKey,
  generation: number,
  actor: Actor,
): Promise<boolean> => {
  const at = now()
  if (key.former?.generation === generation) {
    const deed = { event: 'key.grace.end', at, actor } as const
    return (await keys.change(key, { former: null }, deed)) === null
  }
  if (key.generation !== generation || stateAt(key, at) === 'revoked') return true
  const revoked = { at, cause: 'asked', reason: REASON } as const
  return (await keys.revoke(key, revoked, actor, generation)) === null
}
