/** Makes keys. */
import { toFacts } from '../crypto/salt.ts'
import type { ScramVerifier } from '../crypto/scram.ts'
import { Fault, invalid } from '../domain/fault.ts'
import { idOf } from '../domain/key.ts'
import type { Secret } from '../domain/secret.ts'
import type { Parts } from '../parts.ts'
import { type Actor, ceilingFor, SERVICE } from '../store/audit.ts'
import type { Enrolment } from '../store/devices.ts'
import type { KeyFacts, ListedKey, NewKey } from '../store/key-items.ts'
import type { Once } from '../store/once.ts'
import type { User } from '../store/user-items.ts'
import { afterMark } from './ends.ts'
import { currentDataKey, makeSecret, ownParameters } from './new-secret.ts'

/** A key that was made or reset, with what is shown this once. */
export type IssuedKey = {
  readonly key: ListedKey
  readonly raw: Secret
  readonly scram: ScramVerifier & { readonly clientKey: Buffer }
}

/** What making a secret needs, and the table of keys. */
export type KeyParts = Pick<Parts, 'keys' | 'vault' | 'scramIterations' | 'now' | 'tenants'>

/** What is said of a key that is to be made: all but what follows from its making and its owner. */
type Asked = Omit<
  NewKey,
  'n' | 'id' | 'username' | 'uid' | 'local' | 'createdAt' | 'device' | 'secret' | 'scram'
> & {
  /** As read when the caller was allowed to make a key for them. */
  readonly owner: User
  readonly actor: Actor
  /** Makes it a device's key, and uses up an invitation: refused if that is gone. */
  readonly enrolment?: Enrolment
  readonly once?: Once | undefined
}

/** Makes a key. @throws Fault INVALID if another key has taken the name or the owner is gone, ENROLMENT_REFUSED as it
 * says, OUTCOME_UNKNOWN where the key was made and its owner could not be read again. */
export const createKey = async (
  service: KeyParts & Pick<Parts, 'users'>,
  { owner, actor, enrolment, once, ...asked }: Asked,
): Promise<IssuedKey> => {
  const { tenant } = asked
  const [n, dataKey] = await Promise.all([
    service.tenants.next(tenant, 'keys'),
    currentDataKey(service, tenant),
  ])
  const id = idOf({ tenant, n })
  const of = { tenant, n, generation: 1 }
  const ceiling = enrolment ? null : ceilingFor(actor, owner.uid)
  const parameters = await ownParameters(service, id)
  const made = await makeSecret(service, of, { dataKey, ceiling, parameters })
  const { username, uid, local } = owner
  const key: NewKey = {
    ...asked,
    n,
    id,
    username,
    uid,
    local,
    createdAt: service.now(),
    device: enrolment !== undefined,
    secret: made.secret,
    scram: toFacts(made.scram),
  }
  const after = await service.keys.add(key, owner, actor, enrolment, once)
  if ('reason' in after) {
    // The client never sees this fault: `doOnce` finds what the other call did.
    if (after.reason === 'REPEATED') throw new Fault('UNAVAILABLE')
    if (after.reason === 'NOT_INVITED') throw new Fault('ENROLMENT_REFUSED')
    throw invalid([enrolment ? 'device_enroll' : 'api_key_create', 'name must be unique'])
  }
  if (!(await followOwner(service, after, owner, once)))
    throw enrolment
      ? new Fault('ENROLMENT_REFUSED')
      : invalid(['api_key_create', 'User does not exist.'])
  return { ...made, key: after, raw: made.raw }
}

// ---------------------------------------------------------------------------------------------

/**
 * Updates a new key to its owner's present rights. It was put with the owner as read before, without a condition, on which all
 * creates for one owner would conflict. A change of the owner after this read finds the key; one before it may have
 * listed the keys already. If this is cut short, nobody has the secret, and only a reset gives one.
 * @param before the owner as the key has them.
 * @returns false if the owner is gone, and the key with them. @throws Fault OUTCOME_UNKNOWN where they can't be read.
 */
const followOwner = async (
  service: Pick<Parts, 'users' | 'keys' | 'now'>,
  key: KeyFacts,
  before: User,
  once: Once | undefined,
): Promise<boolean> =>
  afterMark(async () => {
    const now = await service.users.get(key.tenant, before.username)
    if (now === null || now.uid !== before.uid || now.deleted) {
      // Refused if the key was renamed: then it stays, but nobody has its secret, and no reset gives it another.
      await service.keys.remove(key, { at: service.now(), actor: SERVICE, once })
      return false
    }
    if (now.version !== before.version) await service.keys.copyOwner(key, now)
    return true
  })
