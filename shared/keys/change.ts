/** Changes keys and deletes them: applies the rules of `rules.ts` to the table, under conditions. */
import { toFacts } from '../crypto/salt.ts'
import { Fault, invalid, missing } from '../domain/fault.ts'
import { idOf, type KeyRef } from '../domain/key.ts'
import { revocationAfterNewExpiry } from '../domain/lifecycle.ts'
import { assertCanGrant } from '../domain/permissions.ts'
import { attempts } from '../domain/retry.ts'
import type { Parts } from '../parts.ts'
import type { Actor } from '../store/audit.ts'
import type { CheckedKey, KeyChange, ListedKey } from '../store/key-items.ts'
import type { Once } from '../store/once.ts'
import type { User } from '../store/user-items.ts'
import type { IssuedKey, KeyParts } from './create.ts'
import { afterMark, endSessionsOfKey, INSISTING } from './ends.ts'
import { leftBehind, newSecret } from './new-secret.ts'
import { type Change, readForChange } from './revoke.ts'
import { brokenRules, isRevokedSince, outlives, previousSecretAfter } from './rules.ts'

/** What `api_key.update` may ask for. Times in milliseconds, the grace period in seconds. */
export type KeyUpdate = Omit<
  KeyChange,
  'username' | 'revoked' | 'secret' | 'scram' | 'former' | 'owner'
> & {
  readonly reset: boolean
  readonly graceSeconds: number
}

/** Renames a key, changes its expiry, resets it, in one transaction, which is tried again while others change the key
 * or its user. @returns the key as it is then. @throws Fault MATCH_NOT_FOUND where there is none, another fault than its
 * siblings' (docs/protocol/keys.md §4.4, step 2); OUTCOME_UNKNOWN where it can't be read then, or is gone. */
export const updateKey = async (
  service: KeyParts & Pick<Parts, 'sessions' | 'users'>,
  {
    ref,
    actor,
    update,
    began = service.now(),
    once,
  }: Change & {
    readonly update: KeyUpdate
    /** When the call came in. */
    readonly began?: number
    readonly once?: Once | undefined
  },
): Promise<{ key: ListedKey; issued: IssuedKey | null }> => {
  const { reset, graceSeconds, ...asked } = update
  let first: CheckedKey | null = null
  for await (const _ of attempts(INSISTING)) {
    const key = await readForChange(service, ref, actor)
    if (key === null) throw new Fault('MATCH_NOT_FOUND')
    const now = service.now()
    const { name = key.name, ...others } = asked
    const { expires = key.expires } = others
    const holder = await service.keys.nameTaken(key.tenant, name)
    const broken = brokenRules('api_key_update', { n: key.n, expires }, holder, service.now())
    if (broken.length > 0) throw invalid(...broken)
    first ??= key
    if (reset && first.generation !== key.generation) throw new Fault('RESET_TWICE')
    // A reset would bring back a key that was revoked during the call.
    if (reset && isRevokedSince(key, first, began)) throw new Fault('REVOKED_MEANWHILE')
    const issued = reset ? await newSecret(service, key, actor) : null
    const former = previousSecretAfter(key, graceSeconds, expires, now)
    const to: KeyChange = {
      ...others,
      ...(name !== key.name && { name }),
      revoked: reset ? null : revocationAfterNewExpiry(key.revoked, expires, now),
      ...(issued !== null && { secret: issued.secret, scram: toFacts(issued.scram), former }),
      // A longer life hands out the user's roles anew, as a new secret does.
      ...((issued !== null || outlives(expires, key.expires)) && {
        owner: await ownerOf(service, key, actor),
      }),
    }
    const event = reset ? 'key.reset' : 'key.update'
    const conflict = await service.keys.change(key, to, { event, at: now, actor, once })
    if (conflict?.reason === 'REPEATED') throw new Fault('UNAVAILABLE')
    if (conflict?.reason === 'NAME_TAKEN') throw invalid(['api_key_update', 'name must be unique'])
    if (conflict !== null) continue
    if (issued !== null)
      await endSessionsOfKey(service, key, { generation: issued.secret.generation, former })
    const after = await readChanged(service, ref)
    return { key: after, issued: issued && { key: after, raw: issued.raw, scram: issued.scram } }
  }
  throw new Fault('UNAVAILABLE')
}

/** A key after a change of it, as it is now: not all that is answered was held by the change, and no transaction tells
 * what it wrote. @throws Fault OUTCOME_UNKNOWN where it can't be read then, or is gone. */
export const readChanged = (service: Pick<Parts, 'keys'>, ref: KeyRef): Promise<ListedKey> =>
  afterMark(async () => {
    const [key] = await service.keys.byNumbers(ref.tenant, [ref.n])
    if (key === undefined) throw missing('ApiKey', idOf(ref))
    return key
  })

/** Deletes a key. @param kind what there must be: any key, or a device's. */
export const deleteKey = async (
  service: Pick<Parts, 'keys' | 'sessions' | 'vault' | 'scramIterations' | 'now'>,
  { ref, actor, kind = 'ApiKey' }: Change & { readonly kind?: 'ApiKey' | 'Device' },
): Promise<void> => {
  for await (const _ of attempts(INSISTING)) {
    const key = await readForChange(service, ref, actor)
    if (key === null || (kind === 'Device' && !key.device)) throw missing(kind, idOf(ref))
    const scram = await leftBehind(service, key)
    const deed = { at: service.now(), actor, scram }
    if ((await service.keys.remove(key, deed)) === null) return endSessionsOfKey(service, key)
  }
  throw new Fault('UNAVAILABLE')
}

// ---------------------------------------------------------------------------------------------

/** A key's user, whose roles a new secret or a longer life hands out. @throws Fault INVALID where they are gone,
 * ROLES_BEYOND_YOURS */
const ownerOf = async (
  { users }: Pick<Parts, 'users'>,
  key: CheckedKey,
  { maker }: Actor,
): Promise<User> => {
  const user = await users.get(key.tenant, key.username ?? '')
  if (user === null || user.uid !== key.uid || user.deleted)
    throw invalid(['api_key_update', 'User does not exist.'])
  if (maker !== null && maker.uid !== user.uid) assertCanGrant(maker, user.roles)
  return user
}
