/** Revokes keys: because somebody asks, because they were sent in clear, because their holder says so (RFC 7009). */
import { Fault, missing } from '../domain/fault.ts'
import { idOf, type KeyRef } from '../domain/key.ts'
import { REASON, stateAt } from '../domain/lifecycle.ts'
import { assertCanManageKey } from '../domain/permissions.ts'
import { attempts } from '../domain/retry.ts'
import type { Parts } from '../parts.ts'
import { type Actor, byProof } from '../store/audit.ts'
import type { CheckedKey } from '../store/key-items.ts'
import type { EndedBy } from '../store/keys.ts'
import type { Verdict } from './check.ts'
import { endSessionsOfKey, INSISTING } from './ends.ts'

/** Which key is changed, and by whom: each attempt checks that they may. */
export type Change = { readonly ref: KeyRef; readonly actor: Actor }

/** Revokes a key; one that is revoked already stays as it is. */
export const revokeKey = async (
  service: Pick<Parts, 'keys' | 'sessions' | 'metrics' | 'now'>,
  { ref, actor, cause, reason }: Change & { cause: EndedBy; reason?: string | undefined },
): Promise<void> => {
  for await (const _ of attempts(INSISTING)) {
    const key = await readForChange(service, ref, actor)
    if (key === null) throw missing('ApiKey', idOf(ref))
    const at = service.now()
    const already = stateAt(key, at) === 'revoked'
    // Stryker disable next-line OptionalChaining: a key that is revoked says by what.
    if (!already || (cause === 'no-user' && key.revoked?.cause !== 'no-user')) {
      const revoked = { at, cause, reason: reason ?? REASON[cause] }
      if ((await service.keys.revoke(key, revoked, actor)) !== null) continue
      if (cause === 'insecure') service.metrics.add('KeyExposed')
    }
    return endSessionsOfKey(service, key)
  }
  throw new Fault('UNAVAILABLE')
}

/** Revokes a good key that came over an unencrypted connection, where anyone on the way has read it (docs/design.md §4).
 * @returns true if so. */
export const revokeIfExposed = async (
  service: Pick<Parts, 'env' | 'keys' | 'sessions' | 'metrics' | 'now'>,
  verdict: Verdict,
  { secure, address }: { secure: boolean; address: string },
): Promise<boolean> => {
  if (secure || service.env.KEYHARBOR_ALLOW_INSECURE || verdict.state === 'unknown') return false
  if (verdict.state === 'expired' || verdict.state === 'revoked') return false
  const { key } = verdict
  const actor = byProof({ username: key.username ?? '', keyId: key.id, address })
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
  const actor = byProof({ username: username ?? '', keyId: id, address })
  for await (const _ of attempts(INSISTING)) {
    const [found] = await service.keys.forCheck([verdict.key])
    if (found && !(await endIn(service, found, verdict.generation, actor))) continue
    const key = found ?? verdict.key
    // Sessions of the secret that is left go on, if there is one.
    const isOver =
      stateAt(key, service.now()) === 'revoked' || key.generation === verdict.generation
    return endSessionsOfKey(service, key, isOver ? undefined : { ...key, former: null })
  }
  throw new Fault('UNAVAILABLE')
}

/** A key for a change, as it is now; null if there is none. @throws Fault NOT_YOUR_KEYS */
export const readForChange = async (
  { keys }: Pick<Parts, 'keys'>,
  ref: KeyRef,
  { maker }: Actor,
): Promise<CheckedKey | null> => {
  const [key = null] = await keys.forCheck([ref])
  if (key !== null && maker !== null) assertCanManageKey(maker, key)
  return key
}

// ---------------------------------------------------------------------------------------------

const BY_HOLDER = 'Revoked by its holder'

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
  const revoked = { at, cause: 'asked', reason: BY_HOLDER } as const
  return (await keys.revoke(key, revoked, actor, generation)) === null
}
